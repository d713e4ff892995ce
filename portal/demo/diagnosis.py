"""Loads the demo's diagnoses in both languages, and the ways people took through them in the last two months."""

import json
import random
import uuid
from datetime import datetime, timedelta
from typing import Any

import yaml
from django.utils import timezone
from django.utils.html import escape
from wagtail.log_actions import log
from wagtail.models import Locale, ReferenceIndex, Revision

from accounts.models import User
from core.models import HearthImage
from diagnosis.actions import keep_version
from diagnosis.models import DiagnosisIndexPage, DiagnosisPage, DiagnosisRun, DiagnosisVersion, RunStep
from diagnosis.models.runs import run_code
from diagnosis.tree import DANGER, SOLVED_GUIDE
from kb.models import GuidePage, HelpSession
from portal.demo.data import DATA, LANGUAGES, side
from products.models import ErrorCode, ProductFamily, ProductModel

NAMESPACE = uuid.UUID("c3a1c9d0-6f6a-4c39-9d0d-6b5a6f6d2c11")
RUNS = 64
DAYS = 56
Raw = dict[str, Any]


def diagnoses() -> list[Raw]:
    """Return every diagnosis of `data/diagnoses/`, in the order of the files."""
    found: list[Raw] = []
    for path in sorted((DATA / "diagnoses").glob("*.yaml")):
        found += yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def load_diagnoses(images: dict[str, HearthImage], *, editor: User, reviewer: User) -> int:
    """Publish every diagnosis that is not there yet, the Chinese source first; return how many pages were written."""
    existing = set(DiagnosisPage.objects.values_list("slug", "locale__language_code"))
    missing = [(row, code) for row in diagnoses() for code in LANGUAGES if (row["slug"], code) not in existing]
    if not missing:
        return 0
    indexes = {code: DiagnosisIndexPage.objects.get(locale__language_code=code) for code in LANGUAGES}
    writer = _Writer(images)
    for row, code in missing:
        page = writer.page(row, code)
        indexes[code].refresh_from_db()
        _publish(indexes[code], page, editor=editor, reviewer=reviewer, days=row["reviewed_days_ago"])
    return len(missing)


def _publish(index: DiagnosisIndexPage, page: DiagnosisPage, *, editor: User, reviewer: User, days: int) -> None:
    """Put a page online as of its review, with its version, without the signals of a change that happens now."""
    reviewed = _noon(-days)
    page.owner = editor
    page.first_published_at = page.last_published_at = reviewed
    index.add_child(instance=page)
    revision = page.save_revision(user=editor, clean=False, changed=False)
    Revision.objects.filter(pk=revision.pk).update(created_at=reviewed - timedelta(days=2))
    DiagnosisPage.objects.filter(pk=page.pk).update(live_revision=revision, has_unpublished_changes=False)
    version = keep_version(page)
    DiagnosisVersion.objects.filter(pk=version.pk).update(published_at=reviewed)
    ReferenceIndex.create_or_update_for_object(page)
    log(page, "wagtail.publish", user=reviewer, revision=revision)


class _Writer:
    """What diagnoses refer to, looked up once."""

    def __init__(self, images: dict[str, HearthImage]) -> None:
        self.images = images
        self.locales = {code: Locale.objects.get(language_code=code) for code in LANGUAGES}
        self.families = {family.slug: family for family in ProductFamily.objects.all()}
        self.models = {model.number: model for model in ProductModel.objects.all()}
        self.codes = list(ErrorCode.objects.select_related("family"))
        self.guides = {(page.slug, page.locale.language_code): page.pk for page in GuidePage.objects.select_related("locale")}

    def page(self, row: Raw, language: str) -> DiagnosisPage:
        """Return the unsaved page of a diagnosis in a language; the block ids are the same in both."""
        half = side(language)
        family = self.families[row["family"]]
        key = DiagnosisPage.objects.filter(slug=row["slug"]).values_list("translation_key", flat=True).first()
        page = DiagnosisPage(
            title=row["title"][half],
            slug=row["slug"],
            locale=self.locales[language],
            translation_key=key or uuid.uuid5(NAMESPACE, row["slug"]),
            summary=row["summary"][half],
            safety=_rich(row["safety"][half]),
            minutes=row["minutes"],
            keywords="\n".join(row["keywords"][half].split() if half == 0 else [row["keywords"][half]]),
            popularity=row["popular"],
            picture=family.picture,
            reviewed_on=_noon(-row["reviewed_days_ago"]).date(),
            review_due_on=_noon(365 - row["reviewed_days_ago"]).date(),
            significance=DiagnosisPage.Significance.TYPO,
            search_description=row["summary"][half],
            outline=json.dumps([self._node(row["slug"], node, language) for node in row["nodes"]], ensure_ascii=False),
            live=True,
        )
        page.families = [family]
        page.product_models = [self.models[number] for number in row.get("models", [])]
        wanted = {str(code) for code in row.get("codes", [])}
        page.error_codes = [code for code in self.codes if code.family_id == family.pk and code.code in wanted]
        return page

    def _node(self, slug: str, node: Raw, language: str) -> Raw:
        half = side(language)
        key = node.get("q") or node["end"]
        picture = self.images.get(node.get("image", ""))
        value = {
            "key": key,
            "title": node["title"][half],
            "text": _rich(node["text"][half]) if "text" in node else "",
            "safety": node["safety"][half] if "safety" in node else "",
            "picture": picture.pk if picture else None,
            "picture_alt": node["alt"][half] if "alt" in node else "",
        }
        if "q" in node:
            answers = [self._answer(slug, key, answer, half) for answer in node["answers"]]
            more: Raw = {"answers": answers, "unsure_to": node["unsure"], "why": node["why"][half] if "why" in node else ""}
        else:
            guide = self.guides.get((node["guide"], language)) if "guide" in node else None
            more = {"outcome": node["kind"], "guide": guide, "part": node.get("part", ""), "phone": node.get("phone", "")}
        return {"type": "question" if "q" in node else "outcome", "id": _id(slug, key), "value": {**value, **more}}

    def _answer(self, slug: str, key: str, answer: list[str], half: int) -> Raw:
        name, *words, to = answer[:4]
        note = answer[4 + half] if len(answer) > 4 else ""
        return {"type": "item", "id": _id(slug, key, name), "value": {"key": name, "text": words[half], "note": note, "to": to}}


def load_runs(*, now: datetime | None = None) -> int:
    """Let people walk through the published diagnoses in the last weeks, unless somebody has; return how many did."""
    if DiagnosisRun.objects.exists():
        return 0
    now = now or timezone.now()
    dice = random.Random(20260301)
    versions = list(DiagnosisVersion.objects.select_related("page").prefetch_related("page__families", "page__product_models"))
    if not versions:
        return 0
    weights = [(1 + version.page.popularity if version.page else 1) * (3 if version.language == "zh-hans" else 1) for version in versions]
    made = [_walked(version, dice, now) for version in dice.choices(versions, weights=weights, k=RUNS)]
    HelpSession.objects.bulk_create([session for session, _run, _steps in made])
    DiagnosisRun.objects.bulk_create([run for _session, run, _steps in made])
    RunStep.objects.bulk_create([step for _session, _run, steps in made for step in steps])
    return len(made)


def _walked(version: DiagnosisVersion, dice: random.Random, now: datetime) -> tuple[HelpSession, DiagnosisRun, list[RunStep]]:
    """Return one person's way: mostly the first answers, sometimes “not sure”, now and then given up."""
    began = now - timedelta(days=dice.uniform(0.2, DAYS), minutes=dice.randrange(600))
    tree = version.tree
    page = version.page
    family = page.families.all()[0] if page and page.families.all() else None
    models = list(page.product_models.all()) if page else []
    model = dice.choice(models) if models and dice.random() < 0.6 else None
    session = HelpSession(
        visitor_key=f"demo-run-{dice.randrange(10**9)}",
        language=version.language,
        family=family,
        model=model,
        started_at=began,
        last_at=began,
    )
    run = DiagnosisRun(
        version=version,
        help_session=session,
        visitor_key=session.visitor_key,
        family=family,
        model=model,
        language=version.language,
        code=run_code(),
        started_at=began,
    )
    steps: list[RunStep] = []
    here, at = tree.start, began
    while tree.nodes[here].is_question:
        if steps and dice.random() < 0.07:
            break
        ways = list(tree.nodes[here].ways())
        weights = [1.2 if tree.nodes[to].outcome == DANGER else 6.0 for _key, to in ways]
        weights[-1] = 1.6  # “not sure”
        answer, to = dice.choices(ways, weights=weights)[0]
        at += timedelta(seconds=dice.randrange(9, 70))
        steps.append(RunStep(run=run, position=len(steps), node_key=here, answer_key=answer, at=at))
        here = to
    _end(run, session, dice, here, at)
    return session, run, steps


def _end(run: DiagnosisRun, session: HelpSession, dice: random.Random, here: str, at: datetime) -> None:
    """Write how it ended: solved and stayed so, solved and came back, or on to a person."""
    run.last_at = session.last_at = at
    node = run.version.tree.nodes[here]
    if node.is_question:
        return
    run.state, run.outcome_node = DiagnosisRun.State.ENDED, here
    luck = dice.random()
    if node.outcome == SOLVED_GUIDE and luck < 0.72:
        run.solved = True
        session.outcome, session.outcome_at = HelpSession.Outcome.SOLVED, at
        if luck < 0.09:
            session.outcome, session.contact_days, session.contact_channel = HelpSession.Outcome.FAILED, dice.randrange(1, 7), "ticket"
    elif luck < 0.9:
        run.solved = False
        session.outcome, session.outcome_at = HelpSession.Outcome.ESCALATED, at


def _rich(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _id(*parts: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "/".join(parts)))


def _noon(days: int) -> datetime:
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=days)
