"""Notices of the desk: marking them as seen."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from tickets.models import DeskNotice, Ticket


def mark_seen(*, user: Any, ids: Iterable[int] | None = None, ticket: Ticket | None = None) -> int:
    """Mark the person's own notices as seen: those named, those of one ticket, or all. Returns how many changed."""
    rows = DeskNotice.objects.filter(user=user, seen_at__isnull=True)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    if ticket is not None:
        rows = rows.filter(ticket=ticket)
    return rows.update(seen_at=timezone.now())
