"""The ticket as its customer sees it: thread without notes, status in plain words, what happens next and by when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.files import attachments_by_subject, attachments_of
from core.models import Attachment
from tickets import states
from tickets.models import SLATarget, Ticket, TicketMessage

Metric = SLATarget.Metric


@dataclass(frozen=True)
class Entry:
    """One entry of the thread: who (`customer`, `agent`, `system`), the name shown, the words, files, inserted articles."""

    who: str
    name: str
    body: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    articles: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class CustomerView:
    """Everything the customer's page shows; `goes_on` is the request that this one was joined with."""

    ticket: Ticket
    entries: tuple[Entry, ...]
    status_title: str
    status_text: str
    tone: str
    promised_at: datetime | None
    closes_at: datetime | None
    actions: frozenset[str]
    goes_on: Ticket | None = None

    @property
    def may_reply(self) -> bool:
        """May the customer write."""
        return "reply" in self.actions

    @property
    def may_confirm(self) -> bool:
        """May the customer say that it is solved."""
        return "confirm" in self.actions

    @property
    def may_reopen(self) -> bool:
        """May the customer say that it is not solved."""
        return "reopen" in self.actions


def promised_answer(ticket: Ticket) -> datetime | None:
    """Return by when the next answer is promised, None when none is owed or the time has passed."""
    metrics = [Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE]
    open_targets = SLATarget.objects.filter(ticket=ticket, metric__in=metrics, met_at__isnull=True, cancelled_at__isnull=True)
    due = open_targets.order_by("due_at").values_list("due_at", flat=True).first()
    return due if due and due > timezone.now() else None


def customer_view(ticket: Ticket, *, own: bool = True) -> CustomerView:
    """Return the customer's view of a ticket that a door has let them to (four queries); who does not own it may do nothing."""
    messages = list(TicketMessage.objects.filter(ticket=ticket))
    files = attachments_by_subject(messages, public_only=True)
    first = Entry("customer", str(ticket.contact), ticket.description, ticket.created_at, tuple(attachments_of(ticket, public_only=True)))
    entries = [first] + [
        Entry(row.author_kind, row.author_name, row.body, row.created_at, tuple(files.get(str(row.pk), ())), tuple(row.articles))
        for row in messages
    ]
    goes_on = ticket.joined_to if ticket.status == states.CLOSED else None
    title, text = states.JOINED_WORDS if goes_on else states.CUSTOMER_WORDS[ticket.status]
    closes = None
    if ticket.status == states.RESOLVED and ticket.resolved_at:
        closes = ticket.resolved_at + timedelta(days=ticket.queue.close_after_days)
    return CustomerView(
        ticket=ticket,
        entries=tuple(entries),
        status_title=str(title),
        status_text=str(text),
        tone=states.TONES[ticket.status],
        promised_at=promised_answer(ticket),
        closes_at=closes,
        actions=_actions(ticket.status) if own and not goes_on else frozenset(),
        goes_on=goes_on,
    )


def _actions(status: str) -> frozenset[str]:
    verbs = set(states.verbs_for(status, {states.CUSTOMER})) & {"confirm", "reopen"}
    if status in states.ACTIVE:
        verbs.add("reply")
    return frozenset(verbs)


def tickets_of(user: Any) -> QuerySet[Ticket]:
    """Return a member's tickets, newest first."""
    return Ticket.objects.filter(contact__user=user).select_related("family", "model", "contact").order_by("-created_at")


def tickets_of_unit(unit: Any, people: set[int]) -> QuerySet[Ticket]:
    """Return what these accounts have asked about a unit, newest first."""
    found = Ticket.objects.filter(unit=unit, contact__user_id__in=people)
    return found.select_related("family", "model", "contact").order_by("-created_at")
