"""Reads of guided diagnosis: pages that are live, the version to start with, what fits a code or a machine, and the runs."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page, ReferenceIndex

from core.errors import NotFound
from core.files import attachments_by_subject
from core.i18n import normal_language
from core.models import Attachment
from diagnosis import walk
from diagnosis.models import DiagnosisIndexPage, DiagnosisPage, DiagnosisRun, DiagnosisVersion
from diagnosis.models.runs import CODE_LENGTH
from diagnosis.tree import UNSURE, Node, Tree, shape
from diagnosis.walk import Given
from kb.models import GuidePage
from products.models import ErrorCode, ProductFamily, ProductModel

FITTING = 3


def live_diagnoses(language: str) -> QuerySet[DiagnosisPage]:
    """Return the published diagnoses of one language that everybody may see."""
    return DiagnosisPage.objects.live().public().filter(locale__language_code=normal_language(language))


def diagnoses_listed(language: str, *, family: str = "") -> QuerySet[DiagnosisPage]:
    """Return the diagnoses of the list page, most used first; an unknown family's slug gives none."""
    pages = live_diagnoses(language)
    if family:
        pages = pages.filter(Q(families__slug=family) | Q(product_models__family__slug=family)).distinct()
    return pages.select_related("picture", "locale").prefetch_related("families").order_by("-popularity", "title")


def index_for(language: str) -> DiagnosisIndexPage | None:
    """Return the published list page of a language."""
    return DiagnosisIndexPage.objects.live().filter(locale__language_code=normal_language(language)).first()


def diagnosis_page(slug: str, language: str) -> DiagnosisPage | None:
    """Return the published diagnosis with this address in a language, or None."""
    return live_diagnoses(language).filter(slug=slug).select_related("locale", "picture").first()


def current_version(page: DiagnosisPage) -> DiagnosisVersion | None:
    """Return the version that a new run of a published page starts with."""
    return (
        DiagnosisVersion.objects.filter(translation_key=page.translation_key, language=normal_language(page.locale.language_code))
        .order_by("-number")
        .first()
    )


def translations_of(page: DiagnosisPage) -> list[DiagnosisPage]:
    """Return the published language versions of a diagnosis, itself included when it is published."""
    return list(DiagnosisPage.objects.live().public().filter(translation_key=page.translation_key).select_related("locale"))


def diagnosis_for(
    *,
    code: ErrorCode | None = None,
    model: ProductModel | None = None,
    family: ProductFamily | None = None,
    language: str | None = None,
    limit: int = FITTING,
) -> list[DiagnosisPage]:
    """Return the published diagnoses that fit, best first: those about the code, then about the model, then about the family.

    Args:
        code: only diagnoses that name this code (of its family, and of `model` where they name models).
        model: diagnoses that name the model, or its family without naming any model.
        family: diagnoses that name the family or one of its models.
        language: of the pages; by default the one in force.
        limit: how many at most.
    """
    wanted = _fits(code, model, family)
    if wanted is None:
        return []
    pages = live_diagnoses(language or get_language() or "").filter(wanted)
    named = Count("product_models", filter=Q(product_models=model) if model is not None else None, distinct=True)
    order = "-named" if model is not None else "named"
    return list(pages.annotate(named=named).order_by(order, "-popularity", "title").select_related("locale").distinct()[:limit])


def _fits(code: ErrorCode | None, model: ProductModel | None, family: ProductFamily | None) -> Q | None:
    of_model: Any = None
    if model is not None:
        of_model = Q(product_models=model) | Q(product_models__isnull=True, families=model.family_id)
    if code is not None:
        return Q(error_codes=code) & (Q(product_models=model) | Q(product_models__isnull=True) if model is not None else Q())
    if of_model is not None:
        return of_model
    if family is not None:
        return Q(families=family) | Q(product_models__family=family)
    return None


def about_query(*, unit: Any = None, model: Any = None, family: Any = None) -> str:
    """Return the part of an address that says what a diagnosis is about, `?…` or empty: the machine, else the model, else the family."""
    if unit is not None:
        return f"?unit={unit.code}"
    if model is not None:
        return f"?model={model.slug}"
    return f"?family={family.slug}" if family is not None else ""


def code_diagnosis(key: str, *, model: Any = None, unit: Any = None) -> str:
    """Return the address of the best diagnosis of an error code with what it is about; empty where none is published.

    Args:
        key: of the code's card, `code:<family>:<code>`; anything else gives nothing. A dangerous code has none: there one stops.
        model, unit: the machine, where it is known; one of another family is left out.
    """
    kind, _colon, rest = key.partition(":")
    slug, _colon, normal = rest.partition(":")
    if kind != "code":
        return ""
    rows = ErrorCode.objects.filter(family__slug=slug, code_normal=normal, is_active=True, family__is_active=True)
    code = rows.exclude(severity=ErrorCode.Severity.DANGER).select_related("family").first()
    if code is None:
        return ""
    unit = unit if unit is not None and unit.model.family_id == code.family_id else None
    model = unit.model if unit is not None else model if model is not None and model.family_id == code.family_id else None
    pages = diagnosis_for(code=code, model=model, limit=1)
    return f"{pages[0].url or ''}{about_query(unit=unit, model=model, family=code.family)}" if pages else ""


def diagnoses_of_guide(guide: GuidePage, *, limit: int = FITTING) -> list[DiagnosisPage]:
    """Return the published diagnoses in a guide's language that lead to it, or that are about one of its error codes."""
    same_guide = [str(pk) for pk in GuidePage.objects.filter(translation_key=guide.translation_key).values_list("pk", flat=True)]
    naming = ReferenceIndex.objects.filter(
        to_content_type=ContentType.objects.get_for_model(Page),
        to_object_id__in=same_guide,
        base_content_type=ContentType.objects.get_for_model(Page),
        content_type=ContentType.objects.get_for_model(DiagnosisPage),
    ).values_list("object_id", flat=True)
    codes = [code.pk for code in guide.error_codes.all()]
    fitting = Q(pk__in=[int(pk) for pk in naming]) | Q(error_codes__in=codes)
    pages = live_diagnoses(guide.locale.language_code).filter(fitting)
    return list(pages.select_related("locale").distinct().order_by("-popularity", "title")[:limit])


# --- Runs ---------------------------------------------------------------------------------------------------------

RUN_LIFE = timedelta(days=30)  # so long after the last answer a link still opens its run
CODE_LIFE = timedelta(days=7)  # so long after the start a short code does
VERSIONS_LOOKED_AT = 5


def diagnosis_key(version: DiagnosisVersion) -> str:
    """Return the key of a diagnosis in all its languages, as ledger and votes name it."""
    return f"diagnosis:{version.translation_key}"


def is_withdrawn(version: DiagnosisVersion) -> bool:
    """Tell whether a diagnosis was taken down or deleted; a newer version of a published page withdraws nothing."""
    return version.page is None or not version.page.live


def full_runs() -> QuerySet[DiagnosisRun]:
    """Return runs with what their pages name."""
    rows = DiagnosisRun.objects.select_related("version__page", "model__family", "family", "unit", "help_session", "user")
    return rows.prefetch_related("steps")


def get_run_for(key: str) -> DiagnosisRun:
    """Return the run with this key: whoever holds the key may see it and go on with it, nobody else. Raises NotFound, also when old."""
    run = full_runs().filter(key=key[:40], last_at__gte=timezone.now() - RUN_LIFE).first() if key else None
    if run is None:
        raise NotFound()
    return run


def get_run_by_code(typed: str) -> DiagnosisRun:
    """Return the run a short code opens, however it is typed. Raises NotFound, the same for a wrong and for an old one."""
    code = normal_code(typed)
    since = timezone.now() - CODE_LIFE
    run = full_runs().filter(code=code, started_at__gte=since).first() if len(code) == CODE_LENGTH else None
    if run is None:
        raise NotFound()
    return run


def normal_code(typed: str) -> str:
    """Return a typed short code in its stored form: half-width, upper case, without spaces and dashes."""
    text = unicodedata.normalize("NFKC", typed or "")[:40].upper()
    return "".join(sign for sign in text if sign.isalnum())


def given_of(run: DiagnosisRun) -> list[Given]:
    """Return the answers of a run that count, in order (uses prefetched steps)."""
    steps = [step for step in run.steps.all() if step.replaced_at is None]
    return [Given(step.node_key, step.answer_key) for step in sorted(steps, key=lambda step: step.position)]


def given_before(run: DiagnosisRun, node_key: str) -> str:
    """Return what was answered last at a node, whether it counts or not; empty where nothing was."""
    steps = [step for step in run.steps.all() if step.node_key == node_key]
    return max(steps, key=lambda step: (step.replaced_at is None, step.pk)).answer_key if steps else ""


@dataclass(frozen=True)
class Shown:
    """A run's tree in the words of one language: the tree, the language it is in, its title, summary and safety text."""

    tree: Tree
    language: str
    title: str
    safety: str = ""


def shown_in(run: DiagnosisRun, language: str = "") -> Shown:
    """Return the tree of a run in `language` (by default the one in force), else in the one it began in.

    Only a version of the same shape speaks for a run: the same questions, answers and ways, so that every answer means the same.
    """
    version, wanted = run.version, normal_language(language or get_language() or "")
    if wanted != normal_language(version.language):
        rows = DiagnosisVersion.objects.filter(translation_key=version.translation_key, language=wanted).order_by("-number")
        ours = shape(version.tree)
        version = next((row for row in rows[:VERSIONS_LOOKED_AT] if shape(row.tree) == ours), version)
    return Shown(version.tree, normal_language(version.language), version.title, version.safety)


@dataclass(frozen=True)
class Answered:
    """One answer in words: the question, the answer, their keys, when, and whether it was “not sure”."""

    node_key: str
    answer_key: str
    question: str
    answer: str
    at: datetime
    unsure: bool = False


def answered(run: DiagnosisRun, shown: Shown | None = None) -> list[Answered]:
    """Return the answers of a run that count, in words and in order."""
    shown = shown or shown_in(run)
    steps = sorted((step for step in run.steps.all() if step.replaced_at is None), key=lambda step: step.position)
    unsure = _("Not sure")
    rows = []
    for step in steps:
        node = shown.tree.node(step.node_key)
        words = walk.words(node, step.answer_key, unsure=unsure)
        question = node.title if node is not None else step.node_key
        rows.append(Answered(step.node_key, step.answer_key, question, words, step.at, step.answer_key == UNSURE))
    return rows


def answers_of(run: DiagnosisRun) -> list[dict[str, Any]]:
    """Return question and answer in words, as dicts with `question`, `answer`, `node_key`, `answer_key`, `at`, `unsure`."""
    return [vars(row) for row in answered(run)]


@dataclass(frozen=True)
class RunSummary:
    """What staff read of a run: what it was about, every answer in words, where it led, what else was said and sent."""

    run: DiagnosisRun
    title: str
    language: str
    answers: list[Answered]
    outcome: Node | None
    files: list[Attachment]

    @property
    def note(self) -> str:
        """What else the person said."""
        return self.run.note

    @property
    def danger(self) -> bool:
        """Whether it stopped at a danger."""
        return self.outcome is not None and self.outcome.outcome == "danger"


def run_summary(run: DiagnosisRun, *, files: Iterable[Attachment] | None = None) -> RunSummary:
    """Return what staff read of a run; `files` are its photos where the caller has them already."""
    shown = shown_in(run)
    found = list(files) if files is not None else attachments_by_subject([run]).get(str(run.pk), [])
    outcome = shown.tree.node(run.outcome_node) if run.outcome_node else None
    return RunSummary(run, shown.title, shown.language, answered(run, shown), outcome, found)


def runs_of_session(session: Any, *, case: str = "") -> list[RunSummary]:
    """Return the runs of a help session with at least one answer, oldest first: what stands beside a ticket, chat or repair.

    This is the only way staff come to a run: through the case they may see. `case` is its reference: a run that was handed over to it
    later belongs to it, whatever attempt it was part of.
    """
    mine = Q(help_session=session) if session is not None else Q(pk__in=[])
    if case:
        mine |= Q(case_reference=case)
    if session is None and not case:
        return []
    rows = list(
        DiagnosisRun.objects.filter(mine, steps__isnull=False)
        .select_related("version", "model")
        .prefetch_related("steps")
        .distinct()
        .order_by("started_at")
    )
    files = attachments_by_subject(rows)
    return [run_summary(run, files=files.get(str(run.pk), [])) for run in rows]


def open_runs(*, user: Any = None, visitor_key: str = "", limit: int = 5) -> list[DiagnosisRun]:
    """Return the runs a person has not finished, newest first: those of the account, else those of the browser."""
    if getattr(user, "is_authenticated", False):
        who = Q(user=user)
    elif visitor_key:
        who = Q(visitor_key=visitor_key, user__isnull=True)
    else:
        return []
    rows = full_runs().filter(who, state=DiagnosisRun.State.OPEN, case_reference="", version__page__live=True)
    rows = rows.filter(last_at__gte=timezone.now() - RUN_LIFE, steps__isnull=False).distinct().order_by("-last_at")
    return list(rows[:limit])
