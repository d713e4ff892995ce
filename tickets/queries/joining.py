"""Which requests may become one: those of the same customer that are not done."""

from django.db.models import QuerySet

from tickets import states
from tickets.models import Ticket


def same_customer(one: Ticket, other: Ticket) -> bool:
    """Do both belong to one contact, or to contacts of one account."""
    user = one.contact.user_id
    return one.contact_id == other.contact_id or (user is not None and user == other.contact.user_id)


def joinable(ticket: Ticket) -> QuerySet[Ticket]:
    """Return the customer's other requests that are not done, newest first."""
    user = ticket.contact.user_id
    others = Ticket.objects.filter(contact__user_id=user) if user else Ticket.objects.filter(contact_id=ticket.contact_id)
    return others.filter(status__in=states.ACTIVE).exclude(pk=ticket.pk).order_by("-created_at")
