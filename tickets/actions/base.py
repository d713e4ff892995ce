"""What every action of the desk shares: the lock, the check of the state table, the next number in a thread, notices."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Max
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import emit
from tickets import states
from tickets.models import DeskNotice, Queue, Ticket, TicketMessage
from tickets.permissions import SUPERVISE, works_desk

MAX_BODY = 20_000


def lock_ticket(ticket: Ticket) -> Ticket:
    """Return the ticket as it is now, locked until the end of the transaction (SQLite: the transaction is the lock)."""
    return Ticket.objects.select_for_update(of=("self",)).select_related("contact", "queue", "priority").get(pk=ticket.pk)


def demand_agent(user: Any) -> None:
    """Refuse who does not work at the desk. Raises NotAllowed."""
    if not works_desk(user):
        raise NotAllowed()


def demand_move(verb: str, *, ticket: Ticket, who: Iterable[str]) -> states.Transition:
    """Return the transition of `verb`. Raises NotAllowed for the wrong role, Conflict for the wrong state."""
    transition = states.TRANSITIONS[verb]
    roles = frozenset(who)
    if transition.who.isdisjoint(roles):
        raise NotAllowed()
    if ticket.status not in transition.sources:
        raise Conflict(
            _("The ticket is “%(status)s” now; this step is not possible.") % {"status": ticket.get_status_display()}, code="state"
        )
    return transition


def clean_text(text: str, *, field: str, limit: int = MAX_BODY, message: Any = None) -> str:
    """Return the text without null characters and outer space. Raises InvalidInput when it is empty or too long."""
    value = (text or "").replace("\x00", "").replace("\r\n", "\n").strip()
    if not value:
        raise InvalidInput(message or _("Write something first."), field=field, code="required")
    if len(value) > limit:
        raise InvalidInput(_("This is too long: at most %(limit)s characters.") % {"limit": limit}, field=field, code="too_long")
    return value


def next_seq(ticket: Ticket) -> int:
    """Return the next number of the public thread (the ticket is locked)."""
    return (TicketMessage.objects.filter(ticket=ticket).aggregate(last=Max("seq"))["last"] or 0) + 1


def add_message(ticket: Ticket, **fields: Any) -> TicketMessage:
    """Write one entry of the public thread."""
    return TicketMessage.objects.create(ticket=ticket, seq=next_seq(ticket), **fields)


def supervisors() -> list[int]:
    """Return the ids of everybody who supervises the desk."""
    users = ModelBackend().with_perm(SUPERVISE, include_superusers=False)
    return list(users.filter(is_staff=True, is_active=True).values_list("pk", flat=True))


def members(queue: Queue) -> list[int]:
    """Return the ids of a queue's active members."""
    return list(queue.members.filter(is_active=True, is_staff=True).values_list("pk", flat=True))


def notify(ticket: Ticket, *, kind: str, users: Iterable[int | None], but: Any = None, at: datetime) -> None:
    """Write a notice for each of `users` except the person who acted, and push it to their desks."""
    ids = sorted({pk for pk in users if pk and pk != getattr(but, "pk", None)})
    if not ids:
        return
    DeskNotice.objects.bulk_create([DeskNotice(user_id=pk, kind=kind, ticket=ticket, created_at=at) for pk in ids])
    emit("desk.noticed", user_ids=ids, ticket_id=ticket.pk)
