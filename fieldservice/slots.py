"""Times to offer for a visit: days and parts of a day on which the service works, make-up working days (调休) included. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.business_time import Schedule

HOUR = 3600
LEAST_OPEN = 2 * HOUR
"""A part of a day is offered when the service works at least this long in it, in seconds."""
FURTHEST_DAYS = 60


@dataclass(frozen=True)
class DayPart:
    """A part of a day: from when until when an engineer may come."""

    key: str
    label: Any
    opens: time
    closes: time


PARTS: dict[str, DayPart] = {
    part.key: part
    for part in (
        DayPart("morning", pgettext_lazy("part of day", "morning"), time(9), time(12)),
        DayPart("afternoon", pgettext_lazy("part of day", "afternoon"), time(13), time(18)),
        DayPart("evening", pgettext_lazy("part of day", "evening"), time(18), time(21)),
    )
}


@dataclass(frozen=True, order=True)
class Slot:
    """A day and a part of it; `key` is what forms and rows carry, e.g. `2026-10-10:morning`."""

    day: date
    part: str

    @property
    def key(self) -> str:
        """The slot as text."""
        return f"{self.day.isoformat()}:{self.part}"

    def begins(self, schedule: Schedule) -> datetime:
        """When the part of the day begins, as a moment."""
        return datetime.combine(self.day, PARTS[self.part].opens, tzinfo=schedule.zone)

    def ends(self, schedule: Schedule) -> datetime:
        """When it ends, as a moment."""
        return datetime.combine(self.day, PARTS[self.part].closes, tzinfo=schedule.zone)

    @property
    def words(self) -> str:
        """The slot in the language in force, e.g. “10 Oct (Sat), morning 09:00–12:00”."""
        part = PARTS[self.part]
        values = {"day": formats.date_format(self.day, "MONTH_DAY_FORMAT"), "weekday": formats.date_format(self.day, "D")}
        values |= {"part": str(part.label), "from": f"{part.opens:%H:%M}", "until": f"{part.closes:%H:%M}"}
        return _("%(day)s (%(weekday)s), %(part)s %(from)s–%(until)s") % values


def slot_from(key: str) -> Slot | None:
    """Return the slot of a key, or None when it is none."""
    day, _colon, part = (key or "").partition(":")
    if part not in PARTS or len(day) != 10:
        return None
    try:
        return Slot(date.fromisoformat(day), part)
    except ValueError:
        return None


def is_worked(slot: Slot, schedule: Schedule) -> bool:
    """Does the service work long enough in this part of the day."""
    part = PARTS[slot.part]
    opens, closes = part.opens.hour * HOUR, part.closes.hour * HOUR
    worked = sum(max(0, min(closes, period.closes) - max(opens, period.opens)) for period in schedule.periods_on(slot.day))
    return worked >= LEAST_OPEN


def offered(schedule: Schedule, *, now: datetime, days: int, lead_hours: int) -> list[Slot]:
    """Return the slots to choose from, soonest first.

    Args:
        schedule: when the service works.
        now: the present moment.
        days: how many worked days to offer.
        lead_hours: a slot begins no sooner than so many hours from now.
    """
    earliest = now + timedelta(hours=lead_hours)
    first = now.astimezone(schedule.zone).date()
    found: list[Slot] = []
    shown: set[date] = set()
    for number in range(FURTHEST_DAYS):
        day = first + timedelta(days=number)
        slots = [slot for slot in (Slot(day, key) for key in PARTS) if is_worked(slot, schedule) and slot.begins(schedule) >= earliest]
        if slots:
            shown.add(day)
            found += slots
        if len(shown) >= days:
            break
    return found


def by_day(slots: Iterable[Slot]) -> list[tuple[date, list[Slot]]]:
    """Return slots grouped by day, for a form."""
    days: dict[date, list[Slot]] = {}
    for slot in slots:
        days.setdefault(slot.day, []).append(slot)
    return list(days.items())
