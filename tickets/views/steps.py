"""The agent's steps on a ticket: each parses, calls one action and goes back; a refusal leaves everything typed on the page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError, InvalidInput, InvalidUpload
from tickets import actions, forms
from tickets.models import Ticket
from tickets.queries import get_ticket_for
from tickets.queries.desk import colleagues
from tickets.queries.joining import joinable
from tickets.views.base import desk_view, take_files
from tickets.views.ticket import REVEALED, show_ticket
from tickets.views.uploads import as_rows


def _field_of(form: Any, error: DomainError) -> str | None:
    field = getattr(error, "field", "") or ""
    return field if field in form.fields else None


def _step(
    request: HttpRequest, reference: str, name: str, form: Any, work: Callable[[Ticket, dict], Any], done: str, **extra: Any
) -> HttpResponse:
    """Run one step: an invalid form or a refusal draws the page again with the form as typed."""
    ticket = get_ticket_for(request.user, reference)
    status = 400
    if form.is_valid():
        try:
            work(ticket, form.cleaned_data)
        except DomainError as error:
            form.add_error(_field_of(form, error), str(error.message))
            status = error.status
        else:
            messages.success(request, done)
            return redirect("tickets:detail", reference=ticket.reference)
    ticket = get_ticket_for(request.user, reference)
    return show_ticket(request, ticket, status=status, **{f"{name}_form": form, "form": form, "open_form": name, **extra})


@require_POST
@desk_view
def reply(request: HttpRequest, reference: str) -> HttpResponse:
    """Send a reply to the customer."""
    form = forms.ReplyForm(request.POST)
    kept, refused = take_files(request)

    def work(ticket: Ticket, data: dict) -> None:
        if refused:
            raise InvalidUpload(refused[0])
        actions.reply_to_customer(
            ticket,
            by=request.user,
            body=data["body"],
            articles=form.articles(),
            attachments=[row.reference for row in kept],
            canned=data["canned"],
            wait=data["then"] != "open",
            client_key=data["client_key"],
        )

    extra = {"uploaded": as_rows(kept), "refused": refused, "typed_articles": form.articles()}
    return _step(request, reference, "reply", form, work, _("Sent to the customer."), **extra)


@require_POST
@desk_view
def note(request: HttpRequest, reference: str) -> HttpResponse:
    """Write an internal note."""
    form = forms.NoteForm(request.POST)
    return _step(
        request,
        reference,
        "note",
        form,
        lambda ticket, data: actions.add_note(ticket, by=request.user, body=data["note"]),
        _("Note saved."),
    )


@require_POST
@desk_view
def status(request: HttpRequest, reference: str) -> HttpResponse:
    """Change the status."""

    def work(ticket: Ticket, data: dict) -> None:
        actions.change_status(ticket, to=data["status"], by=request.user, reason=data["reason"], note=data["memo"])

    return _step(request, reference, "status", forms.StatusForm(request.POST), work, _("Status changed."))


@require_POST
@desk_view
def priority(request: HttpRequest, reference: str) -> HttpResponse:
    """Change impact and urgency."""

    def work(ticket: Ticket, data: dict) -> None:
        actions.set_priority(ticket, by=request.user, **data)

    return _step(
        request, reference, "priority", forms.PriorityForm(request.POST), work, _("Priority changed; due times are computed again.")
    )


@require_POST
@desk_view
def move(request: HttpRequest, reference: str) -> HttpResponse:
    """Move to another queue."""

    def work(ticket: Ticket, data: dict) -> None:
        actions.move_to_queue(ticket, by=request.user, queue=data["queue"], reason=data["reason"])

    return _step(request, reference, "move", forms.MoveForm(request.POST), work, _("Moved."))


@require_POST
@desk_view
def assign(request: HttpRequest, reference: str) -> HttpResponse:
    """Give to a colleague."""

    def work(ticket: Ticket, data: dict) -> None:
        actions.assign(ticket, by=request.user, to=data["to"], reason=data["reason"])

    return _step(request, reference, "assign", forms.AssignForm(request.POST, colleagues=colleagues()), work, _("Handed over."))


@require_POST
@desk_view
def release(request: HttpRequest, reference: str) -> HttpResponse:
    """Give back to the queue."""
    ticket = get_ticket_for(request.user, reference)
    try:
        actions.release(ticket, by=request.user)
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect("tickets:detail", reference=ticket.reference)
    messages.success(request, _("Back in the queue."))
    return redirect("tickets:queue")


@require_POST
@desk_view
def escalate(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask a specialist or a manager."""

    def work(ticket: Ticket, data: dict) -> None:
        actions.escalate(ticket, by=request.user, kind=data["kind"], reason=data["reason"])

    return _step(request, reference, "escalate", forms.EscalateForm(request.POST), work, _("Escalated."))


@require_POST
@desk_view
def resolve(request: HttpRequest, reference: str) -> HttpResponse:
    """Mark as solved; the customer reads the summary."""

    def work(ticket: Ticket, data: dict) -> None:
        actions.resolve(ticket, by=request.user, summary=data["summary"], client_key=data["client_key"])

    return _step(request, reference, "resolve", forms.ResolveForm(request.POST), work, _("Solved; the customer is asked to confirm."))


@require_POST
@desk_view
def join(request: HttpRequest, reference: str) -> HttpResponse:
    """End a duplicate and go to the request that it was joined with."""
    ticket = get_ticket_for(request.user, reference)
    form = forms.JoinForm(request.POST, others=joinable(ticket))
    if not form.is_valid():
        return show_ticket(request, ticket, status=400, join_form=form, form=form, open_form="join")
    try:
        into = actions.join_tickets(ticket, into=form.cleaned_data["into"], by=request.user)
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect("tickets:detail", reference=ticket.reference)
    messages.success(request, _("Joined. The customer’s words from %(number)s are here now.") % {"number": ticket.reference})
    return redirect("tickets:detail", reference=into.reference)


@require_POST
@desk_view
def reopen(request: HttpRequest, reference: str) -> HttpResponse:
    """Take up a done ticket again."""

    def work(ticket: Ticket, data: dict) -> None:
        if not data["reason"]:
            raise InvalidInput(_("Say why it goes on."), field="reason")
        actions.reopen_ticket(ticket, by=request.user, reason=data["reason"])

    return _step(request, reference, "reopen", forms.ReopenForm(request.POST), work, _("Reopened."))


@require_POST
@desk_view
def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    """Confirm on the customer's behalf, for instance on the phone."""
    ticket = get_ticket_for(request.user, reference)
    try:
        actions.confirm_resolution(ticket, by=request.user)
        messages.success(request, _("Closed: the customer says it is solved."))
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("tickets:detail", reference=ticket.reference)


@require_POST
@desk_view
def reveal(request: HttpRequest, reference: str) -> HttpResponse:
    """Show phone and mail in full; who looked is recorded."""
    ticket = get_ticket_for(request.user, reference)
    actions.reveal_contact(ticket, by=request.user)
    request.session[REVEALED] = [*request.session.get(REVEALED, []), ticket.reference][-20:]
    return redirect(reverse("tickets:detail", args=[ticket.reference]) + "#customer")
