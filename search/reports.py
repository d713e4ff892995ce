"""What people searched for: questions with no answer, and questions whose answers nobody opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from search.models import SearchLog

PERIODS = (7, 30, 90)


def unanswered(*, days: int = 30, language: str = "") -> Any:
    """Questions without a result, most frequent first: ``query``, ``language``, ``times``, ``visitors``, ``last``."""
    return _grouped(_recent(days, language).filter(total=0))


def not_opened(*, days: int = 30, language: str = "", at_least: int = 3) -> Any:
    """Questions asked ``at_least`` times whose results were never opened."""
    rows = _recent(days, language).filter(total__gt=0)
    return _grouped(rows).annotate(opened=Count("pk", filter=~Q(clicked_key=""))).filter(opened=0, times__gte=at_least)


def _recent(days: int, language: str) -> QuerySet[SearchLog]:
    rows = SearchLog.objects.filter(at__gte=timezone.now() - timedelta(days=days))
    return rows.filter(language=language) if language else rows


def _grouped(rows: QuerySet[SearchLog]) -> Any:
    return (
        rows.order_by()
        .values("query", "language")
        .annotate(times=Count("pk"), visitors=Count("visitor_key", distinct=True), last=Max("at"))
        .order_by("-times", "-last")
    )
