"""The desk's ticket page: thread with notes and system lines, the customer, the ledger, earlier contacts, history."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.files import attachments_by_subject, attachments_of
from core.history import history_of
from core.models import Attachment, HistoryEntry
from tickets import states
from tickets.models import Escalation, SLATarget, Ticket, TicketMessage, TicketNote
from tickets.permissions import roles_on

SYSTEM_VERBS = frozenset(
    {
        *("opened", "claimed", "released", "assigned", "status_changed", "priority_changed", "moved", "escalated", "resolved"),
        *("confirmed", "reopened", "closed", "sla_warned", "sla_breached", "customer_told"),
        *("joined", "took_in"),
    }
)
EARLIER = 8


@dataclass(frozen=True)
class Line:
    """One line of the thread: kind `customer`, `agent`, `system` or `note`."""

    kind: str
    name: str
    body: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    articles: tuple[dict[str, str], ...] = ()
    entry: HistoryEntry | None = None


@dataclass(frozen=True)
class Day:
    """The lines of one local day."""

    date: date
    lines: tuple[Line, ...]


@dataclass
class TicketPage:
    """Everything the desk's page of one ticket shows, apart from the ledger."""

    ticket: Ticket
    days: list[Day]
    targets: list[SLATarget]
    escalations: list[Escalation]
    earlier: list[Ticket]
    earlier_count: int
    history: list[HistoryEntry]
    roles: frozenset[str]
    verbs: list[str] = field(default_factory=list)
    revealed: bool = False

    @property
    def running(self) -> list[SLATarget]:
        """The promises that are not met yet, soonest first."""
        return [row for row in self.targets if row.met_at is None]

    @property
    def paused(self) -> bool:
        """Does the resolution clock stand still."""
        return self.ticket.status in states.PAUSED


def ticket_page(ticket: Ticket, *, user: Any) -> TicketPage:
    """Return the page of a ticket that a door has let the person to."""
    roles = roles_on(user, ticket)
    history = list(history_of(ticket))
    targets = SLATarget.objects.filter(ticket=ticket, cancelled_at__isnull=True).order_by("due_at")
    escalations = Escalation.objects.filter(ticket=ticket, closed_at__isnull=True).select_related("queue", "claimed_by")
    earlier = earlier_tickets(ticket)
    return TicketPage(
        ticket=ticket,
        days=thread_of(ticket, history=history),
        targets=list(targets),
        escalations=list(escalations),
        earlier=earlier,
        earlier_count=len(earlier) if len(earlier) < EARLIER else other_tickets(ticket).count(),
        history=history,
        roles=roles,
        verbs=states.verbs_for(ticket.status, roles),
    )


def thread_of(ticket: Ticket, *, history: Iterable[HistoryEntry] = ()) -> list[Day]:
    """Return the thread by day: the first words, the messages, the notes and the system's lines in order of time."""
    messages = list(TicketMessage.objects.filter(ticket=ticket))
    notes = TicketNote.objects.filter(ticket=ticket).select_related("author")
    files = attachments_by_subject(messages)
    lines = [Line("customer", str(ticket.contact), ticket.description, ticket.created_at, tuple(attachments_of(ticket)))]
    lines += [
        Line(row.author_kind, row.author_name, row.body, row.created_at, tuple(files.get(str(row.pk), ())), tuple(row.articles))
        for row in messages
    ]
    lines += [Line("note", str(note.author or ""), note.body, note.created_at) for note in notes]
    lines += [Line("system", entry.actor_label, "", entry.at, entry=entry) for entry in history if entry.verb in SYSTEM_VERBS]
    lines.sort(key=lambda line: (line.at, line.kind == "system"))
    days: dict[date, list[Line]] = {}
    for line in lines:
        days.setdefault(timezone.localtime(line.at).date(), []).append(line)
    return [Day(day, tuple(rows)) for day, rows in days.items()]


def other_tickets(ticket: Ticket) -> QuerySet[Ticket]:
    """Return the other tickets of the same customer: of one contact, or of every contact of one account."""
    user = ticket.contact.user_id
    theirs = Ticket.objects.filter(contact__user_id=user) if user else Ticket.objects.filter(contact_id=ticket.contact_id)
    return theirs.exclude(pk=ticket.pk)


def earlier_tickets(ticket: Ticket, *, limit: int = EARLIER) -> list[Ticket]:
    """Return the newest of them."""
    return list(other_tickets(ticket).select_related("model", "family").order_by("-created_at")[:limit])
