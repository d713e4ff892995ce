"""Taking work: claim (one wins), release, assign."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, NotAllowed
from core.events import emit
from core.history import record
from tickets import states
from tickets.actions.base import demand_agent, lock_ticket, members, notify
from tickets.actions.clock import raise_escalation
from tickets.models import Escalation, Ticket
from tickets.permissions import can_claim_from, supervises, works_desk


def claim_escalation(escalation: Escalation, *, by: Any) -> Ticket:
    """Take an escalation and its ticket; the same person again changes nothing.

    The claim is one conditional update, so of two people at once exactly one wins on every database.
    Raises Conflict naming the winner (`winner` in its context), NotAllowed for a queue that is not theirs.
    """
    demand_agent(by)
    now = timezone.now()
    with transaction.atomic():
        ticket = lock_ticket(Ticket(pk=escalation.ticket_id))
        current = Escalation.objects.select_related("queue", "claimed_by").get(pk=escalation.pk)
        if current.closed_at:
            raise Conflict(_("This is done already; it is no longer in the queue."), code="closed")
        if not can_claim_from(by, current.queue):
            raise NotAllowed(_("This queue is for another team."))
        won = Escalation.objects.filter(pk=current.pk, claimed_by__isnull=True, closed_at__isnull=True).update(
            claimed_by=by, claimed_at=now
        )
        if not won:
            current.refresh_from_db()
            if current.claimed_by_id == by.pk:
                return ticket
            winner = str(current.claimed_by or "")
            raise Conflict(_("%(name)s was faster and has claimed it.") % {"name": winner}, code="claimed", winner=winner)
        before = ticket.assignee_id
        ticket.assignee, ticket.updated_at = by, now
        if ticket.status == states.NEW:
            ticket.status = states.OPEN
        ticket.save(update_fields=["assignee", "status", "updated_at"])
        record(ticket, "claimed", by=by, kind=current.kind)
        notify(ticket, kind="taken_over", users=[before], but=by, at=now)
        emit("ticket.claimed", ticket_id=ticket.pk, user_id=by.pk)
    return ticket


def release(ticket: Ticket, *, by: Any, reason: str = "") -> Ticket:
    """Give a ticket back to its queue. Raises NotAllowed for somebody else's ticket, Conflict where nobody has it."""
    demand_agent(by)
    now = timezone.now()
    with transaction.atomic():
        ticket = lock_ticket(ticket)
        if ticket.assignee_id is None:
            raise Conflict(_("Nobody has this ticket."), code="unassigned")
        if ticket.assignee_id != by.pk and not supervises(by):
            raise NotAllowed(_("Only its assignee or a supervisor may give it back."))
        ticket.assignee, ticket.updated_at = None, now
        ticket.save(update_fields=["assignee", "updated_at"])
        reopened = Escalation.objects.filter(ticket=ticket, closed_at__isnull=True).update(claimed_by=None, claimed_at=None)
        if not reopened and ticket.status in states.ACTIVE:
            raise_escalation(ticket, kind=Escalation.Kind.FUNCTIONAL, queue=ticket.queue, reason=reason, by=by, at=now)
        record(ticket, "released", by=by, reason=reason[:200])
        notify(ticket, kind="released", users=members(ticket.queue), but=by, at=now)
        emit("ticket.released", ticket_id=ticket.pk)
    return ticket


def assign(ticket: Ticket, *, to: Any, by: Any, reason: str = "") -> Ticket:
    """Give a ticket to a colleague, who is told; the same person again changes nothing. Raises NotAllowed."""
    demand_agent(by)
    if not works_desk(to):
        raise NotAllowed(_("This person does not work at the desk."))
    now = timezone.now()
    with transaction.atomic():
        ticket = lock_ticket(ticket)
        if ticket.status in states.DONE:
            raise Conflict(_("The ticket is done; reopen it first."), code="state")
        if ticket.assignee_id == to.pk:
            return ticket
        before = ticket.assignee
        ticket.assignee, ticket.updated_at = to, now
        if ticket.status == states.NEW:
            ticket.status = states.OPEN
        ticket.save(update_fields=["assignee", "status", "updated_at"])
        Escalation.objects.filter(ticket=ticket, closed_at__isnull=True).update(claimed_by=to, claimed_at=now)
        record(ticket, "assigned", by=by, old=str(before or ""), new=str(to), reason=reason[:200])
        notify(ticket, kind="assigned", users=[to.pk], but=by, at=now)
        emit("ticket.assigned", ticket_id=ticket.pk, user_id=to.pk)
    return ticket
