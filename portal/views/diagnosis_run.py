"""The pages of one run: the question now, an earlier one to change, the outcome, the way to a person. The key lets in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Conflict, DomainError, InvalidInput, LimitReached, NotFound
from core.guard import limit
from core.visitors import known_visitor_key
from diagnosis import actions, walk
from diagnosis.models import DiagnosisRun
from diagnosis.queries import Shown, get_run_for, given_of, is_withdrawn, shown_in
from diagnosis.tree import DANGER, Node
from portal import diagnosis_run
from portal.chat_duty import duty_at_a_glance
from portal.chat_visitor import open_chat_of
from portal.forms_diagnosis import NoteForm
from portal.views.get_help import as_row, take_files
from portal.views.parts import not_found, unlisted
from warranty.labels import qr_svg

ANSWER_RATE = "600/h"
# Where a run can go on with a person: the name in the form → the name of the address.
ONWARD = {"repair": "portal:repair_new", "help": "portal:get_help", "chat": "chat:start"}


def closed_door(request: HttpRequest) -> HttpResponse:
    """Answer for a wrong, a foreign and an old key alike."""
    title = _("We cannot find these answers")
    return not_found(request, title=title, text=_("The link is old or incomplete. Start again; it takes a few minutes."))


def _go(run: DiagnosisRun, node_key: str = "", fragment: str = "") -> HttpResponse:
    address = reverse("diagnosis:step", args=[run.key, node_key]) if node_key else reverse("diagnosis:run", args=[run.key])
    return redirect(address + fragment)


def _user(request: HttpRequest) -> Any:
    return request.user if request.user.is_authenticated else None


@require_safe
@unlisted
def run(request: HttpRequest, key: str) -> HttpResponse:
    """Go to the question or outcome where the run stands; the address to share and to come back to."""
    try:
        found = get_run_for(key)
    except NotFound:
        return closed_door(request)
    diagnosis_run.remember(request, found)
    here = walk.standing(found.version.tree, given_of(found))
    return _go(found, here)


@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def step(request: HttpRequest, key: str, node_key: str) -> HttpResponse:
    """Show a question or the outcome; on POST take the answer and go on to where it leads."""
    try:
        found = get_run_for(key)
    except NotFound:
        return closed_door(request)
    diagnosis_run.remember(request, found)
    shown = shown_in(found)
    given = given_of(found)
    path, here = walk.follow(shown.tree, {item.node_key: item.answer_key for item in given})
    node = shown.tree.node(node_key)
    if node is None or node_key not in {here, *(item.node_key for item in path)}:
        messages.info(request, actions.MOVED)
        return _go(found, here)
    if is_withdrawn(found.version) and (node.is_question or node.outcome != DANGER):
        return _stopped(request, found, shown, withdrawn=True)
    if not node.is_question:
        return _outcome(request, found, shown, node)
    if found.is_closed:
        messages.info(request, actions.CLOSED)
        return _go(found, here) if here != node_key else _stopped(request, found, shown)
    if request.method == "POST":
        return _take(request, found, shown, node, is_now=node_key == here)
    return _question(request, found, shown, node)


def _take(request: HttpRequest, found: DiagnosisRun, shown: Shown, node: Node, *, is_now: bool) -> HttpResponse:
    given = request.POST.get("answer", "")[:40].replace("\x00", "")
    if not given:
        return _question(request, found, shown, node, problem=_("Choose an answer. “Not sure” is one, too."))
    try:
        limit(request, "diagnosis-answer", ANSWER_RATE)
        change = actions.answer(run=found, node_key=node.key, answer_key=given, by=_user(request))
    except (InvalidInput, LimitReached) as refusal:
        return _question(request, found, shown, node, problem=str(refusal.message), status=429 if refusal.status == 429 else 422)
    except Conflict as refusal:
        messages.warning(request, str(refusal.message))
        return _go(found)
    if change.changed and not is_now:
        words = walk.words(node, given, unsure=_("Not sure"))
        messages.info(request, diagnosis_run.changed_words(node.title, words, len(change.dropped)))
    return _go(found, change.here)


def _question(request: HttpRequest, found: DiagnosisRun, shown: Shown, node: Node, *, problem: str = "", status: int = 422) -> HttpResponse:
    context = {
        **diagnosis_run.base_context(request, found, shown),
        **diagnosis_run.question_context(found, shown, node),
        "problem": problem,
        "problems": [{"target": "answers_group", "text": problem}] if problem else [],
        "has_errors": bool(problem),
        "first": node.key == shown.tree.start,
        "qr": qr_svg(request.build_absolute_uri(reverse("diagnosis:run", args=[found.key]))),
    }
    return render(request, "diagnosis/question.html", context, status=status if problem else 200)


def _stopped(request: HttpRequest, found: DiagnosisRun, shown: Shown, *, withdrawn: bool = False) -> HttpResponse:
    context = {**diagnosis_run.base_context(request, found, shown), "withdrawn": withdrawn}
    context["changeable"] = context["changeable"] and not withdrawn
    return render(request, "diagnosis/stopped.html", context, status=410 if withdrawn else 200)


def _outcome(
    request: HttpRequest, found: DiagnosisRun, shown: Shown, node: Node, *, form: NoteForm | None = None, status: int = 200, **extra: Any
) -> HttpResponse:
    hits = diagnosis_run.hits_for(request, found, shown, node) if node.outcome != DANGER and not found.is_closed else []
    context = {
        **diagnosis_run.base_context(request, found, shown),
        **diagnosis_run.outcome_context(request, found, shown, node),
        "form": form or NoteForm(initial={"note": found.note}),
        "hits": hits,
        "danger": node.outcome == DANGER,
        "chat": duty_at_a_glance(request),
        "uploaded": [],
        "upload_url": reverse("site:upload"),
        "qr": qr_svg(request.build_absolute_uri(reverse("diagnosis:run", args=[found.key]))),
        **extra,
    }
    return render(request, "diagnosis/outcome.html", context, status=status)


@require_POST
@unlisted
def solved(request: HttpRequest, key: str, node_key: str) -> HttpResponse:
    """Take whether the outcome solved it."""
    try:
        found = get_run_for(key)
    except NotFound:
        return closed_door(request)
    word = request.POST.get("solved", "")
    if word not in {"yes", "no"} or found.outcome_node != node_key:
        messages.info(request, actions.MOVED)
        return _go(found)
    try:
        actions.finish_run(run=found, solved=word == "yes", by=_user(request))
    except Conflict as refusal:
        messages.warning(request, str(refusal.message))
    return _go(found, node_key, "" if word == "yes" else "#person")


@require_POST
@unlisted
def onward(request: HttpRequest, key: str, node_key: str) -> HttpResponse:
    """Keep the note and the photos, then open the form of the way that was chosen, filled in."""
    try:
        found = get_run_for(key)
    except NotFound:
        return closed_door(request)
    shown = shown_in(found)
    node = shown.tree.node(node_key)
    if node is None or found.outcome_node != node_key:
        messages.info(request, actions.MOVED)
        return _go(found)
    form = NoteForm(request.POST)
    uploaded, refused = take_files(request)
    problems = [{"target": "files_group", "text": text} for text in refused]
    try:
        if form.is_valid() and not refused:
            actions.keep_note(
                run=found,
                note=form.cleaned_data["note"],
                attachments=[item.reference for item in uploaded],
                visitor_key=known_visitor_key(request),
                by=_user(request),
            )
            where = ONWARD.get(request.POST.get("to", ""), ONWARD["help"])
            going_on = open_chat_of(request) if where == ONWARD["chat"] else None
            if going_on is not None:
                found.refresh_from_db(fields=["note"])
                diagnosis_run.into_open_chat(request, found, going_on)
                return redirect("chat:conversation", key=going_on.key)
            return redirect(f"{reverse(where)}?run={found.key}")
    except DomainError as refusal:
        problems.append({"target": "files_group", "text": str(refusal.message)})
    shown_again = {
        "uploaded": [as_row(item) for item in uploaded],
        "problems": problems,
        "refused_texts": [row["text"] for row in problems],
        "has_errors": True,
    }
    return _outcome(request, found, shown, node, form=form, status=422, **shown_again)
