"""The agent's overview: my work, counts, what is due, canned replies, notices."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import pgettext

from core.brand import current_brand
from core.i18n import bilingual
from tickets import states
from tickets.models import CannedReply, DeskNotice, Queue, Ticket
from tickets.permissions import WORK, works_desk
from tickets.queries.lists import queue_for

SOON = timedelta(hours=2)


def my_work(user: Any, *, limit: int = 20) -> list[Ticket]:
    """Return the person's active tickets, soonest due first."""
    mine = Ticket.objects.filter(assignee=user, status__in=states.ACTIVE).select_related("contact", "priority", "queue", "model", "family")
    return list(mine.order_by(F("due_at").asc(nulls_last=True), "created_at")[:limit])


def due_soon(*, now: datetime | None = None, limit: int = 10) -> list[Ticket]:
    """Return the active tickets that are over time or due within two hours."""
    until = (now or timezone.now()) + SOON
    rows = Ticket.objects.filter(status__in=states.ACTIVE, due_at__lte=until).select_related("contact", "priority", "queue", "assignee")
    return list(rows.order_by("due_at")[:limit])


def desk_counts(user: Any, *, now: datetime | None = None) -> dict[str, Any]:
    """Return the figures of the overview: mine, waiting for me, unclaimed, over time, and every queue with its counts."""
    moment = now or timezone.now()
    if not works_desk(user):
        return {"mine": 0, "answered_me": 0, "unclaimed": 0, "over": 0, "queues": []}
    active = Q(tickets__status__in=states.ACTIVE)
    queues = Queue.objects.annotate(
        active=Count("tickets", filter=active),
        over=Count("tickets", filter=active & Q(tickets__due_at__lt=moment)),
        unassigned=Count("tickets", filter=active & Q(tickets__assignee__isnull=True)),
    )
    totals = Ticket.objects.filter(status__in=states.ACTIVE).aggregate(
        mine=Count("pk", filter=Q(assignee=user)),
        answered_me=Count("pk", filter=Q(assignee=user, waiting_since__isnull=False)),
        over=Count("pk", filter=Q(due_at__lt=moment)),
    )
    return {**totals, "unclaimed": queue_for(user).count(), "queues": list(queues)}


def canned_replies_for(user: Any, *, queue: Queue | None = None, text: str = "", language: str = "") -> list[dict[str, Any]]:
    """Return the canned replies the person may use in a queue: their own, the queue's and everybody's, most used first.

    Args:
        text: part of the shortcut or title in either language.
        language: of the texts; the customer's.
    """
    rows: QuerySet[CannedReply] = CannedReply.objects.filter(Q(owner__isnull=True) | Q(owner=user)).select_related("queue", "owner")
    if queue is not None:
        rows = rows.filter(Q(queue__isnull=True) | Q(queue=queue))
    for word in text.split()[:4]:
        rows = rows.filter(Q(shortcut__icontains=word) | Q(title_zh_hans__icontains=word) | Q(title_en__icontains=word))
    return [
        {
            "pk": row.pk,
            "shortcut": row.shortcut,
            "title": bilingual(row, "title"),
            "body": bilingual(row, "body", language or None),
            "queue": row.queue.name if row.queue else "",
            "own": row.owner_id == user.pk,
        }
        for row in rows.order_by("-used", "shortcut")[:50]
    ]


def filled_replies(user: Any, case: Any, *, customer: str) -> list[dict[str, Any]]:
    """Return the canned replies for a request or a chat with their placeholders filled in, in the customer's language.

    Where we do not know the product, a gap in brackets stays to be filled in by hand: a sentence without its noun must not go out.
    """
    with translation.override(case.language):
        product = case.model.number if case.model else (bilingual(case.family, "name", case.language) if case.family else case.product_text)
        values = {
            "{customer}": customer,
            "{reference}": case.reference,
            "{agent}": str(user),
            "{product}": product or pgettext("gap in a canned reply", "[product]"),
            "{hotline}": current_brand().hotline,
        }
    replies = canned_replies_for(user, queue=case.queue, language=case.language)
    for reply in replies:
        for placeholder, value in values.items():
            reply["body"] = reply["body"].replace(placeholder, value)
    return replies


def colleagues() -> QuerySet[Any]:
    """Return everybody who works at the desk, by name."""
    workers = ModelBackend().with_perm(WORK, include_superusers=False)
    return workers.filter(is_staff=True, is_active=True).order_by("name", "pk")


def notices_for(user: Any, *, limit: int = 20, since: datetime | None = None) -> list[DeskNotice]:
    """Return the person's unseen notices, newest first; with `since` only those written at that time or later."""
    rows = DeskNotice.objects.filter(user=user, seen_at__isnull=True).select_related("ticket", "ticket__contact")
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    return list(rows[:limit])


def unseen_count(user: Any) -> int:
    """Return how many notices the person has not seen."""
    return DeskNotice.objects.filter(user=user, seen_at__isnull=True).count()
