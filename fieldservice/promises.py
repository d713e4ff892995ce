"""By when something happens: the time that belongs to each state of a repair. The rules are pure; `schedule()` reads the calendar."""

from datetime import datetime, time, timedelta
from typing import Any

from core.business_time import NeverOpen, Schedule, add_business_seconds
from core.calendars import ALWAYS, default_calendar, schedule_for
from fieldservice import states
from fieldservice.models import RepairOrder
from fieldservice.slots import Slot

HOUR = 3600
END_OF_DAY = time(18)


def schedule(settings: Any) -> Schedule:
    """Return when engineers come: the calendar of the repair settings, else the default one, else every hour."""
    calendar = settings.calendar or default_calendar()
    return schedule_for(calendar) if calendar is not None else Schedule("Asia/Shanghai", ALWAYS)


def visit_of(order: RepairOrder) -> Slot | None:
    """Return the arranged time of the visit, or None."""
    return Slot(order.visit_day, order.visit_part) if order.visit_day and order.visit_part else None


def due_at(order: RepairOrder, *, settings: Any, schedule: Schedule, now: datetime, valid_until: datetime | None = None) -> datetime | None:
    """Return by when the present state is to end, counted from `now`; None where nothing is promised.

    Args:
        valid_until: end of the open quote.
    """
    kind = states.state_of(order.state).promise
    if kind == states.ANSWER:
        try:
            return add_business_seconds(schedule, now, settings.answer_hours * HOUR)
        except NeverOpen:
            return None
    if kind == states.QUOTE:
        return valid_until
    if kind == states.PART and order.part_expected_on:
        return datetime.combine(order.part_expected_on, END_OF_DAY, tzinfo=schedule.zone)
    if kind == states.VISIT:
        visit = visit_of(order)
        return visit.ends(schedule) if visit else None
    if kind == states.CLOSING:
        return now + timedelta(days=settings.close_after_days)
    return None
