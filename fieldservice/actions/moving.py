"""Moving a repair along the table: one verb for staff and clock, verbs of their own where there is substance."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from core.events import emit
from core.history import record
from fieldservice import promises, slots, states
from fieldservice.actions.base import clean, demand, demand_staff, enter, future_day, judge, lock_repair, roles_of
from fieldservice.models import RepairOrder, ServiceOutlet, repair_settings

# Moves with a verb of their own; `move_repair` refuses them.
OWN_VERBS = {"quote": "quotes", "withdraw_quote": "quotes", "expire_quote": "quotes", "approve": "quotes", "decline": "quotes"}
TEXTS = ("finding", "reason", "result", "comment")
Attention = RepairOrder.Attention


def move_repair(
    order: RepairOrder, *, move: str, by: Any = None, guest: bool = False, version: int | None = None, **facts: Any
) -> RepairOrder:
    """Move a repair as the table allows; every move without a verb of its own.

    Args:
        move: key of the table, e.g. `check`, `finish`, `cancel`.
        by: staff, or the signed-in customer; None for the clock, or for a guest with `guest=True` (the door has checked the link).
        version: the version the person saw, so that of two people at once the first one wins.
        facts: what the table requires (`finding`, `reason`, `result` as text; `part` and `expected_on`; `slot`), and where they fit
            `comment`, `engineer`, `engineer_phone`, `outlet`.
    Raises:
        NotAllowed, Conflict (state, version, too late), InvalidInput (something required is missing).
    """
    if move in OWN_VERBS:
        raise InvalidInput(_("This step has a form of its own."), code="own_verb")
    with transaction.atomic():
        order = lock_repair(order)
        roles = roles_of(by, order=order, guest=guest)
        wanted = judge(move, order=order, roles=roles, version=version)
        demand(wanted, facts=facts)
        said: dict[str, Any] = {
            name: clean(facts[name], field=name, message=_("Write something first."), limit=500) for name in TEXTS if facts.get(name)
        }
        fields, written = _write_facts(order, move, facts, roles=roles)
        _too_late(order, move, roles)
        order.attention, fields = _attention(order, move, roles), [*fields, "attention"]
        enter(order, move=wanted, by=by, guest=guest, fields=fields, **said, **written)
    return order


def _write_facts(order: RepairOrder, move: str, facts: dict[str, Any], *, roles: frozenset[str]) -> tuple[list[str], dict[str, Any]]:
    """Write what a move carries into the locked repair; return the changed columns and the facts for the history."""
    if move in {"wait_for_part", "postpone_part"}:
        return _write_part(order, facts)
    if move in {"schedule", "move_visit"}:
        return _write_visit(order, move, facts, roles=roles)
    if move == "visit_failed" or move == "come_back":
        old = promises.visit_of(order)
        order.visit_day, order.visit_part = None, ""
        return ["visit_day", "visit_part"], {"visit": old.key} if old else {}
    if move == "start_travel":
        return _write_engineer(order, facts)
    return [], {}


def _write_part(order: RepairOrder, facts: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    day = future_day(facts["expected_on"], field="expected_on")
    order.part_name = " ".join(str(facts.get("part") or order.part_name).replace("\x00", "").split())[:120]
    before, order.part_expected_on = order.part_expected_on, day
    order.visit_day, order.visit_part = None, ""
    written = {"part": order.part_name, "expected_on": day.isoformat(), "before": before.isoformat() if before else ""}
    return ["part_name", "part_expected_on", "visit_day", "visit_part"], written


def _write_engineer(order: RepairOrder, facts: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    for name, limit in (("engineer", 60), ("engineer_phone", 40)):
        if facts.get(name):
            setattr(order, name, " ".join(str(facts[name]).replace("\x00", "").split())[:limit])
    return ["engineer", "engineer_phone"], {"engineer": order.engineer} if order.engineer else {}


def _write_visit(order: RepairOrder, move: str, facts: dict[str, Any], *, roles: frozenset[str]) -> tuple[list[str], dict[str, Any]]:
    slot = slots.slot_from(str(facts["slot"]))
    settings = repair_settings()
    calendar, now = promises.schedule(settings), timezone.now()
    if slot is None:
        raise InvalidInput(_("Choose one of the offered times."), field="slot", code="invalid")
    if slot.ends(calendar) <= now:
        raise InvalidInput(_("This time has passed. Choose another one."), field="slot", code="past")
    staff = bool(roles & states.STAFF)
    if not staff and slot.key not in {
        row.key for row in slots.offered(calendar, now=now, days=settings.offered_days, lead_hours=settings.lead_hours)
    }:
        raise InvalidInput(_("Choose one of the offered times."), field="slot", code="gone")
    old = promises.visit_of(order)
    if move == "move_visit":
        if old == slot:
            raise InvalidInput(_("The visit is at this time already."), field="slot", code="same")
        _count_move(order, settings, roles)
    order.visit_day, order.visit_part = slot.day, slot.part
    fields, written = _write_engineer(order, facts)
    outlet = facts.get("outlet")
    if isinstance(outlet, ServiceOutlet):
        order.outlet, fields = outlet, [*fields, "outlet"]
    return [*fields, "visit_day", "visit_part", "visit_moves"], {"visit": slot.key, "before": old.key if old else "", **written}


def _count_move(order: RepairOrder, settings: Any, roles: frozenset[str]) -> None:
    """Count a move of the visit; after the last one a customer may make, only a supervisor moves it. Raises Conflict."""
    if order.visit_moves >= settings.most_moves and states.SUPERVISOR not in roles:
        raise Conflict(
            _("The visit has been moved %(count)s times. Please call us: a supervisor finds a time with you.")
            % {"count": order.visit_moves},
            code="moved_often",
        )
    order.visit_moves += 1


def _too_late(order: RepairOrder, move: str, roles: frozenset[str]) -> None:
    """Refuse a customer who moves or cancels within the last hours before the visit. Raises Conflict."""
    if move not in {"move_visit", "cancel"} or order.state != states.SCHEDULED or roles & states.STAFF:
        return
    # `order` carries the new time already when a visit is moved: the row in the database knows the old one.
    row = RepairOrder.objects.only("visit_day", "visit_part").get(pk=order.pk)
    visit = promises.visit_of(row)
    settings = repair_settings()
    if visit is None:
        return
    last = visit.begins(promises.schedule(settings)) - timedelta(hours=settings.least_move_hours)
    if timezone.now() >= last:
        raise Conflict(
            _("The visit begins in less than %(hours)s hours. Please call us, we find a way.") % {"hours": settings.least_move_hours},
            code="too_late",
        )


def _attention(order: RepairOrder, move: str, roles: frozenset[str]) -> str:
    """Return what staff have to look at after a move; a move of staff settles what there was."""
    if move == "come_back":
        return Attention.CAME_BACK
    if move == "move_visit" and not roles & states.STAFF:
        return Attention.MOVED_OFTEN if order.visit_moves >= repair_settings().most_moves else order.attention
    return Attention.NONE if roles & states.STAFF or move in {"cancel", "call_off", "close"} else order.attention


def check_repair(order: RepairOrder, *, by: Any, finding: str, version: int | None = None) -> RepairOrder:
    """Note what was found. See `move_repair`."""
    return move_repair(order, move="check", by=by, version=version, finding=finding)


def wait_for_part(order: RepairOrder, *, by: Any, part: str, expected_on: date, version: int | None = None) -> RepairOrder:
    """Wait for a part with its date. See `move_repair`."""
    return move_repair(order, move="wait_for_part", by=by, version=version, part=part, expected_on=expected_on)


def schedule_visit(order: RepairOrder, *, by: Any, slot: str, engineer: str = "", version: int | None = None, **facts: Any) -> RepairOrder:
    """Arrange the visit. See `move_repair`."""
    return move_repair(order, move="schedule", by=by, version=version, slot=slot, engineer=engineer, **facts)


def move_visit(order: RepairOrder, *, by: Any = None, guest: bool = False, slot: str, version: int | None = None) -> RepairOrder:
    """Move the visit: customers a few times and not at the last minute, staff at any time. See `move_repair`."""
    return move_repair(order, move="move_visit", by=by, guest=guest, version=version, slot=slot)


def cancel_repair(order: RepairOrder, *, by: Any = None, guest: bool = False, reason: str, version: int | None = None) -> RepairOrder:
    """Cancel a repair before the work has begun. Cancelling a cancelled one changes nothing. See `move_repair`."""
    if RepairOrder.objects.filter(pk=order.pk, state=states.CANCELLED).exists():
        order.refresh_from_db()
        return order
    return move_repair(order, move="cancel", by=by, guest=guest, version=version, reason=reason)


def close_repair(order: RepairOrder, *, by: Any = None, guest: bool = False, version: int | None = None) -> RepairOrder:
    """The customer says that it works, or staff or the clock end it. See `move_repair`."""
    return move_repair(order, move="close", by=by, guest=guest, version=version)


def assign_outlet(order: RepairOrder, *, by: Any, outlet: ServiceOutlet | None) -> RepairOrder:
    """Say which outlet takes the repair. Raises NotAllowed, Conflict for a finished one."""
    demand_staff(by)
    with transaction.atomic():
        order = lock_repair(order)
        if order.state in states.FINAL:
            raise Conflict(_("The repair is finished."), code="state")
        if order.outlet_id == (outlet.pk if outlet else None):
            return order
        old, order.outlet, order.updated_at = order.outlet, outlet, timezone.now()
        order.version += 1
        order.save(update_fields=["outlet", "updated_at", "version"])
        entry = record(order, "outlet_set", by=by, old=old.key if old else "", new=outlet.key if outlet else "")
        emit("repair.updated", repair_id=order.pk, step_id=entry.pk)
    return order
