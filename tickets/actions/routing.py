"""Where a ticket belongs and how urgent it is: priority, queue, escalation."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from core.events import emit
from core.history import record
from tickets import states
from tickets.actions import clock
from tickets.actions.base import clean_text, demand_agent, lock_ticket, members, notify
from tickets.models import Escalation, Queue, Ticket

TIER_OF_KIND = {Escalation.Kind.FUNCTIONAL: 2, Escalation.Kind.HIERARCHICAL: 3}


def _active(ticket: Ticket) -> Ticket:
    locked = lock_ticket(ticket)
    if locked.status in states.DONE:
        raise Conflict(_("The ticket is done; reopen it first."), code="state")
    return locked


def set_priority(ticket: Ticket, *, impact: int, urgency: int, reason: str, by: Any) -> Ticket:
    """Set impact and urgency (1 high to 3 low); the matrix picks the priority and open promises are computed again.

    Raises NotAllowed, InvalidInput, Conflict when the ticket is done.
    """
    demand_agent(by)
    if impact not in Ticket.Level.values or urgency not in Ticket.Level.values:
        raise InvalidInput(_("Choose high, medium or low."), field="impact")
    why = clean_text(reason, field="reason", limit=200, message=_("Say why the priority changes."))
    now = timezone.now()
    with transaction.atomic():
        ticket = _active(ticket)
        if (ticket.impact, ticket.urgency) == (impact, urgency):
            return ticket
        old = ticket.priority
        ticket.impact, ticket.urgency, ticket.updated_at = impact, urgency, now
        ticket.priority = clock.priority_for(impact=impact, urgency=urgency)
        ticket.save(update_fields=["impact", "urgency", "priority", "updated_at"])
        clock.recompute(ticket, at=now)
        record(ticket, "priority_changed", by=by, old=old.key, new=ticket.priority.key, impact=impact, urgency=urgency, reason=why)
        emit("ticket.updated", ticket_id=ticket.pk)
    return ticket


def move_to_queue(ticket: Ticket, *, queue: Queue, by: Any, reason: str) -> Ticket:
    """Hand a ticket to another team: it waits there unclaimed; promises follow the new team's calendar.

    Raises NotAllowed, InvalidInput without a reason, Conflict when the ticket is done.
    """
    demand_agent(by)
    why = clean_text(reason, field="reason", limit=200, message=_("Say why it moves."))
    now = timezone.now()
    with transaction.atomic():
        ticket = _active(ticket)
        if ticket.queue_id == queue.pk:
            return ticket
        old = ticket.queue
        ticket.queue, ticket.assignee, ticket.updated_at = queue, None, now
        ticket.save(update_fields=["queue", "assignee", "updated_at"])
        clock.recompute(ticket, at=now)
        moved = Escalation.objects.filter(ticket=ticket, closed_at__isnull=True).exclude(kind=Escalation.Kind.HIERARCHICAL)
        if not moved.update(queue=queue, claimed_by=None, claimed_at=None):
            clock.raise_escalation(ticket, kind=Escalation.Kind.FUNCTIONAL, queue=queue, reason=why, by=by, at=now)
        record(ticket, "moved", by=by, old=old.key, new=queue.key, reason=why)
        notify(ticket, kind="moved", users=members(queue), but=by, at=now)
        emit("ticket.updated", ticket_id=ticket.pk)
    return ticket


def escalate(ticket: Ticket, *, kind: str, by: Any, reason: str, queue: Queue | None = None) -> Escalation:
    """Ask a specialist (functional) or a manager (hierarchical); the assignee keeps the ticket until somebody claims it.

    Args:
        queue: where to; by default the first queue of the next tier (2 specialists, 3 management).
    Raises:
        NotAllowed, InvalidInput without reason or with another kind, Conflict when the ticket is done.
    """
    demand_agent(by)
    if kind not in TIER_OF_KIND:
        raise InvalidInput(_("Choose a specialist or a manager."), field="kind")
    why = clean_text(reason, field="reason", limit=200, message=_("Say what you need from them."))
    now = timezone.now()
    with transaction.atomic():
        ticket = _active(ticket)
        target = queue or Queue.objects.filter(tier__gte=TIER_OF_KIND[Escalation.Kind(kind)]).order_by("tier", "order").first()
        if target is None:
            raise InvalidInput(_("No queue of that level is set up."), field="queue")
        escalation = clock.raise_escalation(ticket, kind=kind, queue=target, reason=why, by=by, at=now)
        Ticket.objects.filter(pk=ticket.pk).update(updated_at=now)
        record(ticket, "escalated", by=by, kind=kind, queue=target.key, reason=why)
        notify(ticket, kind="escalated", users=members(target), but=by, at=now)
        emit("ticket.escalated", ticket_id=ticket.pk, escalation_id=escalation.pk)
    return escalation
