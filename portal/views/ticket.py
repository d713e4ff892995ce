"""The customer's page of a request: what happens next, the thread, answering, confirming, reopening. By link, by code or signed in."""

import secrets
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError, NotAllowed
from core.guard import limit
from core.visitors import known_visitor_key
from portal import doors
from portal.forms import ReopenForm, ReplyForm
from portal.ticket_page import stages
from portal.views import cases
from portal.views.get_help import as_row, take_files
from portal.views.parts import crumbs_context, not_found, unlisted
from tickets.actions import confirm_resolution, customer_reply, reopen_ticket
from tickets.models import Ticket
from tickets.queries import customer_view

REPLY_RATE = "30/h"


def closed_door(request: HttpRequest) -> HttpResponse:
    """Answer for a wrong, a foreign and a missing reference alike."""
    return not_found(
        request,
        title=_("We cannot open this request here"),
        text=_("Open the link in our message once more, or look it up with its number and the phone or e-mail you gave us."),
    )


@require_safe
@unlisted
def help_detail(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a request to its customer; a link with its secret lets this browser in and leaves the address clean."""
    return cases.by_link(request, reference, find=doors.customer_ticket, show=show, closed=closed_door)


@require_safe
@unlisted
def my_ticket(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a member's own request, or one about a machine of their household."""
    return cases.by_account(request, reference, find=doors.member_ticket, show=show, closed=closed_door)


def show(request: HttpRequest, ticket: Ticket, *, status: int = 200, **extra: Any) -> HttpResponse:
    """Draw the page of a request; `extra` carries forms with errors."""
    own = doors.owns_ticket(request, ticket)
    view = customer_view(ticket, own=own)
    context = {
        "ticket": ticket,
        "own": own,
        "view": view,
        "stages": stages(ticket, view.promised_at),
        "reply_form": ReplyForm(),
        "reopen_form": ReopenForm(),
        "client_key": secrets.token_urlsafe(18),
        "uploaded": [],
        "upload_url": reverse("site:upload"),
        **crumbs_context(request, *ticket_crumbs(request, ticket)),
        **extra,
    }
    return render(request, "portal/ticket.html", context, status=status)


def ticket_crumbs(request: HttpRequest, ticket: Ticket) -> list[tuple[str, str]]:
    """Return where this page stands: below My service for members, below Track for guests."""
    above = (_("My service"), reverse("portal:my")) if request.user.is_authenticated else (_("Track a request"), reverse("portal:track"))
    return [above, (ticket.reference, "")]


def _step(request: HttpRequest, reference: str, work: Callable[[Ticket], HttpResponse]) -> HttpResponse:
    ticket = doors.customer_ticket(request, reference)
    if ticket is None:
        return closed_door(request)
    try:
        if not doors.owns_ticket(request, ticket):
            raise NotAllowed()
        limit(request, "ticket-step", REPLY_RATE, by="visitor")
        return work(ticket)
    except DomainError as error:
        ticket.refresh_from_db()
        return show(request, ticket, status=error.status, problem=str(error.message))


@require_POST
@unlisted
def reply(request: HttpRequest, reference: str) -> HttpResponse:
    """Add the customer's answer with its files."""

    def work(ticket: Ticket) -> HttpResponse:
        form = ReplyForm(request.POST)
        uploaded, refused = take_files(request)
        key = request.POST.get("client_key", "")[:40]
        again = {"reply_form": form, "uploaded": [as_row(item) for item in uploaded], "refused_texts": refused, "client_key": key}
        if not form.is_valid() or refused:
            summary = [{"target": "files_group", "text": text} for text in refused]
            return show(request, ticket, status=422, refused=summary, has_errors=True, summary_form=form, **again)
        user = request.user if request.user.is_authenticated else None
        try:
            customer_reply(
                ticket,
                by=user,
                body=form.cleaned_data["body"],
                attachments=[item.reference for item in uploaded],
                visitor_key=known_visitor_key(request),
                client_key=key,
            )
        except DomainError as error:
            return show(request, ticket, status=error.status, problem=str(error.message), has_errors=True, **again)
        return redirect(_back(request, ticket) + "#thread-end")

    return _step(request, reference, work)


@require_POST
@unlisted
def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer says it is solved."""

    def work(ticket: Ticket) -> HttpResponse:
        confirm_resolution(ticket, by=request.user if request.user.is_authenticated else None)
        return redirect(_back(request, ticket))

    return _step(request, reference, work)


@require_POST
@unlisted
def reopen(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer says it is not solved, and why."""

    def work(ticket: Ticket) -> HttpResponse:
        form = ReopenForm(request.POST)
        if not form.is_valid():
            return show(request, ticket, status=422, reopen_form=form, has_errors=True, summary_form=form)
        key = request.POST.get("client_key", "")[:40]
        reopen_ticket(
            ticket, by=request.user if request.user.is_authenticated else None, reason=form.cleaned_data["reason"], client_key=key
        )
        return redirect(_back(request, ticket))

    return _step(request, reference, work)


def _back(request: HttpRequest, ticket: Ticket) -> str:
    own = request.user.is_authenticated and ticket.contact.user_id == request.user.pk
    return reverse("portal:my_ticket" if own else "portal:help_detail", args=[ticket.reference])
