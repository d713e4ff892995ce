"""The service-level clock: pure functions over a schedule, a budget in business seconds and pauses.

A pause is taken out in business seconds, never added as wall-clock time: a weekend inside a pause moves nothing. An open pause
counts until `now`, so the due time shown while paused is the one that would hold if the pause ended at this moment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.business_time import Schedule, add_business_seconds, business_seconds_between

WARN_PERCENTS = (50, 80, 100)
PAUSABLE = frozenset({"resolution"})
"""The metrics that stand still while a ticket waits: an answer is owed whatever the ticket waits for."""


@dataclass(frozen=True)
class Pause:
    """A time in which the clock stands still; `end` is None while it lasts."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class Rule:
    """A policy as the choice sees it: what it is for (None or empty for anything), its order and id."""

    id: int
    order: int
    priority_id: int | None = None
    queue_id: int | None = None
    kind: str = ""

    def matches(self, priority_id: int, queue_id: int, kind: str) -> bool:
        """Does the policy apply to such a ticket."""
        return self.priority_id in (None, priority_id) and self.queue_id in (None, queue_id) and self.kind in ("", kind)

    @property
    def specific(self) -> int:
        """How many conditions it names."""
        return sum((self.priority_id is not None, self.queue_id is not None, bool(self.kind)))


def choose_policy(rules: Iterable[Rule], *, priority_id: int, queue_id: int, kind: str) -> Rule | None:
    """Return the matching policy that names most conditions; then the lowest order, then the oldest."""
    matching = [rule for rule in rules if rule.matches(priority_id, queue_id, kind)]
    return min(matching, key=lambda rule: (-rule.specific, rule.order, rule.id), default=None)


def choose_priority(steps: Sequence[tuple[int, int, int]], impact: int, urgency: int) -> int:
    """Return the priority of the matrix impact × urgency (1 high to 3 low each).

    Args:
        steps: (rank, up_to, id) of every priority.

    The most urgent priority whose `up_to` reaches impact + urgency; the least urgent one where none does.
    """
    ranked = sorted(steps)
    return next((pk for _rank, up_to, pk in ranked if impact + urgency <= up_to), ranked[-1][2])


def merged(pauses: Iterable[Pause], now: datetime) -> list[tuple[datetime, datetime]]:
    """Return the pauses as disjoint stretches in order, an open one until `now`."""
    result: list[tuple[datetime, datetime]] = []
    for start, end in sorted((pause.start, pause.end or max(now, pause.start)) for pause in pauses):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif end > start:
            result.append((start, end))
    return result


def spent_seconds(schedule: Schedule, start: datetime, until: datetime, pauses: Iterable[Pause] = ()) -> int:
    """Return the business seconds used between `start` and `until`, pauses taken out."""
    total = business_seconds_between(schedule, start, until)
    for paused, resumed in merged(pauses, until):
        total -= business_seconds_between(schedule, max(paused, start), min(resumed, until))
    return total


def due_at(schedule: Schedule, start: datetime, budget: int, pauses: Iterable[Pause] = (), *, now: datetime) -> datetime:
    """Return when `budget` business seconds will have been used since `start`. Raises NeverOpen."""
    cursor, left = start, budget
    for paused, resumed in merged(pauses, now):
        if resumed <= cursor:
            continue
        usable = business_seconds_between(schedule, cursor, paused)
        if usable >= left and paused > cursor:
            return add_business_seconds(schedule, cursor, left)
        left -= usable
        cursor = resumed
    return add_business_seconds(schedule, cursor, left)


def passed_percent(spent: int, budget: int) -> int:
    """Return the highest of the warning steps (0, 50, 80, 100) that `spent` of `budget` has reached."""
    return max((step for step in WARN_PERCENTS if spent * 100 >= step * budget), default=0)


def next_step(warned: int) -> int | None:
    """Return the next warning step after `warned`, None after the last."""
    return next((step for step in WARN_PERCENTS if step > warned), None)


def next_check(
    schedule: Schedule, start: datetime, budget: int, pauses: Iterable[Pause] = (), *, warned: int, now: datetime
) -> datetime | None:
    """Return when the clock has to look again: the moment of the next warning step; None after the last."""
    step = next_step(warned)
    if step is None:
        return None
    seconds = -(-budget * step // 100)
    return due_at(schedule, start, seconds, pauses, now=now)
