"""A run of a diagnosis in a browser: what its pages show, and what goes along when a person takes over."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from chat.actions import send_message
from chat.frames import MAX_TEXT
from chat.models import ChatMessage, Conversation
from core import files
from core.brand import brand_of
from core.errors import NotFound
from core.models import Attachment
from core.visitors import known_visitor_key
from diagnosis import walk
from diagnosis.actions import hand_over
from diagnosis.models import DiagnosisPage, DiagnosisRun
from diagnosis.queries import Answered, Shown, answered, get_run_for, given_before, given_of, open_runs, shown_in
from diagnosis.tree import NEEDS_PART, Node
from fieldservice.coverage import may_see_unit, unit_for, units_of
from kb.article import Article, article_of
from kb.conditions import Reader
from kb.fit import Reading
from kb.models import GuidePage, HelpSession
from kb.queries import guide_for
from kb.subjects import guide_key
from portal import ledger, queries
from portal.suggestions import offer
from portal.views.parts import language
from products.models import Part, ProductFamily, ProductModel, Unit
from search.markets import market_of

VISITOR, FILE = ChatMessage.Sender.VISITOR, ChatMessage.Kind.FILE
GRANTS = "diagnosis_runs"
MOST_GRANTS = 20
MOST_MODELS = 60


def is_own(request: HttpRequest, run: DiagnosisRun) -> bool:
    """Tell whether a run was begun in this browser or by this account."""
    if run.user_id is not None:
        return bool(run.user_id == request.user.pk)
    key = known_visitor_key(request)
    return bool(key) and run.visitor_key == key


def remember(request: HttpRequest, run: DiagnosisRun) -> None:
    """Let this browser open the photos of a run whose link it holds, until the session ends."""
    if is_own(request, run) or run.key in request.session.get(GRANTS, []):
        return
    request.session[GRANTS] = [*request.session.get(GRANTS, []), run.key][-MOST_GRANTS:]


def may_open_run_file(request: HttpRequest, attachment: Attachment) -> bool:
    """Door of photos of a run: whoever holds its key. Staff see the copies at the case."""
    run = DiagnosisRun.objects.filter(pk=attachment.subject_id).first()
    return run is not None and (is_own(request, run) or run.key in request.session.get(GRANTS, []))


# --- What a run is about ------------------------------------------------------------------------------------------


def scope_models(page: DiagnosisPage) -> list[ProductModel]:
    """Return the shown models a diagnosis is about: the named ones, else those of its families."""
    named = list(page.product_models.values_list("slug", flat=True)[:MOST_MODELS])
    if not named:
        families = page.families.values_list("pk", flat=True)
        rows = ProductModel.objects.filter(family__in=families, is_active=True, family__is_active=True)
        named = list(rows.order_by("number").values_list("slug", flat=True)[:MOST_MODELS])
    return queries.models_by_slug(named)


def unit_in_scope(user: Any, code: str) -> Unit | None:
    """Return the person's own unit with this code, or None."""
    return unit_for(user, code[:16]) if code else None


def units_in_scope(user: Any, models: Iterable[ProductModel]) -> list[Unit]:
    """Return the person's own machines that a diagnosis may be about."""
    wanted = {model.pk for model in models}
    return [unit for unit in units_of(user) if unit.model_id in wanted][:6]


def about(request: HttpRequest, given: dict[str, str]) -> dict[str, Any]:
    """Return what is known from the page before: `unit`, `model`, `family` (each or None); what does not exist is left out."""
    unit = unit_in_scope(request.user, given.get("unit", ""))
    slug = (given.get("model") or given.get("product") or "")[:60].lower()
    found = queries.models_by_slug([slug]) if slug and unit is None else []
    model = unit.model if unit is not None else (found[0] if found else None)
    family: ProductFamily | None = model.family if model is not None else None
    if family is None and given.get("family"):
        family = queries.family_for(given["family"])
    return {"unit": unit, "model": model, "family": family}


def going_on(request: HttpRequest, page: DiagnosisPage | None = None) -> list[DiagnosisRun]:
    """Return the runs this person has not finished, of one diagnosis or of all."""
    rows = open_runs(user=request.user, visitor_key=known_visitor_key(request))
    return [run for run in rows if page is None or run.version.translation_key == page.translation_key]


# --- What a page of a run shows -----------------------------------------------------------------------------------


def base_context(request: HttpRequest, run: DiagnosisRun, shown: Shown) -> dict[str, Any]:
    """Return what every page of a run shows: title, answers so far, the ways to go on elsewhere."""
    path = reverse("diagnosis:run", args=[run.key])
    return {
        "run": run,
        "shown": shown,
        "answers": answered(run, shown),
        "changeable": not run.is_closed,
        "foreign": shown.language != language(),
        "run_path": path,
        "run_url": request.build_absolute_uri(path),
        "code": f"{run.code[:3]} {run.code[3:]}" if run.code else "",
    }


def question_context(run: DiagnosisRun, shown: Shown, node: Node) -> dict[str, Any]:
    """Return what a question's page shows: the node, its progress, the way back, the answer given before."""
    given = given_of(run)
    here = walk.standing(shown.tree, given)
    progress = walk.progress(shown.tree, given, node.key)
    passed = progress.number - 1
    return {
        "node": node,
        "changing": node.key != here,
        "progress": progress,
        "marks": ["done"] * passed + ["now"] + [""] * progress.left,
        "back": walk.before(shown.tree, given, node.key),
        "chosen": given_before(run, node.key),
        "picture": picture_of(node),
    }


def outcome_context(request: HttpRequest, run: DiagnosisRun, shown: Shown, node: Node) -> dict[str, Any]:
    """Return what an outcome's page shows: its guide with the steps for this machine, the part, the last answer, the photos sent."""
    guide = guide_for(node.guide_key, language()) if node.guide_key else None
    given = given_of(run)
    return {
        "node": node,
        "guide": guide,
        "guide_key": guide_key(guide) if guide is not None else "",
        "article": article_for(request, run, guide) if guide is not None else None,
        "part": Part.objects.filter(number=node.part).first() if node.outcome == NEEDS_PART and node.part else None,
        "last": last_answer(run, shown),
        "back": given[-1].node_key if given else "",
        "picture": picture_of(node),
        "photos": list(files.attachments_of(run)),
    }


def last_answer(run: DiagnosisRun, shown: Shown) -> Answered | None:
    """Return the answer that led here."""
    rows = answered(run, shown)
    return rows[-1] if rows else None


def picture_of(node: Node) -> Any:
    """Return the picture of a node, or None where there is none any more."""
    if node.picture is None:
        return None
    from wagtail.images import get_image_model

    return get_image_model().objects.filter(pk=node.picture).first()


def article_for(request: HttpRequest, run: DiagnosisRun, guide: GuidePage) -> Article:
    """Return a guide's text as the machine of a run needs it: steps, warnings, pictures; what is for other machines is left out."""
    unit = own_unit_of(request, run)
    reader = Reader(
        family=run.family.slug if run.family else "",
        model=run.model.slug if run.model else "",
        market=market_of(request).market,
        serial=unit.serial if unit is not None else "",
    )
    brand = brand_of(request)
    return article_of(guide, hotline=brand.hotline if brand else "", reading=Reading(reader=reader, given=run.model is not None))


def hits_for(request: HttpRequest, run: DiagnosisRun, shown: Shown, node: Node) -> list[Any]:
    """Return at most three other answers for an outcome, by the function that serves Get help; never what is named already."""
    product = run.model.number if run.model else (run.family.slug if run.family else "")
    named = {f"guide:{node.guide_key}", f"diagnosis:{run.version.translation_key}"}
    about, unit = (run.family, run.model), own_unit_of(request, run)
    return offer(
        request, shown.title, channel=HelpSession.Channel.DIAGNOSIS, product=product, about=about, unit=unit, typed=False, without=named
    )


# --- What goes along ----------------------------------------------------------------------------------------------


def run_of(key: str) -> DiagnosisRun | None:
    """Return the run a form names by its key, or None: an old or wrong key is left out without a word."""
    try:
        return get_run_for(key) if key else None
    except NotFound:
        return None


def own_unit_of(request: HttpRequest, run: DiagnosisRun | None) -> Unit | None:
    """Return the machine of a run where the person may see it."""
    return run.unit if run is not None and may_see_unit(request.user, run.unit) else None


def initial_of_run(run: DiagnosisRun) -> dict[str, str]:
    """Return what a form need not ask: product, family, the symptom, what else was said."""
    return {
        "product": run.model.slug if run.model else "",
        "family": run.family.slug if run.family else "",
        "subject": shown_in(run).title,
        "description": run.note,
    }


def carried(run: DiagnosisRun | None) -> dict[str, Any]:
    """Return what a form shows of the run that goes along with it: title, answers in words, photos."""
    if run is None:
        return {}
    shown = shown_in(run)
    return {"carried": {"run": run, "shown": shown, "answers": answered(run, shown), "photos": list(files.attachments_of(run))}}


def session_of(request: HttpRequest, run: DiagnosisRun | None) -> HelpSession | None:
    """Return the attempt a case points down to: the run's own, so that its answers are found there, else the browser's."""
    if run is not None and run.help_session is not None:
        return run.help_session
    return ledger.current(request)


def pass_on(request: HttpRequest, run: DiagnosisRun | None, case: Any) -> None:
    """Let a request or repair have a run's answers and copies of its photos; call inside the transaction that opened it."""
    user = request.user if request.user.is_authenticated else None
    if run is not None and hand_over(run=run, reference=case.reference, help_session=case.help_session, by=user):
        files.copy_attachments(files.attachments_of(run), subject=case)


def into_chat(request: HttpRequest, run: DiagnosisRun | None, chat: Conversation) -> None:
    """Let a chat have a run's answers; its note and photos are sent as the visitor's own messages. Call inside the transaction."""
    user = request.user if request.user.is_authenticated else None
    if run is None or not hand_over(run=run, reference=chat.reference, help_session=chat.help_session, by=user):
        return
    key = known_visitor_key(request)
    if run.note:
        send_message(chat, sender=VISITOR, client_id=str(uuid.uuid4()), by=user, text=run.note)
    for item in files.copy_attachments(files.attachments_of(run), subject=None, by=user, visitor_key=key):
        number = str(uuid.uuid4())
        send_message(chat, sender=VISITOR, client_id=number, by=user, kind=FILE, attachment=item.reference, visitor_key=key)


def into_open_chat(request: HttpRequest, run: DiagnosisRun, chat: Conversation) -> None:
    """Let a chat that is going on have a run: its answers as one message of the visitor's, then note and photos; once.

    Raises Conflict (code `ended`) where the chat has ended in the meantime; nothing is passed on then.
    """
    if run.case_reference == chat.reference:
        return
    with transaction.atomic():
        user = request.user if request.user.is_authenticated else None
        send_message(chat, sender=VISITOR, client_id=str(uuid.uuid4()), by=user, text=in_words(run)[:MAX_TEXT])
        into_chat(request, run, chat)
    ledger.escalated(run.help_session, reference=chat.reference, contact=chat.contact)


def in_words(run: DiagnosisRun) -> str:
    """Return a run as a message: its title, every answer, where it led."""
    shown = shown_in(run)
    node = shown.tree.node(run.outcome_node) if run.outcome_node else None
    lines = [_("My diagnosis: %(title)s") % {"title": shown.title}]
    lines += [_("%(question)s – %(answer)s") % {"question": row.question, "answer": row.answer} for row in answered(run, shown)]
    return "\n".join([*lines, *([_("Result: %(outcome)s") % {"outcome": node.title}] if node is not None else [])])


def fault_of(run: DiagnosisRun) -> str:
    """Return a run as the fault of a repair in words: the symptom, and what else was said."""
    return "\n".join(part for part in (shown_in(run).title, run.note) if part)


def changed_words(question: str, answer: str, dropped: int) -> str:
    """Return what a changed answer did, in a sentence or two."""
    words = _("Changed: “%(question)s” is now “%(answer)s”.") % {"question": question, "answer": answer}
    return words + " " + _("Later answers that no longer fit were taken back.") if dropped else words
