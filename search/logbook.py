"""Writing down what was asked, outside the request that asked it."""

from __future__ import annotations

import logging
import queue
import threading
import uuid
from datetime import datetime
from typing import Any

from django.db import connection, connections
from django.utils import timezone

from search import text
from search.models import SearchLog

logger = logging.getLogger(__name__)

_MOST_WAITING = 1000
_waiting: queue.Queue[dict[str, Any]] = queue.Queue(maxsize=_MOST_WAITING)
_lock = threading.Lock()
_writer: threading.Thread | None = None


def note(*, query: str, language: str, total: int, engine: str, product: str = "", visitor_key: str = "", took_ms: float = 0.0) -> str:
    """Write a search down soon and return its reference for clicks.

    The row is written by a thread of this process, so that a slow database never delays an answer; when too many wait,
    the newest are dropped. Inside a transaction it is written at once.
    """
    reference = uuid.uuid4()
    row = {
        "reference": reference,
        "query": text.plain(query[:400])[:200],
        "language": language,
        "total": total,
        "engine": engine,
        "product": product[:120],
        "visitor_key": visitor_key[:64],
        "took_ms": took_ms,
        "at": timezone.now(),
    }
    if not row["query"]:
        return ""
    if connection.in_atomic_block:
        _write(row)
        return str(reference)
    try:
        _waiting.put_nowait(row)
    except queue.Full:
        return ""
    _ensure_writer()
    return str(reference)


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


def prune(*, before: datetime) -> int:
    """Delete searches older than a time; returns how many."""
    return SearchLog.objects.filter(at__lt=before).delete()[0]
