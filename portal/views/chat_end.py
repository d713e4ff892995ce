"""How a chat ends for its visitor: ending, rating, passing it on as a request, keeping the transcript."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chat import actions
from chat.models import Conversation
from chat.queries.transcript import transcript_lines, transcript_text
from core.errors import DomainError, NotFound
from core.guard import limit
from portal import doors, people
from portal.chat_visitor import own_conversation
from portal.forms_chat import HandOverForm, RatingForm, TranscriptForm
from portal.views.chat import closed_door, go, in_panel, shell, show
from portal.views.parts import language, unlisted

STEP_RATE = "60/h"
MAIL_RATE = "5/h"


def _step(request: HttpRequest, key: str, work: Callable[[Conversation], HttpResponse]) -> HttpResponse:
    try:
        found = own_conversation(request, key)
    except NotFound:
        return closed_door(request)
    try:
        limit(request, "chat-step", STEP_RATE, by="visitor")
        return work(found)
    except DomainError as error:
        return show(request, own_conversation(request, key), status=error.status, problem=str(error.message))


def _user(request: HttpRequest) -> object:
    return request.user if request.user.is_authenticated else None


@require_POST
@unlisted
def end(request: HttpRequest, key: str) -> HttpResponse:
    """End the chat."""

    def work(found: Conversation) -> HttpResponse:
        actions.end_conversation(found, party="visitor", by=_user(request))
        return go(request, "chat:conversation", key)

    return _step(request, key, work)


@require_POST
@unlisted
def rating(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the rating; what is not solved is passed on next."""

    def work(found: Conversation) -> HttpResponse:
        form = RatingForm(request.POST)
        if not form.is_valid():
            return show(request, found, status=422, rating_form=form, has_errors=True, summary_form=form)
        data = form.cleaned_data
        actions.rate_conversation(found, rating=data["rating"], comment=data["comment"], solved=data["solved"], by=_user(request))
        if data["solved"] == Conversation.Solved.NO and found.ticket_id is None:
            return go(request, "chat:ticket", key)
        return go(request, "chat:conversation", key)

    return _step(request, key, work)


@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def ticket(request: HttpRequest, key: str) -> HttpResponse:
    """Pass the chat on as a request with a number: not solved, or not to be waited for. A waiting chat ends with it."""

    def work(found: Conversation) -> HttpResponse:
        member = people.contact_of(request.user)
        known = found.contact or member
        form = HandOverForm(request.POST if request.method == "POST" else None, needs_contact=known is None)
        context = {"conversation": found, "form": form, "known": known, "shell": shell(request), "panel": in_panel(request)}
        if found.ticket is not None and request.method != "POST":
            return go(request, "chat:conversation", key)
        if request.method != "POST" or not form.is_valid():
            return render(request, "chat/hand_over.html", context, status=422 if form.errors else 200)
        data = form.cleaned_data
        try:
            with transaction.atomic():
                contact = known or people.contact_for(
                    request, name=data["name"], email=data["email"], phone=data["phone"], language=language()
                )
                opened = actions.make_ticket_of(found, by=_user(request), contact=contact, note=data["note"])
                if found.status == Conversation.Status.WAITING:
                    actions.end_conversation(found, party="visitor", by=_user(request), solved="no")
        except DomainError as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, str(error.message))
            return render(request, "chat/hand_over.html", context, status=error.status)
        doors.grant(request, opened)
        if in_panel(request):
            return render(request, "chat/left.html", {"ticket": opened, "shell": shell(request)})
        return redirect("portal:help_detail", reference=opened.reference)

    return _step(request, key, work)


@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def transcript(request: HttpRequest, key: str) -> HttpResponse:
    """GET: the transcript as a text file. POST: send it by mail. Internal notes are in neither."""

    def work(found: Conversation) -> HttpResponse:
        if request.method != "POST":
            response = HttpResponse("\ufeff" + transcript_text(transcript_lines(found)), content_type="text/plain; charset=utf-8")
            response["Content-Disposition"] = f'attachment; filename="{found.reference}.txt"'
            return response
        form = TranscriptForm(request.POST)
        if not form.is_valid():
            return show(request, found, status=422, transcript_form=form, has_errors=True, summary_form=form)
        limit(request, "chat-transcript", MAIL_RATE)
        address = actions.send_transcript(found, address=form.cleaned_data["email"], by=_user(request))
        words = _("The transcript is on its way to %(address)s.") % {"address": address}
        if in_panel(request):
            return show(request, found, done=words)
        messages.success(request, words)
        return go(request, "chat:conversation", key)

    return _step(request, key, work)
