"""Makes diagnoses in both languages, their versions, and runs with steps."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from wagtail.models import Locale

from core.i18n import normal_language
from diagnosis.actions import keep_version
from diagnosis.models import DiagnosisIndexPage, DiagnosisPage, DiagnosisRun, DiagnosisVersion, RunStep
from diagnosis.tree import UNSURE, Answer, Node, Tree
from tests.factories.kb import items, page_tree

WORDS = {
    "zh-hans": {
        "title": "洗衣机不排水",
        "summary": "三个问题找到不排水的原因。",
        "hum": ("排水时听得到水泵嗡嗡响吗？", "<p>按“单脱水”，把耳朵贴近机身下方。</p>", "响说明水泵有电，多半是堵了。"),
        "hose": ("排水管有没有打折或冻住？", "<p>从机器后面一直看到地漏。</p>", "打折的管子排不出水。"),
        "yes": "有声音",
        "no": "没有声音",
        "bent": "打折或冻住了",
        "free": "是通的",
        "filter": ("清理排水泵过滤器", "<p>照着指南做，大约十分钟。</p>"),
        "pump": ("排水泵要换", "<p>水泵不转，需要换新的。</p>"),
        "visit": ("请工程师上门", "<p>这种情况需要上门检查。</p>"),
        "water": ("水已经漏到插座：马上停", "<p>不要碰机器，先拉下总闸。</p>"),
        "leak": ("机器旁边的地上有水吗？", "", "水和电在一起会触电。"),
        "wet": "有，流到插座附近",
        "dry": "没有",
    },
    "en": {
        "title": "The washing machine does not drain",
        "summary": "Three questions find out why the water stays.",
        "hum": (
            "Can you hear the pump hum while draining?",
            "<p>Choose “spin only” and listen low at the front.</p>",
            "A hum means the pump has power.",
        ),
        "hose": ("Is the drain hose bent or frozen?", "<p>Follow it from the machine to the drain.</p>", "A bent hose lets no water out."),
        "yes": "Yes, it hums",
        "no": "No sound",
        "bent": "Bent or frozen",
        "free": "It is free",
        "filter": ("Clean the pump filter", "<p>Follow the guide; it takes about ten minutes.</p>"),
        "pump": ("The drain pump has to be replaced", "<p>The pump does not turn.</p>"),
        "visit": ("An engineer has to look at it", "<p>This has to be checked at your home.</p>"),
        "water": ("Water has reached the socket: stop", "<p>Do not touch the machine. Switch the mains off first.</p>"),
        "leak": ("Is there water on the floor beside the machine?", "", "Water and electricity together are dangerous."),
        "wet": "Yes, near the socket",
        "dry": "No",
    },
}
PHONE = "400-800-0000"
PUMP = "DP-P9"


def small_tree(language: str = "zh-hans", *, guide_key: str = "") -> Tree:
    """Return a sound tree of three questions and four outcomes in a language; the guide's key may be left open."""
    say = WORDS[language]

    def question(key: str, answers: tuple[Answer, ...], unsure_to: str) -> Node:
        title, text, why = say[key]
        return Node(key, "question", title, text=text, why=why, answers=answers, unsure_to=unsure_to)

    def outcome(key: str, kind: str, **fields: Any) -> Node:
        title, text = say[key]
        return Node(key, "outcome", title, text=text, outcome=kind, **fields)

    nodes = [
        question("leak", (Answer("wet", say["wet"], "water"), Answer("dry", say["dry"], "hum")), "hum"),
        question("hum", (Answer("yes", say["yes"], "hose"), Answer("no", say["no"], "pump")), "hose"),
        question("hose", (Answer("bent", say["bent"], "filter"), Answer("free", say["free"], "filter")), "visit"),
        outcome("filter", "solved_guide", guide_key=guide_key or str(uuid.uuid4())),
        outcome("pump", "needs_part", part=PUMP),
        outcome("visit", "needs_visit"),
        outcome("water", "danger", phone=PHONE),
    ]
    return Tree(start="leak", nodes={node.key: node for node in nodes})


def outline_of(tree: Tree, *, guide: Any = None) -> list[dict[str, Any]]:
    """Return a tree as the CMS saves it; `guide` is the page its solved outcomes name."""
    return [{"type": node.kind, "id": _id(node.key), "value": _value(node, guide)} for node in tree.nodes.values()]


def _id(name: str) -> str:
    """Return the same block id for the same node in both languages, as a translation has it."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def _value(node: Node, guide: Any) -> dict[str, Any]:
    shared = {
        "key": node.key,
        "title": node.title,
        "text": node.text,
        "safety": node.safety,
        "picture": node.picture,
        "picture_alt": node.picture_alt,
    }
    if node.is_question:
        answers = items([{"key": answer.key, "text": answer.text, "note": answer.note, "to": answer.to} for answer in node.answers])
        for item, answer in zip(answers, node.answers, strict=True):
            item["id"] = _id(f"{node.key}.{answer.key}")
        return {**shared, "why": node.why, "answers": answers, "unsure_to": node.unsure_to}
    page = guide.pk if guide is not None and node.outcome == "solved_guide" else None
    return {**shared, "outcome": node.outcome, "guide": page, "part": node.part, "phone": node.phone}


def diagnosis_indexes() -> dict[str, DiagnosisIndexPage]:
    """Create the shipped lists where there are none and return language → list."""
    from diagnosis.defaults import load_defaults

    page_tree()
    if not DiagnosisIndexPage.objects.exists():
        load_defaults()
    return {page.locale.language_code: page for page in DiagnosisIndexPage.objects.select_related("locale")}


def make_diagnosis(
    *,
    language: str = "zh-hans",
    live: bool = True,
    tree: Tree | None = None,
    guide: Any = None,
    translation_of: DiagnosisPage | None = None,
    by: Any = None,
    families: Any = (),
    models: Any = (),
    codes: Any = (),
    **fields: Any,
) -> DiagnosisPage:
    """Create a diagnosis below the shipped list; `live` publishes it through a revision and so makes a version.

    Args:
        tree: instead of the small one.
        guide: the page that solved outcomes name; a published guide is made where there is none.
        translation_of: the page in the other language.
    """
    from tests.factories.kb import make_guide
    from tests.factories.products import PartFactory

    index = diagnosis_indexes()[language]
    PartFactory._meta.model.objects.get_or_create(number=PUMP, defaults={"name_zh_hans": "排水泵", "name_en": "Drain pump"})
    guide = guide or make_guide(language="zh-hans")
    tree = tree if tree is not None else small_tree(language)
    fields.setdefault("title", WORDS[language]["title"])
    fields.setdefault("summary", WORDS[language]["summary"])
    fields.setdefault("slug", translation_of.slug if translation_of else f"diagnosis-{uuid.uuid4().hex[:8]}")
    if translation_of is not None:
        fields["translation_key"] = translation_of.translation_key
    page = DiagnosisPage(
        outline=outline_of(tree, guide=guide), locale=Locale.objects.get(language_code=language), live=False, owner=by, **fields
    )
    index.add_child(instance=page)
    page.families.set(families)
    page.product_models.set(models)
    page.error_codes.set(codes)
    revision = page.save_revision(user=by)
    if live:
        revision.publish()
    return DiagnosisPage.objects.get(pk=page.pk)


def version_of(page: DiagnosisPage) -> DiagnosisVersion:
    """Return the version that holds what the page says now."""
    return keep_version(page)


def make_run(
    version: DiagnosisVersion,
    answers: list[tuple[str, str]] | None = None,
    *,
    solved: bool | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> DiagnosisRun:
    """Create a run with one step an answer, ten seconds apart; it has ended when the answers lead to an outcome.

    Args:
        answers: (node key, answer key) in order; `("hum", UNSURE)` for “not sure”.
        at: when it began; now by default.
    """
    began = at or timezone.now()
    answers = answers or []
    here = version.tree.node(version.tree.walk(answers))
    ended = here is not None and not here.is_question
    run = DiagnosisRun.objects.create(
        version=version,
        language=normal_language(version.language),
        state=DiagnosisRun.State.ENDED if ended else DiagnosisRun.State.OPEN,
        outcome_node=here.key if here is not None and ended else "",
        solved=solved,
        started_at=began,
        last_at=began + timedelta(seconds=10 * len(answers)),
        **fields,
    )
    RunStep.objects.bulk_create(
        RunStep(run=run, position=place, node_key=node, answer_key=answer, at=began + timedelta(seconds=10 * (place + 1)))
        for place, (node, answer) in enumerate(answers)
    )
    return run


__all__ = ["UNSURE", "diagnosis_indexes", "make_diagnosis", "make_run", "outline_of", "small_tree", "version_of"]
