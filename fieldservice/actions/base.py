"""What every step of a repair shares: the lock, the table's judgement, the clock of the new state, the history row, the event."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import emit
from core.history import history_of, record
from core.models import HistoryEntry
from fieldservice import promises, states
from fieldservice.models import RepairOrder, repair_settings
from fieldservice.permissions import roles_on, works_on_repairs

MAX_TEXT = 5000


def lock_repair(order: RepairOrder) -> RepairOrder:
    """Return the repair as it is now, locked until the end of the transaction (SQLite: the transaction is the lock)."""
    rows = RepairOrder.objects.select_for_update(of=("self",)).select_related("contact", "unit", "unit__owner", "ticket")
    return rows.get(pk=order.pk)


def clean(text: str, *, field: str, message: Any, limit: int = MAX_TEXT) -> str:
    """Return the text without null characters and outer space. Raises InvalidInput when it is empty or too long."""
    value = (text or "").replace("\x00", "").replace("\r\n", "\n").strip()
    if not value:
        raise InvalidInput(message, field=field, code="required")
    if len(value) > limit:
        raise InvalidInput(_("This is too long: at most %(limit)s characters.") % {"limit": limit}, field=field, code="too_long")
    return value


def roles_of(by: Any, *, order: RepairOrder, guest: bool) -> frozenset[str]:
    """Return the roles somebody acts in: the clock without a person, a guest whom a door let in, staff or the customer."""
    if getattr(by, "pk", None):
        return roles_on(by, order)
    return frozenset({states.CUSTOMER}) if guest else frozenset({states.SYSTEM})


def judge(move: str, *, order: RepairOrder, roles: Iterable[str], version: int | None = None) -> states.Move:
    """Return the move when the table allows it now.

    Args:
        version: the version the person saw; an older one means that somebody else was faster.
    Raises:
        NotAllowed for the wrong role, Conflict for the wrong state or an old version.
    """
    wanted = states.MOVES.get(move)
    if wanted is None or wanted.who.isdisjoint(roles):
        raise NotAllowed()
    if order.state not in wanted.sources:
        words = {"state": states.state_of(order.state).label}
        if version is not None and version != order.version:
            last = history_of(order).filter(verb__in=states.MOVES).last()
            words["who"] = last.actor_label if last and last.actor_id else _("Someone else")
            raise Conflict(_("%(who)s was faster: the repair is “%(state)s” now. Look at it again.") % words, code="state")
        raise Conflict(_("The repair is “%(state)s” now; this step is not possible.") % words, code="state")
    if version is not None and version != order.version:
        raise Conflict(_("Someone else has moved this repair in the meantime. Look at it again."), code="version")
    return wanted


def demand(move: states.Move, *, facts: dict[str, Any]) -> None:
    """Refuse a move that lacks what the table asks for. Raises InvalidInput."""
    for name in move.requires:
        if not facts.get(name):
            raise InvalidInput(REQUIRED_WORDS[name](), field=name, code="required")


REQUIRED_WORDS: dict[str, Any] = {
    "finding": lambda: _("Say what was found."),
    "lines": lambda: _("A quote needs at least one line."),
    "reason": lambda: _("Say why."),
    "part": lambda: _("Name the part."),
    "expected_on": lambda: _("Say when the part is expected."),
    "slot": lambda: _("Choose a time for the visit."),
    "result": lambda: _("Say what was done."),
}


def enter(
    order: RepairOrder,
    *,
    move: states.Move,
    by: Any,
    guest: bool = False,
    now: datetime | None = None,
    fields: Iterable[str] = (),
    valid_until: datetime | None = None,
    **facts: Any,
) -> HistoryEntry:
    """Take a judged, locked repair over a move: state, clock, version, history row, event.

    Args:
        fields: further columns that the caller has changed.
        facts: JSON facts of the step, shown in its history.
    """
    moment = now or timezone.now()
    old, order.state = order.state, move.target
    order.version += 1
    order.state_since = order.updated_at = moment
    settings = repair_settings()
    order.due_at = promises.due_at(order, settings=settings, schedule=promises.schedule(settings), now=moment, valid_until=valid_until)
    order.closed_at = moment if move.target in states.FINAL else None
    columns = {"state", "version", "state_since", "updated_at", "due_at", "closed_at", *fields}
    order.save(update_fields=sorted(columns))
    label = str(order.contact) if guest else "" if getattr(by, "pk", None) else "clock"
    entry = record(order, move.key, by=by, label=label, public=bool(move.told), at=moment, old=old, new=order.state, **facts)
    _announce(move, order, entry)
    return entry


def _announce(move: states.Move, order: RepairOrder, entry: HistoryEntry) -> None:
    if move.key == "quote":
        emit("repair.quoted", repair_id=order.pk, step_id=entry.pk)
    elif move.key == "move_visit":
        emit("repair.visit_moved", repair_id=order.pk, step_id=entry.pk)
    elif move.target == states.CANCELLED:
        emit("repair.cancelled", repair_id=order.pk, step_id=entry.pk)
    else:
        emit("repair.moved", repair_id=order.pk, step_id=entry.pk)


def demand_staff(by: Any) -> None:
    """Refuse who does not work on repairs. Raises NotAllowed."""
    if not works_on_repairs(by):
        raise NotAllowed()


def future_day(value: Any, *, field: str) -> date:
    """Return a day from today on, at most two years ahead. Raises InvalidInput."""
    if not isinstance(value, date):
        raise InvalidInput(REQUIRED_WORDS["expected_on"](), field=field, code="required")
    today = timezone.localdate()
    if value < today:
        words = {"day": formats.date_format(value, "DATE_FORMAT")}
        raise InvalidInput(_("%(day)s has passed. Choose a day to come.") % words, field=field, code="past")
    if value > today + timedelta(days=730):
        raise InvalidInput(_("This day is too far away."), field=field, code="far")
    return value
