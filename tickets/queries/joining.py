"""Which requests may become one: those of the same customer that are not done."""

from django.db.models import QuerySet

from tickets import states
from tickets.models import Ticket
from tickets.queries.page import other_tickets


def same_customer(one: Ticket, other: Ticket) -> bool:
    """Do both belong to one contact, or to contacts of one account."""
    user = one.contact.user_id
    return one.contact_id == other.contact_id or (user is not None and user == other.contact.user_id)


def joinable(ticket: Ticket) -> QuerySet[Ticket]:
    """Return the customer's other requests that are not done, newest first."""
    return other_tickets(ticket).filter(status__in=states.ACTIVE).order_by("-created_at")
