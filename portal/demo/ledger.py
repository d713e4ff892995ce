"""Writes the demo's attempts at self-service: what was searched, shown, opened and read, and the votes that came of it."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Contact
from kb.models import ArticleVote, GuidePage, HelpEvent, HelpSession
from kb.subjects import guide_key
from products.models import ProductModel

Kind = HelpEvent.Kind


@dataclass(frozen=True)
class Shelf:
    """Where a guide stands in one language."""

    key: str
    title: str
    url: str
    page_id: int

    def document(self) -> dict[str, str]:
        """Return the fields of an event that name the guide."""
        return {"document_key": self.key, "title": self.title, "url": self.url}

    def article(self) -> dict[str, str]:
        """Return the guide as replies keep it."""
        return {"key": self.key, "title": self.title, "url": self.url}


def shelves() -> dict[tuple[str, str], Shelf]:
    """Return every guide by (slug, language)."""
    pages = GuidePage.objects.live().select_related("locale").defer("body")
    return {(page.slug, page.locale.language_code): Shelf(guide_key(page), page.title, page.url or "/", page.pk) for page in pages}


class Ledger:
    """Writes sessions with moments of their own; everything of one visitor carries the same key."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.shelves = shelves()

    def attempt(
        self, row: dict[str, Any], *, contact: Contact | None, model: ProductModel | None, language: str, until: datetime, visitor: str
    ) -> HelpSession:
        """Write one attempt that ends just before `until`, its outcome still open.

        Args:
            row: `searches`, `shown`, `read` and `vote` as in the data files.
        """
        steps = self._steps(row, language)
        begins = until - timedelta(seconds=60 * (len(steps) + 2))
        session = HelpSession.objects.create(
            key=f"demo-{visitor}"[:24],
            visitor_key=f"demo-{visitor}",
            user=contact.user if contact else None,
            contact=contact,
            language=language,
            family=model.family if model else None,
            model=model,
            started_at=begins,
            last_at=until,
        )
        moment = begins
        events = []
        for kind, fields in steps:
            moment += timedelta(seconds=self.chance.randint(15, 55))
            events.append(HelpEvent(session=session, kind=kind, at=min(moment, until), **fields))
        HelpEvent.objects.bulk_create(events)
        if row.get("vote"):
            slug, reason, comment = row["vote"]
            self.vote(
                slug,
                language,
                at=until,
                visitor=session.visitor_key,
                helpful=False,
                reason=reason,
                comment=comment,
                query=(row["searches"] or [""])[-1],
            )
        return session

    def _steps(self, row: dict[str, Any], language: str) -> list[tuple[str, dict[str, Any]]]:
        steps: list[tuple[str, dict[str, Any]]] = []
        found = [shelf for slug in row["shown"] if (shelf := self.shelves.get((slug, language)))]
        for number, query in enumerate(row["searches"]):
            steps.append((Kind.QUERY, {"query": query, "data": {"found": len(found) if number == 0 or found else 0}}))
            if number == 0:
                steps += [(Kind.SHOWN, {"query": query, **shelf.document()}) for shelf in found]
        for slug in row["read"]:
            shelf = self.shelves.get((slug, language))
            if shelf:
                steps.append((Kind.OPENED, shelf.document()))
                steps.append((Kind.READ, {"seconds": self.chance.randint(40, 380), **shelf.document()}))
        if row.get("vote") and (shelf := self.shelves.get((row["vote"][0], language))):
            steps.append((Kind.VOTED, {"document_key": shelf.key, "title": shelf.title, "data": {"helpful": False}}))
        return steps

    def finish(self, session: HelpSession, *, outcome: str, at: datetime, reference: str = "", solved_by: Shelf | None = None) -> None:
        """End an attempt."""
        kind = Kind.STILL if outcome == HelpSession.Outcome.ESCALATED else Kind.SOLVED
        HelpEvent.objects.create(session=session, kind=kind, at=at, **(solved_by.document() if solved_by else {}))
        HelpSession.objects.filter(pk=session.pk).update(
            outcome=outcome, outcome_at=at, last_at=at, contact_reference=reference, solved_by_key=solved_by.key if solved_by else ""
        )

    def vote(
        self, slug: str, language: str, *, at: datetime, visitor: str, helpful: bool, reason: str = "", comment: str = "", query: str = ""
    ) -> None:
        """Write a vote on a guide; one a visitor."""
        shelf = self.shelves.get((slug, language))
        if shelf is None:
            return
        ArticleVote.objects.get_or_create(
            subject_key=shelf.key,
            visitor_key=visitor,
            defaults={
                "page_id": shelf.page_id,
                "title": shelf.title,
                "language": language,
                "helpful": helpful,
                "reason": reason,
                "comment": comment,
                "query": query,
                "created_at": at,
            },
        )
