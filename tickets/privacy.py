"""A customer's requests: what the copy of their data holds, what is emptied when the account is closed, what is still open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from core.forgetting import files_of, forget_files, forget_history, forget_messages
from core.models import Attachment
from tickets import states
from tickets.actions.status import close_of_leaver
from tickets.models import Escalation, SLAPause, Ticket, TicketMessage, TicketNote

EMPTY = "—"
BLANK = {"subject": EMPTY, "description": EMPTY, "product_text": "", "serial_text": ""}


def _tickets(user: Any) -> list[Ticket]:
    return list(Ticket.objects.filter(contact__user=user).select_related("family", "model", "contact").order_by("pk"))


def export(user: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the person's requests with the public thread; notes among colleagues are ours and stay out."""
    tickets = _tickets(user)
    threads: dict[int, list[dict[str, Any]]] = {}
    for message in TicketMessage.objects.filter(ticket__in=tickets):
        threads.setdefault(message.ticket_id, []).append(
            {
                "number": message.seq,
                "from": message.author_kind,
                "name": message.author_name,
                "text": message.body,
                "at": message.created_at,
            }
        )
    return {
        "requests": [
            {
                "reference": ticket.reference,
                "subject": ticket.subject,
                "description": ticket.description,
                "status": ticket.status,
                "channel": ticket.channel,
                "language": ticket.language,
                "product": str(ticket.model.number if ticket.model else ticket.product_text),
                "serial": ticket.serial_text,
                "created_at": ticket.created_at,
                "resolved_at": ticket.resolved_at,
                "closed_at": ticket.closed_at,
                "thread": threads.get(ticket.pk, []),
            }
            for ticket in tickets
        ]
    }


def files(user: Any) -> list[Attachment]:
    """Return the files of the person's requests that are not for staff only."""
    tickets = _tickets(user)
    return files_of([*tickets, *TicketMessage.objects.filter(ticket__in=tickets)])


def open_cases(user: Any) -> list[dict[str, Any]]:
    """Return what is still open: named on the page of closing, closed with the account, no obstacle."""
    found = Ticket.objects.filter(contact__user=user).exclude(status=Ticket.Status.CLOSED).order_by("-created_at")
    return [
        {
            "reference": ticket.reference,
            "title": ticket.subject,
            "url": reverse("portal:my_ticket", args=[ticket.reference]),
            "blocks": False,
        }
        for ticket in found
    ]


def anonymise(user: Any, *, now: datetime) -> dict[str, int]:
    """Close what is open and blank every word of the person's requests; product, problem, times and status stay for the figures."""
    tickets = _tickets(user)
    closed = sum(close_of_leaver(ticket) for ticket in tickets if ticket.status != states.CLOSED)
    return {"closed": closed, **_blank(tickets, user=user)}


def outlived(*, before: datetime) -> QuerySet[Ticket]:
    """Return the requests of people without an open account that were closed before a moment and still say something."""
    nobody = Q(contact__user=None) | Q(contact__user__is_active=False)
    return Ticket.objects.filter(nobody, status=states.CLOSED, closed_at__lt=before).exclude(**BLANK)


def let_go(rows: Sequence[Ticket], *, now: datetime) -> int:
    """Blank every word of these requests, as on closing an account. Returns how many rows changed, files included."""
    return sum(_blank(rows, user=None).values())


def _blank(tickets: Sequence[Ticket], *, user: Any) -> dict[str, int]:
    messages = list(TicketMessage.objects.filter(ticket__in=tickets))
    counts = {
        "files": forget_files(user=user, subjects=[*tickets, *messages, *TicketNote.objects.filter(ticket__in=tickets)]),
        "messages": forget_messages(subjects=tickets),
        "history": forget_history(tickets, user=user),
        "requests": Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).exclude(**BLANK).update(**BLANK),
        "thread": TicketMessage.objects.filter(ticket__in=tickets).exclude(body=EMPTY).update(body=EMPTY),
        "notes": TicketNote.objects.filter(ticket__in=tickets).exclude(body=EMPTY).update(body=EMPTY),
    }
    TicketMessage.objects.filter(ticket__in=tickets, author_kind=TicketMessage.Author.CUSTOMER).exclude(author_name="").update(
        author_name=""
    )
    Escalation.objects.filter(ticket__in=tickets).exclude(reason="").update(reason="")
    SLAPause.objects.filter(ticket__in=tickets).exclude(note="").update(note="")
    return counts
