"""A person's searches, known by the keys of their browsers: what the copy of their data holds, and what is cut loose."""

from datetime import datetime
from typing import Any

from core.models import Attachment
from kb.privacy import visitor_keys_of
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
