"""The rows behind a number, ready to be listed: attempts with what was asked and read, and their contact."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from kb.ledger_queries import Trail
from kb.models import HelpEvent, HelpSession
from reports.queries.contacts import case_url


@dataclass(frozen=True)
class AttemptRow:
    """One attempt in a list."""

    session: HelpSession
    question: str
    read: list[str]

    @property
    def product(self) -> str:
        """The model's number, else the family's name."""
        if self.session.model:
            return self.session.model.number
        return self.session.family.name if self.session.family else ""

    @property
    def case_url(self) -> str:
        """Where staff open the contact."""
        return case_url(self.session.contact_reference)


def with_events(rows: QuerySet[HelpSession]) -> QuerySet[HelpSession]:
    """Return attempts with everything a list of them names."""
    return rows.select_related("model", "family", "code").prefetch_related("events")


def attempt_rows(found: Any) -> list[AttemptRow]:
    """Return attempts as rows; events must have been fetched with them."""
    return [_row(session) for session in found]


def _row(session: HelpSession) -> AttemptRow:
    events = list(session.events.all())
    trail = Trail(events)
    questions = [event.query for event in events if event.kind == HelpEvent.Kind.QUERY]
    titles = [event.title or event.document_key for event in events if event.kind == HelpEvent.Kind.OPENED]
    read = list(dict.fromkeys(titles))
    return AttemptRow(session, questions[-1] if questions else "", read if trail.opened else [])
