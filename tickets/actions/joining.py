"""Two requests about the same thing become one: what the customer wrote goes along, and the old number leads on."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from core.events import emit
from core.history import record, subject_type
from core.models import Attachment
from tickets.actions import clock
from tickets.actions.base import add_message, demand_agent, demand_move, lock_ticket
from tickets.models import SLATarget, Ticket, TicketMessage
from tickets.permissions import roles_on
from tickets.queries.joining import same_customer

Author = TicketMessage.Author


def join_tickets(ticket: Ticket, *, into: Ticket, by: Any) -> Ticket:
    """End `ticket` as a duplicate: its words and files go to `into`, which is returned. The same again changes nothing.

    Only requests of one customer, since the page of the other one shows what was written. Notes among colleagues and answers stay
    where they are; the history of each names the other. Reopening the old one takes it apart again.
    Raises NotAllowed, InvalidInput, Conflict.
    """
    demand_agent(by)
    now = timezone.now()
    with transaction.atomic():
        first, second = sorted((ticket, into), key=lambda row: row.pk)
        locked = {row.pk: lock_ticket(row) for row in (first, second)}
        ticket, into = locked[ticket.pk], locked[into.pk]
        if ticket.joined_to_id == into.pk:
            return into
        if ticket.pk == into.pk or not same_customer(ticket, into):
            raise InvalidInput(_("Choose another request of the same customer."), field="into")
        if into.status in (Ticket.Status.RESOLVED, Ticket.Status.CLOSED):
            raise Conflict(_("The other request is done already. Reopen it first."), code="state")
        transition = demand_move("join", ticket=ticket, who=roles_on(by, ticket))
        _take_along(ticket, into, now)
        clock.resume_clock(ticket, at=now)
        clock.cancel_targets(ticket, metrics=SLATarget.Metric.values, at=now)
        clock.close_escalations(ticket, at=now)
        ticket.status, ticket.joined_to, ticket.waiting_since = transition.target, into, None
        ticket.closed_at = ticket.updated_at = now
        ticket.save(update_fields=["status", "joined_to", "waiting_since", "closed_at", "updated_at"])
        clock.sync_due(ticket)
        record(ticket, "joined", by=by, public=True, into=into.reference)
        record(into, "took_in", by=by, public=True, other=ticket.reference)
        emit("ticket.updated", ticket_id=ticket.pk)
        emit("ticket.updated", ticket_id=into.pk)
    return into


def _take_along(ticket: Ticket, into: Ticket, now: Any) -> None:
    """Copy the customer's words to the other thread as one entry, move their files there, fill in what the other request lacks."""
    mine = TicketMessage.objects.filter(ticket=ticket, author_kind=Author.CUSTOMER).order_by("seq")
    said = [ticket.description, *mine.values_list("body", flat=True)]
    words = list(dict.fromkeys(text.strip() for text in said if text.strip() != ticket.subject))
    message = add_message(
        into,
        author_kind=Author.CUSTOMER,
        author=ticket.contact.user,
        author_name=str(ticket.contact)[:80],
        body="\n\n".join([f"{ticket.reference} · {ticket.subject}", *words]),
        created_at=now,
    )
    files = Attachment.objects.filter(internal=False)
    owners = [(subject_type(ticket), [str(ticket.pk)]), (subject_type(message), [str(pk) for pk in mine.values_list("pk", flat=True)])]
    for kind, keys in owners:
        files.filter(subject_type=kind, subject_id__in=keys).update(subject_type=subject_type(message), subject_id=str(message.pk))
    for name in ("help_session", "family", "model", "unit"):
        if getattr(into, f"{name}_id") is None:
            setattr(into, name, getattr(ticket, name))
    waits = [moment for moment in (into.waiting_since, ticket.waiting_since) if moment]
    into.waiting_since, into.updated_at = min(waits, default=None), now
    into.save(update_fields=["help_session", "family", "model", "unit", "waiting_since", "updated_at"])
