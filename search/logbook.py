"""Writing down what was asked, outside the request that asked it."""

from __future__ import annotations

import logging
import queue
import threading
import uuid
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, connections
from django.utils import timezone

from search import text
from search.models import SearchLog

logger = logging.getLogger(__name__)

_MOST_WAITING = 1000
#: The same words of the same visitor within this time are one search: a filter, the next page, the way back.
SAME_SEARCH = timedelta(minutes=30)
_waiting: queue.Queue[dict[str, Any]] = queue.Queue(maxsize=_MOST_WAITING)
_lock = threading.Lock()
_writer: threading.Thread | None = None


def note(
    *,
    query: str,
    language: str,
    total: int,
    engine: str,
    product: str = "",
    shown: int = 0,
    visitor_key: str = "",
    took_ms: float = 0.0,
) -> str:
    """Write a search down soon and return its reference for clicks.

    ``total`` is 0 without a sure answer, ``shown`` the number listed. A visitor who asks the same again within half an hour
    narrows or repeats one search: it keeps its row, with the better outcome. Otherwise the row is written by a thread of this
    process, so that a slow database never delays an answer; when too many wait, the newest are dropped. Inside a transaction
    it is written at once.
    """
    words = text.plain(query[:400])[:200]
    if not words:
        return ""
    known = _same_search(words, language, visitor_key, total, shown)
    if known:
        return known
    reference = uuid.uuid4()
    row = {
        "reference": reference,
        "query": words,
        "language": language,
        "total": total,
        "shown": shown,
        "engine": engine,
        "product": product[:120],
        "visitor_key": visitor_key[:64],
        "took_ms": took_ms,
        "at": timezone.now(),
    }
    if connection.in_atomic_block:
        _write(row)
        return str(reference)
    try:
        _waiting.put_nowait(row)
    except queue.Full:
        return ""
    _ensure_writer()
    return str(reference)


def _same_search(words: str, language: str, visitor_key: str, total: int, shown: int) -> str:
    """The reference of the search this one continues, brought to the better outcome; empty when it is a new one."""
    if not visitor_key:
        return ""
    try:
        since = timezone.now() - SAME_SEARCH
        rows = SearchLog.objects.filter(query=words, visitor_key=visitor_key[:64], language=language, at__gte=since)
        row = rows.order_by("-at").first()
        if row is None:
            return ""
        if (total, shown) > (row.total, row.shown) and not row.total:
            SearchLog.objects.filter(pk=row.pk).update(total=total, shown=shown)
        return str(row.reference)
    except DatabaseError:
        logger.exception("earlier searches could not be read")
        return ""


def _ensure_writer() -> None:
    global _writer
    if _writer is not None and _writer.is_alive():
        return
    with _lock:
        if _writer is None or not _writer.is_alive():
            _writer = threading.Thread(target=_run, name="search-log", daemon=True)
            _writer.start()


def _run() -> None:
    while True:
        row = _waiting.get()
        try:
            _write(row)
        finally:
            connections.close_all()
            _waiting.task_done()


def _write(row: dict[str, Any]) -> None:
    try:
        SearchLog.objects.create(**row)
    except Exception:
        logger.exception("a search could not be written down")


def flush() -> None:
    """Wait until everything waiting is written (tests, shutting down)."""
    _waiting.join()
