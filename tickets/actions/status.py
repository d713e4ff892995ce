"""The life of a ticket: status, resolve, confirm, reopen, and closing what the customer is silent about."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.events import emit
from core.history import record
from tickets import states
from tickets.actions import clock
from tickets.actions.base import add_message, clean_text, demand_agent, demand_move, lock_ticket, notify
from tickets.models import Escalation, Queue, SLAPause, SLATarget, Ticket, TicketMessage
from tickets.permissions import roles_on

logger = logging.getLogger(__name__)
Metric = SLATarget.Metric
Author = TicketMessage.Author


def change_status(ticket: Ticket, *, to: str, by: Any, reason: str = "", note: str = "") -> Ticket:
    """Move a ticket between open, waiting for the customer and on hold; the same status again changes nothing.

    Args:
        to: open, pending or on_hold (resolving and reopening are verbs of their own).
        reason: for on hold one of SLAPause.Reason without `customer`.
        note: what is waited for, in words.
    Raises:
        NotAllowed, InvalidInput, Conflict.
    """
    demand_agent(by)
    verb = states.STATUS_CHOICES_OF_AGENT.get(to)
    if verb is None:
        raise InvalidInput(_("Choose one of the offered states."), field="status")
    if to == states.ON_HOLD and reason not in set(SLAPause.Reason.values) - {SLAPause.Reason.CUSTOMER}:
        raise InvalidInput(_("Say what the ticket waits for."), field="reason", code="required")
    now = timezone.now()
    with transaction.atomic():
        ticket = lock_ticket(ticket)
        if ticket.status == to:
            return ticket
        demand_move(verb, ticket=ticket, who=roles_on(by, ticket))
        old, ticket.status, ticket.updated_at = ticket.status, to, now
        if to == states.OPEN:
            clock.resume_clock(ticket, at=now)
        else:
            clock.pause_clock(ticket, reason=SLAPause.Reason.CUSTOMER if to == states.PENDING else reason, at=now, note=note[:200])
        ticket.save(update_fields=["status", "updated_at"])
        clock.recompute(ticket, at=now)
        record(ticket, "status_changed", by=by, public=True, old=old, new=to, reason=reason, note=note[:200])
        emit("ticket.updated", ticket_id=ticket.pk)
    return ticket


def resolve(ticket: Ticket, *, by: Any, summary: str, client_key: str = "") -> Ticket:
    """Say that it is solved: `summary` goes to the customer, who confirms or reopens.

    The same `client_key` again changes nothing. Raises NotAllowed, InvalidInput, Conflict.
    """
    demand_agent(by)
    text = clean_text(summary, field="summary", message=_("Tell the customer what was done."))
    now = timezone.now()
    with transaction.atomic():
        ticket = lock_ticket(ticket)
        if client_key and TicketMessage.objects.filter(ticket=ticket, client_key=client_key).exists():
            return ticket
        demand_move("resolve", ticket=ticket, who=roles_on(by, ticket))
        message = add_message(
            ticket, author_kind=Author.AGENT, author=by, author_name=str(by)[:80], body=text, client_key=client_key, created_at=now
        )
        old, ticket.status = ticket.status, states.RESOLVED
        clock.resume_clock(ticket, at=now)
        clock.recompute(ticket, at=now)
        clock.meet_target(ticket, metrics=Metric.values, at=now)
        clock.close_escalations(ticket, at=now)
        ticket.resolved_at = ticket.updated_at = now
        ticket.first_responded_at = ticket.first_responded_at or now
        ticket.waiting_since, ticket.assignee = None, ticket.assignee or by
        ticket.save(update_fields=["status", "resolved_at", "updated_at", "first_responded_at", "waiting_since", "assignee"])
        clock.sync_due(ticket)
        record(ticket, "resolved", by=by, public=True, old=old, round=ticket.round, seq=message.seq)
        emit("ticket.resolved", ticket_id=ticket.pk, message_id=message.pk)
    return ticket


def confirm_resolution(ticket: Ticket, *, by: Any = None) -> Ticket:
    """The customer says it is solved (or an agent on their behalf); again changes nothing. Raises Conflict."""
    now = timezone.now()
    with transaction.atomic():
        ticket = lock_ticket(ticket)
        if ticket.status == states.CLOSED and ticket.confirmed_at:
            return ticket
        demand_move("confirm", ticket=ticket, who={states.CUSTOMER} | roles_on(by, ticket))
        _close(ticket, now=now, confirmed=True)
        record(ticket, "confirmed", by=by, label=str(ticket.contact), public=True)
        emit("ticket.closed", ticket_id=ticket.pk)
    return ticket


def reopen_ticket(ticket: Ticket, *, by: Any = None, reason: str, client_key: str = "") -> Ticket:
    """Take up a ticket that is not solved: next round, a new promise, one level up in the escalation queue.

    Args:
        by: the agent, or the customer; None for a guest (the door has checked the link).
        reason: what is still wrong, in the customer's words; it becomes part of the thread.
    Raises:
        InvalidInput without a reason, Conflict where it is not resolved or closed.
    """
    text = clean_text(reason, field="reason", limit=10_000, message=_("Say in a few words what is still wrong."))
    now = timezone.now()
    with transaction.atomic():
        ticket = lock_ticket(ticket)
        if client_key and TicketMessage.objects.filter(ticket=ticket, client_key=client_key).exists():
            return ticket
        user = by if getattr(by, "pk", None) else None
        roles = roles_on(user, ticket) or {states.CUSTOMER}
        demand_move("reopen", ticket=ticket, who=roles)
        agent = states.AGENT in roles
        label = str(user) if agent else str(ticket.contact)
        kind = Author.AGENT if agent else Author.CUSTOMER
        if not agent:
            add_message(ticket, author_kind=kind, author=user, author_name=label[:80], body=text, client_key=client_key, created_at=now)
        reopen_locked(ticket, by=user, label=label, reason=text[:200], now=now)
    return ticket


def reopen_locked(ticket: Ticket, *, by: Any, label: str, reason: str, now: datetime) -> None:
    """Start the next round of a locked ticket; part of the transaction of a reply or of `reopen_ticket`."""
    ticket.round += 1
    ticket.status = states.OPEN
    ticket.resolved_at = ticket.closed_at = ticket.confirmed_at = ticket.joined_to = None
    ticket.waiting_since = ticket.updated_at = now
    ticket.save(update_fields=["round", "status", "resolved_at", "closed_at", "confirmed_at", "joined_to", "waiting_since", "updated_at"])
    clock.start_target(ticket, metric=Metric.NEXT_RESPONSE, at=now)
    clock.start_target(ticket, metric=Metric.RESOLUTION, at=now)
    clock.sync_due(ticket)
    queue = Queue.objects.filter(tier__gt=ticket.queue.tier).order_by("tier", "order").first() or ticket.queue
    clock.raise_escalation(ticket, kind=Escalation.Kind.REOPENED, queue=queue, reason=reason, by=by, at=now)
    record(ticket, "reopened", by=by, label=label, public=True, round=ticket.round, reason=reason)
    told = list(queue.members.filter(is_active=True).values_list("pk", flat=True))
    notify(ticket, kind="reopened", users=[ticket.assignee_id, *told], but=by, at=now)
    emit("ticket.reopened", ticket_id=ticket.pk)


def close_silent(*, now: datetime | None = None) -> int:
    """Close resolved tickets whose customer has said nothing for the days their queue allows. Returns how many."""
    moment = now or timezone.now()
    closed = 0
    for queue in Queue.objects.all():
        limit = moment - timedelta(days=queue.close_after_days)
        silent = Ticket.objects.filter(queue=queue, status=states.RESOLVED, resolved_at__lte=limit)
        for pk in list(silent.values_list("pk", flat=True)):
            try:
                closed += _close_one(pk, limit, moment)
            except Exception:
                logger.exception("closing the silent ticket %s failed", pk)
    return closed


@transaction.atomic
def _close_one(pk: int, limit: datetime, now: datetime) -> int:
    ticket = lock_ticket(Ticket(pk=pk))
    if ticket.status != states.RESOLVED or ticket.resolved_at is None or ticket.resolved_at > limit:
        return 0
    _close(ticket, now=now, confirmed=False)
    record(ticket, "closed", label="clock", public=True)
    emit("ticket.closed", ticket_id=ticket.pk)
    return 1


@transaction.atomic
def close_of_leaver(ticket: Ticket) -> int:
    """Close whatever is open of a customer who closes their account. Returns 1, or 0 where it was closed already."""
    now = timezone.now()
    ticket = lock_ticket(ticket)
    if ticket.status == states.CLOSED:
        return 0
    old = ticket.status
    clock.resume_clock(ticket, at=now)
    clock.cancel_targets(ticket, metrics=Metric.values, at=now)
    _close(ticket, now=now, confirmed=False)
    record(ticket, "closed", label="account", public=True, old=old, reason="account_closed")
    emit("ticket.closed", ticket_id=ticket.pk)
    return 1


def _close(ticket: Ticket, *, now: datetime, confirmed: bool) -> None:
    ticket.status = states.CLOSED
    ticket.closed_at = ticket.updated_at = now
    ticket.confirmed_at = now if confirmed else None
    ticket.save(update_fields=["status", "closed_at", "updated_at", "confirmed_at"])
    clock.close_escalations(ticket, at=now)
    clock.sync_due(ticket)
