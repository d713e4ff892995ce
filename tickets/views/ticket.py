"""One ticket in three panes: queue, thread with the writer, customer with the ledger; and the partials that keep it fresh."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.history import history_of
from kb.ledger_queries import brief_of, ledger_summary
from tickets import states
from tickets.actions import mark_seen
from tickets.forms import (
    AssignForm,
    EscalateForm,
    JoinForm,
    MoveForm,
    NoteForm,
    PriorityForm,
    ReopenForm,
    ReplyForm,
    ResolveForm,
    StatusForm,
)
from tickets.models import Priority, Queue, Ticket
from tickets.permissions import can_claim_from
from tickets.queries import explain_targets, get_ticket_for, queue_for, thread_of, ticket_page
from tickets.queries.desk import colleagues
from tickets.queries.desk import filled_replies as replies_filled_in
from tickets.queries.viewers import viewers_of
from tickets.views.base import desk_view, new_key, show
from tickets.words import code_of, product_of

SIDE_ROWS = 30
REVEALED = "desk_revealed"


def names_of_keys() -> dict[str, str]:
    """Return the names of queues and priorities by `queue:key` and `priority:key`, for the words of steps."""
    names = {f"queue:{row.key}": row.name for row in Queue.objects.all()}
    return names | {f"priority:{row.key}": row.name for row in Priority.objects.all()}


def filled_replies(request: HttpRequest, ticket: Ticket) -> list[dict[str, Any]]:
    """Return the canned replies with their placeholders filled in."""
    return replies_filled_in(request.user, ticket, customer=ticket.contact.name)


def chosen_reply(request: HttpRequest, canned: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the beginning of the reply when a canned one was chosen by its link (without scripts)."""
    wanted = request.GET.get("canned", "")
    return next(({"body": reply["body"], "canned": reply["pk"]} for reply in canned if str(reply["pk"]) == wanted), {})


def page_context(request: HttpRequest, ticket: Ticket, **extra: Any) -> dict[str, Any]:
    """Return everything the ticket's page shows; `extra` carries forms with errors."""
    page = ticket_page(ticket, user=request.user)
    claimable = [row for row in page.escalations if row.claimed_by_id is None and can_claim_from(request.user, row.queue)]
    canned = filled_replies(request, ticket)
    others = [row for row in page.earlier if row.status in states.ACTIVE]
    rows = queue_for(request.user, view="all").prefetch_related("ticket__help_session__events")
    return {
        "ticket": ticket,
        "viewers": viewers_of(ticket, but=request.user),
        "page": page,
        "names": names_of_keys(),
        "queue_rows": list(rows[:SIDE_ROWS]),
        "claimable": claimable[0] if claimable else None,
        "ledger": ledger_summary(ticket.help_session),
        "brief": brief_of(ticket.help_session, product=product_of(ticket), code=code_of(ticket)),
        "canned": canned,
        "revealed": ticket.reference in request.session.get(REVEALED, []),
        "is_done": ticket.status in states.DONE,
        "next_due": page.running[0] if page.running else None,
        "client_key": new_key(),
        "reply_form": ReplyForm(initial=chosen_reply(request, canned)),
        "note_form": NoteForm(),
        "status_form": StatusForm(initial={"status": ticket.status}),
        "priority_form": PriorityForm(initial={"impact": ticket.impact, "urgency": ticket.urgency}),
        "move_form": MoveForm(initial={"queue": ticket.queue.key}),
        "assign_form": AssignForm(colleagues=colleagues()),
        "escalate_form": EscalateForm(),
        "join_form": JoinForm(others=others) if others else None,
        "resolve_form": ResolveForm(),
        "reopen_form": ReopenForm(),
        **extra,
    }


def show_ticket(request: HttpRequest, ticket: Ticket, *, status: int = 200, **extra: Any) -> HttpResponse:
    """Draw the ticket's page."""
    return show(request, "tickets/detail.html", page_context(request, ticket, **extra), status=status)


@require_safe
@desk_view
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a ticket; its notices count as seen."""
    ticket = get_ticket_for(request.user, reference)
    mark_seen(user=request.user, ticket=ticket)
    return show_ticket(request, ticket)


@require_safe
@desk_view
def thread(request: HttpRequest, reference: str) -> HttpResponse:
    """The thread alone, for the page that is open while something changes."""
    ticket = get_ticket_for(request.user, reference)
    days = thread_of(ticket, history=list(history_of(ticket)))
    return render(request, "tickets/_thread.html", {"ticket": ticket, "days": days, "names": names_of_keys()})


@require_safe
@desk_view
def viewers(request: HttpRequest, reference: str) -> HttpResponse:
    """Who else has the ticket open, for the page that stays open."""
    ticket = get_ticket_for(request.user, reference)
    return render(request, "tickets/_viewers.html", {"viewers": viewers_of(ticket, but=request.user)})


@require_safe
@desk_view
def clock(request: HttpRequest, reference: str) -> HttpResponse:
    """“Why this time”: every promise taken apart; a page of its own, or the part of it for a dialog."""
    ticket = get_ticket_for(request.user, reference)
    context = {"ticket": ticket, "explanations": explain_targets(ticket)}
    if request.headers.get("HX-Request"):
        return render(request, "tickets/_clock.html", context)
    return show(request, "tickets/clock.html", context)
