"""Writes what visitors did without asking anybody: searches, answers that helped, votes."""

import random
from datetime import datetime, timedelta

from portal.demo.data import read
from portal.demo.ledger import Ledger
from search.models import SearchLog

DAYS = 88


def load_activity(ledger: Ledger, chance: random.Random, now: datetime) -> None:
    """Write the searches, attempts and votes of the last ninety days."""
    content = read("activity")
    logs = [_log(words, language, 0, _some_time(chance, now)) for words, language, times in content["unanswered"] for _ in range(times)]
    visitor = 0
    for words, language, slug, times in content["answered"]:
        for _ in range(times):
            visitor += 1
            moment = _some_time(chance, now)
            shelf = ledger.shelves.get((slug, language))
            key = shelf.key if shelf else ""
            logs.append(_log(words, language, chance.randint(3, 14), moment, visitor=visitor, clicked=f"{key}:{language}" if key else ""))
            if visitor % 2:
                _solved(ledger, chance, words, language, slug, moment, visitor)
    SearchLog.objects.bulk_create(logs)
    for number, (slug, language, reason, comment) in enumerate(content["doubts"]):
        ledger.vote(
            slug, language, at=_some_time(chance, now), visitor=f"demo-doubt-{number}", helpful=False, reason=reason, comment=comment
        )


def _solved(ledger: Ledger, chance: random.Random, words: str, language: str, slug: str, moment: datetime, visitor: int) -> None:
    row = {"searches": [words], "shown": [slug], "read": [slug]}
    session = ledger.attempt(row, contact=None, model=None, language=language, until=moment, visitor=f"v{visitor:03d}")
    ledger.finish(session, outcome="solved", at=moment, solved_by=ledger.shelves.get((slug, language)))
    ledger.vote(slug, language, at=moment, visitor=session.visitor_key, helpful=True, query=words)


def _log(words: str, language: str, total: int, at: datetime, *, visitor: int = 0, clicked: str = "") -> SearchLog:
    return SearchLog(
        query=words,
        language=language,
        total=total,
        shown=total,
        engine="embedded",
        visitor_key=f"demo-v{visitor:03d}" if visitor else "",
        took_ms=2.4,
        clicked_key=clicked,
        clicked_rank=1 if clicked else None,
        clicked_at=at + timedelta(seconds=9) if clicked else None,
        clicks=int(bool(clicked)),
        at=at,
    )


def _some_time(chance: random.Random, now: datetime) -> datetime:
    return now - timedelta(days=chance.random() * DAYS, minutes=chance.randint(10, 900))
