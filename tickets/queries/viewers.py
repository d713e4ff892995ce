"""Who else has a ticket open just now."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tickets.models import Ticket, TicketViewer

STALE = timedelta(seconds=25)


def viewers_of(ticket: Ticket, *, but: Any, now: datetime | None = None) -> list[dict[str, Any]]:
    """Return the colleagues who have the ticket open: [{name, writing}], each once, who writes first."""
    rows = TicketViewer.objects.filter(ticket=ticket, seen_at__gt=(now or timezone.now()) - STALE).exclude(user=but).select_related("user")
    found: dict[str, bool] = defaultdict(bool)
    for row in rows:
        found[str(row.user)] |= row.is_writing
    return [{"name": name, "writing": writing} for name, writing in sorted(found.items(), key=lambda pair: (not pair[1], pair[0]))]
