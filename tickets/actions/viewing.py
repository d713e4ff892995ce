"""Who else has a ticket open: rows kept alive by the page's socket, so that two people do not answer one customer."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.events import emit
from tickets.models import Ticket, TicketViewer
from tickets.queries.viewers import STALE


def show_ticket(channel: str, *, user: Any, ticket: Ticket, is_writing: bool = False, now: datetime | None = None) -> None:
    """Note that a page shows a ticket and whether its agent is writing; colleagues are told when that is new."""
    now = now or timezone.now()
    with transaction.atomic():
        before = TicketViewer.objects.filter(channel=channel).first()
        same = before is not None and (before.ticket_id, before.is_writing) == (ticket.pk, is_writing) and now - before.seen_at < STALE
        TicketViewer.objects.update_or_create(
            channel=channel, defaults={"user": user, "ticket": ticket, "is_writing": is_writing, "seen_at": now}
        )
        if not same:
            emit("ticket.viewed", ticket_id=ticket.pk)
        if before is not None and before.ticket_id != ticket.pk:
            emit("ticket.viewed", ticket_id=before.ticket_id)


def leave_ticket(channel: str) -> None:
    """Forget a page that was closed; colleagues are told."""
    with transaction.atomic():
        for row in TicketViewer.objects.filter(channel=channel):
            row.delete()
            emit("ticket.viewed", ticket_id=row.ticket_id)


def sweep_viewers(*, now: datetime | None = None) -> int:
    """Forget the pages nobody has heard of for a while: closed lids, killed processes. Returns how many."""
    rows = TicketViewer.objects.filter(seen_at__lte=(now or timezone.now()) - STALE)
    gone = list(rows.values_list("pk", "ticket_id"))
    with transaction.atomic():
        TicketViewer.objects.filter(pk__in=[pk for pk, _ticket in gone]).delete()
        for ticket_id in {ticket_id for _pk, ticket_id in gone}:
            emit("ticket.viewed", ticket_id=ticket_id)
    return len(gone)
