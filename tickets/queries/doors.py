"""The doors to one ticket: who may see it, by account or by link; a reference alone opens nothing."""

from typing import Any

from django.db.models import QuerySet

from core.errors import NotFound
from core.references import normal_reference
from core.secrets import same_secret
from tickets.models import Escalation, Ticket
from tickets.permissions import is_customer_of, works_desk


def full_tickets() -> QuerySet[Ticket]:
    """Return tickets with everything a page names, in one query."""
    related = (
        "contact",
        "contact__user",
        "priority",
        "queue",
        "queue__calendar",
        "assignee",
        "family",
        "model",
        "model__family",
        "unit",
        "problem",
        "joined_to",
    )
    return Ticket.objects.select_related(*related, "help_session__code", "help_session__model", "help_session__family")


def get_ticket_for(user: Any, reference: str) -> Ticket:
    """Return the ticket for staff of the desk, or for the customer whose it is. Raises NotFound, the same for missing and foreign."""
    ticket = full_tickets().filter(reference=normal_reference(reference)).first()
    if ticket is None or not (works_desk(user) or is_customer_of(user, ticket)):
        raise NotFound()
    return ticket


def get_ticket_by_link(reference: str, secret: str) -> Ticket:
    """Return the ticket of a guest's link. Raises NotFound, the same for a wrong number and a wrong secret."""
    ticket = full_tickets().filter(reference=normal_reference(reference)).first()
    right = same_secret(ticket.secret if ticket else "-" * 22, (secret or "")[:80])
    if ticket is None or not right:
        raise NotFound()
    return ticket


def get_escalation_for(user: Any, pk: int) -> Escalation:
    """Return an escalation for staff of the desk. Raises NotFound."""
    found = Escalation.objects.select_related("ticket", "queue", "claimed_by").filter(pk=pk).first() if works_desk(user) else None
    if found is None:
        raise NotFound()
    return found
