"""Background work of the desk: what the customer is told by mail or SMS. Ids in, rows fetched again, one message a step."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.notify import notify
from core.history import history_of, record
from kb.ledger_contacts import record_contact
from tickets.actions.base import lock_ticket
from tickets.models import Ticket, TicketMessage
from tickets.queries import promised_answer


def ticket_link(ticket: Ticket) -> str:
    """Return the absolute address of the customer's page: behind the sign-in for members, with the secret for guests."""
    with translation.override(ticket.language):
        if ticket.contact.user_id:
            return settings.SITE_ORIGIN + reverse("portal:my_ticket", args=[ticket.reference])
        return settings.SITE_ORIGIN + reverse("portal:help_detail", args=[ticket.reference]) + f"?key={ticket.secret}"


def _tell(ticket_id: int, template: str, *, step: str, **context: Any) -> None:
    """Owe the customer one message; the history row of the step makes a second run of the task send nothing."""
    with transaction.atomic():
        ticket = lock_ticket(Ticket(pk=ticket_id))
        contact = ticket.contact
        if history_of(ticket).filter(verb="customer_told", data__step=step).exists():
            return
        values = {"ticket": ticket, "reference": ticket.reference, "customer": contact.name, "action_url": ticket_link(ticket), **context}
        with translation.override(ticket.language):
            values["action_text"] = gettext("Open my request")
        message = notify(contact, f"tickets/{template}", language=ticket.language, context=values, subject=ticket)
        if message is not None:
            record(ticket, "customer_told", label="system", step=step, channel=message.channel)


def tell_opened(ticket_id: int) -> None:
    """Confirm a new ticket: number, what happens next, by when."""
    _tell(ticket_id, "opened", step="opened", promised=promised_answer(Ticket.objects.get(pk=ticket_id)))


def tell_replied(ticket_id: int, message_id: int) -> None:
    """Send the agent's words."""
    message = TicketMessage.objects.get(pk=message_id)
    articles = [{**article, "url": settings.SITE_ORIGIN + article["url"]} for article in message.articles]
    _tell(ticket_id, "replied", step=f"replied:{message_id}", message=message, articles=articles)


def tell_resolved(ticket_id: int, message_id: int) -> None:
    """Say what was done and ask whether it works now."""
    _tell(ticket_id, "resolved", step=f"resolved:{message_id}", message=TicketMessage.objects.get(pk=message_id))


def tell_closed(ticket_id: int) -> None:
    """Say that a silent ticket was closed and how to take it up again; who confirmed needs no message."""
    ticket = Ticket.objects.get(pk=ticket_id)
    if ticket.closed_at and not ticket.confirmed_at:
        _tell(ticket_id, "closed", step=f"closed:{ticket.round}")


def note_contact(ticket_id: int) -> None:
    """Tell the deflection ledger that somebody made contact: a “solved” of the last 30 days about the same thing was none."""
    ticket = Ticket.objects.select_related("help_session", "contact").get(pk=ticket_id)
    record_contact(
        reference=ticket.reference,
        channel=ticket.channel,
        at=ticket.created_at,
        product_id=ticket.model_id,
        family_id=ticket.family_id,
        unit_id=ticket.unit_id,
        problem_id=ticket.problem_id,
        contact_key=ticket.contact_id,
        user_id=ticket.contact.user_id,
        visitor_key=ticket.help_session.visitor_key if ticket.help_session else "",
    )
