"""Notices of the desk: marking them as seen."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.events import emit
from tickets.models import DeskNotice, Ticket


@transaction.atomic
def tell_desk(*, kind: str, users: Iterable[int], reference: str, path: str, at: datetime) -> int:
    """Write a notice about another case than a ticket for each of `users`, and push it to their desks. Returns how many are new.

    Args:
        kind: of tickets.words.NOTICES.
        users: ids of colleagues.
        reference: of the case.
        path: of its page at the desk, without a language.
        at: when it happened; the same news at the same moment is told once.
    """
    told = DeskNotice.objects.filter(kind=kind, reference=reference, created_at=at).values_list("user_id", flat=True)
    ids = sorted(set(users) - set(told))
    DeskNotice.objects.bulk_create([DeskNotice(user_id=pk, kind=kind, reference=reference, path=path, created_at=at) for pk in ids])
    if ids:
        emit("desk.noticed", user_ids=ids, ticket_id=None)
    return len(ids)


def settle(*, reference: str) -> int:
    """Mark every notice about a case as seen: it is decided. Returns how many changed."""
    return DeskNotice.objects.filter(reference=reference, seen_at__isnull=True).exclude(reference="").update(seen_at=timezone.now())


def mark_seen(*, user: Any, ids: Iterable[int] | None = None, ticket: Ticket | None = None) -> int:
    """Mark the person's own notices as seen: those named, those of one ticket, or all. Returns how many changed."""
    rows = DeskNotice.objects.filter(user=user, seen_at__isnull=True)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    if ticket is not None:
        rows = rows.filter(ticket=ticket)
    return rows.update(seen_at=timezone.now())
