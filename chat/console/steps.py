"""The agent's steps in the console: each parses, calls one action and goes back; a refusal leaves everything typed on the page."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actions.contacts import find_or_create_contact
from chat import actions
from chat.actions import notes, offers, people, presence, transfers
from chat.console import forms
from chat.console.pages import REVEALED, show_chat
from chat.console.views import chat_view
from chat.models import Conversation
from chat.queries.console import colleagues_for, get_chat_for, get_offer_for
from core.errors import DomainError, InvalidInput
from tickets.models import CannedReply, Queue
from tickets.views.base import take_files
from tickets.views.uploads import as_rows

Work = Callable[[Conversation, dict[str, Any]], Any]


def _plain(request: HttpRequest, work: Callable[[], Any], *, back: str, to: Callable[[Any], HttpResponse]) -> HttpResponse:
    """Run a step without fields: a refusal is a message on the page one came from."""
    try:
        result = work()
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect("chatdesk:chat", reference=back) if back else redirect("chatdesk:console")
    return to(result)


def _to_chat(chat: Conversation) -> HttpResponse:
    return redirect("chatdesk:chat", reference=chat.reference)


def _step(request: HttpRequest, reference: str, name: str, form: Any, work: Work, **extra: Any) -> HttpResponse:
    """Run a step with fields: an invalid form or a refusal draws the page again with the form as typed."""
    chat = get_chat_for(request.user, reference)
    status = 400
    if form.is_valid():
        try:
            work(chat, form.cleaned_data)
        except DomainError as error:
            field = getattr(error, "field", "") or ""
            form.add_error(
                {"note": "words"}.get(field, field) if {"note": "words"}.get(field, field) in form.fields else None, str(error.message)
            )
            status = error.status
        else:
            return _to_chat(chat)
    chat = get_chat_for(request.user, reference)
    return show_chat(request, chat, status=status, **{f"{name}_form": form, "form": form, "open_form": name, **extra})


@require_POST
@chat_view
def state(request: HttpRequest) -> HttpResponse:
    """Say that one is available, or away and why."""
    form = forms.StateForm(request.POST)
    if form.is_valid():
        try:
            presence.set_state(request.user, **form.cleaned_data)
        except DomainError as error:
            messages.error(request, str(error.message))
    back = request.POST.get("back", "")[:24]
    return redirect("chatdesk:chat", reference=back) if back else redirect("chatdesk:console")


@require_POST
@chat_view
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept an offer: the chat opens; too late is said in words."""
    offer = get_offer_for(request.user, pk)
    return _plain(request, lambda: offers.accept_offer(offer, by=request.user), back="", to=_to_chat)


@require_POST
@chat_view
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an offer pass."""
    offer = get_offer_for(request.user, pk)
    back = request.POST.get("back", "")[:24]
    there = redirect("chatdesk:chat", reference=back) if back else redirect("chatdesk:console")
    return _plain(request, lambda: offers.decline_offer(offer, by=request.user), back=back, to=lambda _done: there)


@require_POST
@chat_view
def take(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a waiting chat by hand."""
    chat = get_chat_for(request.user, reference)
    return _plain(request, lambda: offers.take_chat(chat, by=request.user), back=reference, to=_to_chat)


@require_POST
@chat_view
def take_over(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a chat from a colleague, as a supervisor."""
    chat = get_chat_for(request.user, reference)
    return _plain(request, lambda: offers.take_over(chat, by=request.user), back=reference, to=_to_chat)


@require_POST
@chat_view
def message(request: HttpRequest, reference: str) -> HttpResponse:
    """Write to the visitor without a socket: words, inserted articles and files become one message each, once a form."""
    form = forms.ChatReplyForm(request.POST)
    kept, refused = take_files(request)

    def work(chat: Conversation, data: dict[str, Any]) -> None:
        if refused:
            raise InvalidInput(refused[0])
        parts: list[dict[str, Any]] = [{"text": data["body"]}] if data["body"] else []
        parts += [{"kind": "article", "article": article} for article in form.articles()]
        parts += [{"kind": "file", "attachment": row.reference} for row in kept]
        if not parts:
            raise InvalidInput(_("Write something first."), field="body")
        root = _uuid(data["client_key"])
        given: dict[str, Any] = {"sender": "agent", "by": request.user}
        sent = [actions.send_message(chat, client_id=uuid.uuid5(root, str(number)), **given, **part) for number, part in enumerate(parts)]
        if data["canned"] and any(item.created for item in sent):
            CannedReply.objects.filter(pk=data["canned"].pk).update(used=F("used") + 1)

    return _step(request, reference, "reply", form, work, uploaded=as_rows(kept), refused=refused, typed_articles=form.articles())


def _uuid(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return uuid.uuid4()


@require_POST
@chat_view
def note(request: HttpRequest, reference: str) -> HttpResponse:
    """Write an internal note."""
    form = forms.ChatNoteForm(request.POST)

    def work(chat: Conversation, data: dict[str, Any]) -> None:
        notes.add_note(chat, by=request.user, text=data["note"], client_id=data["client_key"] or uuid.uuid4())

    return _step(request, reference, "note", form, work)


@require_POST
@chat_view
def transfer(request: HttpRequest, reference: str) -> HttpResponse:
    """Hand a chat to a colleague or a team."""
    chat = get_chat_for(request.user, reference)
    form = forms.TransferForm(request.POST, colleagues=colleagues_for(chat), teams=Queue.objects.all())

    def work(chat: Conversation, data: dict[str, Any]) -> None:
        given = {"by": request.user, "note": data["words"], "client_id": data["client_key"] or uuid.uuid4()}
        if form.is_person():
            transfers.transfer_to_person(chat, to=data["to"], **given)
            messages.success(request, _("%(name)s is asked; the chat stays with you until they accept.") % {"name": data["to"]})
        else:
            transfers.transfer_to_team(chat, team=data["to"], **given)
            messages.success(request, _("The chat waits at the head of the queue of %(team)s.") % {"team": data["to"]})

    return _step(request, reference, "transfer", form, work)


@require_POST
@chat_view
def cancel_transfer(request: HttpRequest, reference: str) -> HttpResponse:
    """Take back a transfer nobody has accepted yet."""
    chat = get_chat_for(request.user, reference)
    return _plain(request, lambda: transfers.cancel_transfer(chat, by=request.user), back=reference, to=lambda _done: _to_chat(chat))


@require_POST
@chat_view
def end(request: HttpRequest, reference: str) -> HttpResponse:
    """End a chat and say whether it is solved."""
    form = forms.EndForm(request.POST)

    def work(chat: Conversation, data: dict[str, Any]) -> None:
        actions.end_conversation(chat, party="agent", by=request.user, solved=data["solved"])
        messages.success(request, _("The chat has ended; the visitor is asked for a rating."))

    return _step(request, reference, "end", form, work)


@require_POST
@chat_view
def ticket(request: HttpRequest, reference: str) -> HttpResponse:
    """Make a request of a chat."""
    form = forms.ChatTicketForm(request.POST)

    def work(chat: Conversation, data: dict[str, Any]) -> None:
        contact = None
        if chat.contact is None and (data["email"] or data["phone"]):
            contact = find_or_create_contact(name=chat.visitor_name, email=data["email"], phone=data["phone"], language=chat.language)
        made = people.make_ticket(chat, by=request.user, contact=contact, subject=data["subject"], note=data["remark"])
        messages.success(request, _("Request %(reference)s is in the queue.") % {"reference": made.reference})

    return _step(request, reference, "ticket", form, work)


@require_POST
@chat_view
def reveal(request: HttpRequest, reference: str) -> HttpResponse:
    """Show phone and mail in full; who looked is recorded."""
    chat = get_chat_for(request.user, reference)
    people.reveal_contact(chat, by=request.user)
    request.session[REVEALED] = [*request.session.get(REVEALED, []), chat.reference][-20:]
    return redirect(request.path.replace("/reveal/", "/") + "#customer")
