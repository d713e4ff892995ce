"""The portal's way to the ledger of help attempts: whatever fails there, asking for help goes on."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import transaction
from django.http import HttpRequest

from core.visitors import known_visitor_key, visitor_key
from kb import ledger
from kb.ledger_queries import LedgerLine, ledger_summary
from kb.models import HelpEvent, HelpSession
from portal.views.parts import language

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
TRAIL_LINES = 6


def _guarded(what: str, work: Callable[[], Result], default: Result) -> Result:
    """Run `work` in a savepoint; log any failure and return `default`."""
    try:
        with transaction.atomic():
            return work()
    except Exception:
        logger.exception("ledger: %s failed", what)
        return default


def current(request: HttpRequest, *, create: bool = True) -> HelpSession | None:
    """Return this visitor's open attempt; made when there is none and `create`. None when the ledger is not to be had."""
    key = visitor_key(request) if create else known_visitor_key(request)
    return _guarded(
        "session", lambda: ledger.help_session_for(visitor_key=key, user=request.user, language=language(), create=create), None
    )


def offered(
    request: HttpRequest,
    *,
    query: str,
    channel: str,
    group: str,
    shown: Iterable[Any],
    held: Iterable[Any] = (),
    product: tuple[Any, Any] = (None, None),
    unit: Any = None,
) -> None:
    """Note a question and the answers put under it, or held back for comparison; `product` is (family, model), `unit` their machine."""

    def write() -> None:
        session = current(request)
        seen, kept = ([{"key": hit.key, "title": hit.title, "url": hit.url} for hit in hits] for hits in (shown, held))
        ledger.record_query(session, query, found=len(seen) + len(kept), place=channel)
        ledger.record_shown(session, seen, query=query, place=channel)
        ledger.record_shown(session, kept, query=query, place=channel, held=True)
        ledger.record_offer(session, channel=channel, group=group)
        ledger.record_product(session, family=product[0], model=product[1], unit=unit)

    _guarded("offered", write, None)


def solved(request: HttpRequest, *, key: str = "") -> bool:
    """End the attempt as solved by themselves; `key` names the answer that did it. Returns whether one was open.

    None is begun for it: the same answer sent twice, by a double click or a reload, is one success.
    """

    def write() -> bool:
        session = current(request, create=False)
        event = session.events.filter(document_key=key).first() if session is not None and key else None
        return bool(ledger.mark_solved(session, by_key=key if event else "", title=event.title if event else ""))

    return _guarded("solved", write, False)


def escalated(session: HelpSession | None, *, reference: str, contact: Any) -> None:
    """End the attempt as one that needed a person: the case `reference`."""
    _guarded("escalated", lambda: ledger.mark_still_needs_help(session, reference=reference, contact=contact), None)


def trail(request: HttpRequest) -> list[LedgerLine]:
    """Return what goes along with a request: searches and what was opened, in the visitor's order."""

    def read() -> list[LedgerLine]:
        lines = ledger_summary(current(request, create=False))
        return [line for line in lines if line.kind in {"query", "opened"}][-TRAIL_LINES:]

    return _guarded("trail", read, [])


def read_urls(request: HttpRequest) -> set[str]:
    """Return the addresses this visitor has opened in the present attempt."""

    def read() -> set[str]:
        session = current(request, create=False)
        return set(session.events.filter(kind=HelpEvent.Kind.OPENED).values_list("url", flat=True)) if session else set()

    return _guarded("read", read, set())
