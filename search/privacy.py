"""A person's searches, known by the keys of their browsers: what the copy of their data holds, and what is cut loose."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from core.models import Attachment
from kb.privacy import visitor_keys_of
from kb.redaction import redact
from search.models import SearchLog


def export(user: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what was searched in the person's browsers."""
    rows = SearchLog.objects.filter(visitor_key__in=visitor_keys_of(user)).values(
        "query", "language", "total", "clicked_key", "clicked_rank", "at"
    )
    return {"searches": [dict(row) for row in rows]}


def files(user: Any) -> list[Attachment]:
    """Return no files."""
    return []


def anonymise(user: Any, *, now: datetime) -> dict[str, int]:
    """Cut the searches loose from the browsers; the words stay, among those of everybody, for the editors. Runs before kb's part."""
    return {"searches": SearchLog.objects.filter(visitor_key__in=visitor_keys_of(user)).update(visitor_key="")}


def outlived(*, before: datetime) -> QuerySet[SearchLog]:
    """Return the searches from before a moment that still lead to a browser."""
    return SearchLog.objects.filter(at__lt=before).exclude(visitor_key="")


def let_go(rows: Sequence[SearchLog], *, now: datetime) -> int:
    """Cut these searches loose from the browser and take personal data out of the words; what was found and opened stays."""
    for row in rows:
        row.visitor_key, row.query = "", redact(row.query).text[:200]
    SearchLog.objects.bulk_update(rows, ["visitor_key", "query"])
    return len(rows)


def words_outlived(*, before: datetime) -> QuerySet[SearchLog]:
    """Return the searches from before a moment."""
    return SearchLog.objects.filter(at__lt=before)


def words_let_go(rows: Sequence[SearchLog], *, now: datetime) -> int:
    """Delete these searches."""
    return SearchLog.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]
