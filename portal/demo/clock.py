"""Time travel for the demo's history: the real actions run at moments of the last ninety days, and nobody is told about them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from unittest import mock

from django.utils import timezone

from core import events
from core.business_time import Schedule, add_business_seconds
from core.calendars import schedule_for
from core.models import BusinessCalendar

LOOK_BACK = timedelta(days=40)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let everything that asks for the time read `moment`. For one thread in a command of its own, never in a server."""
    with mock.patch.object(timezone, "now", return_value=moment):
        yield


@contextmanager
def silence() -> Iterator[None]:
    """Let events reach nobody: what happened weeks ago is neither mailed nor pushed now."""
    before = dict(events.table())
    events.install({name: events.Subscription() for name in before})
    try:
        yield
    finally:
        events.install(before)


@contextmanager
def one_schedule_each() -> Iterator[None]:
    """Build each calendar's schedule once: nobody edits calendars while the history is played."""
    known: dict[int, Schedule] = {}

    def remembered(calendar: BusinessCalendar) -> Schedule:
        if calendar.pk not in known:
            known[calendar.pk] = schedule_for(calendar)
        return known[calendar.pk]

    places = ("tickets.actions.clock", "portal.demo.stories", "fieldservice.promises")
    with ExitStack() as stack:
        for place in places:
            stack.enter_context(mock.patch(f"{place}.schedule_for", remembered))
        yield


def start_for(schedule: Schedule, due: datetime, budget: int) -> datetime:
    """Return the latest moment from which `budget` business seconds end at or before `due`."""
    low, high = due - LOOK_BACK, due
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if add_business_seconds(schedule, middle, budget) <= due:
            low = middle
        else:
            high = middle
    return low.replace(microsecond=0)
