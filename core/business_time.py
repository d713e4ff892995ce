"""Business time: pure arithmetic in whole business seconds over a schedule of periods, holidays and make-up working days.

Rules: a period belongs to the day on which it opens, also when it ends after midnight; overlapping periods count once;
seconds are real elapsed seconds, so a day of a clock change is shorter or longer; moments are cut to whole seconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY = 86_400
HORIZON_DAYS = 800
"""How far an opening is looked for: longer than any closing, short enough to fail at once for a schedule that never opens."""


class NeverOpen(ValueError):
    """The schedule has no opening within the horizon."""


class DayKind(StrEnum):
    """Why a day is not like its weekday."""

    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    CLOSED = "closed"
    SPECIAL = "special"


@dataclass(frozen=True, order=True)
class Period:
    """A working period in seconds after local midnight; `closes` beyond 86 400 is the next day."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not (0 <= self.opens < DAY and self.opens < self.closes <= self.opens + DAY):
            raise ValueError(f"not a period: {self.opens}–{self.closes}")

    @classmethod
    def of(cls, opens: time, closes: time) -> "Period":
        """Make a period of two clock times; an end not after the beginning is on the next day (00:00 is midnight)."""
        start, end = _clock_seconds(opens), _clock_seconds(closes)
        return cls(start, end if end > start else end + DAY)


@dataclass(frozen=True)
class SpecialDay:
    """A dated exception: its kind, its own periods (none when closed) and its name in both languages."""

    kind: DayKind
    periods: tuple[Period, ...] = ()
    name_zh_hans: str = ""
    name_en: str = ""


@dataclass(frozen=True)
class Schedule:
    """When a team works: seven tuples of periods from Monday on, and dated exceptions that win over them."""

    time_zone: str
    week: tuple[tuple[Period, ...], ...]
    special: Mapping[date, SpecialDay] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.time_zone)

    def periods_on(self, day: date) -> tuple[Period, ...]:
        """Return the periods that open on `day`."""
        special = self.special.get(day)
        return special.periods if special else self.week[day.weekday()]


@dataclass(frozen=True)
class Segment:
    """One line of an explanation: a stretch of counted time, or a run of days that do not count (then `seconds` is 0)."""

    start: datetime
    end: datetime
    seconds: int
    first_day: date
    last_day: date
    special: SpecialDay | None = None

    @property
    def is_open(self) -> bool:
        """Does this stretch count."""
        return self.seconds > 0


def business_seconds_between(schedule: Schedule, start: datetime, end: datetime) -> int:
    """Return the business seconds from `start` to `end` (aware); 0 when `end` is not after `start`."""
    begin, finish = _whole(start), _whole(end)
    total = 0
    for opened, closed, _day in _intervals(schedule, begin, finish):
        total += int((min(closed, finish) - max(opened, begin)).total_seconds())
    return total


def add_business_seconds(schedule: Schedule, start: datetime, seconds: int) -> datetime:
    """Return the first moment at which `seconds` business seconds have passed since `start`.

    0 gives `start` itself; a budget that ends with a period gives that period's end, not the next opening.
    Raises ValueError for negative seconds, NeverOpen where the schedule does not open often enough.
    """
    if seconds < 0:
        raise ValueError("business seconds are not negative")
    begin = _whole(start)
    left = seconds
    if not left:
        return begin
    for opened, closed, _day in _intervals(schedule, begin, None):
        usable = int((closed - max(opened, begin)).total_seconds())
        if usable >= left:
            return max(opened, begin) + timedelta(seconds=left)
        left -= usable
    raise NeverOpen(schedule.time_zone)


def is_open(schedule: Schedule, at: datetime) -> bool:
    """Is `at` inside a period; the opening second is, the closing second is not."""
    moment = _whole(at)
    return any(opened <= moment for opened, _closed, _day in _intervals(schedule, moment, moment + timedelta(seconds=1)))


def next_opening(schedule: Schedule, at: datetime) -> datetime:
    """Return `at` when it is open, else the next opening. Raises NeverOpen."""
    moment = _whole(at)
    for opened, _closed, _day in _intervals(schedule, moment, None):
        return max(opened, moment)
    raise NeverOpen(schedule.time_zone)


def explain(schedule: Schedule, start: datetime, end: datetime) -> list[Segment]:
    """Return how the time from `start` to `end` was counted, in order.

    Open stretches carry their seconds and, on a special day, its reason. Days without any period appear as one line for
    each run with the same reason; the nights between periods of working days are left out.
    """
    begin, finish = _whole(start), _whole(end)
    segments: list[Segment] = []
    for opened, closed, day in _intervals(schedule, begin, finish):
        left, right = max(opened, begin), min(closed, finish)
        segments.append(Segment(left, right, int((right - left).total_seconds()), day, day, schedule.special.get(day)))
    segments += _closed_days(schedule, begin, finish)
    return sorted(segments, key=lambda segment: (segment.start, segment.end))


def _closed_days(schedule: Schedule, begin: datetime, finish: datetime) -> list[Segment]:
    runs: list[tuple[date, date, SpecialDay | None]] = []
    day, last = begin.astimezone(schedule.zone).date(), finish.astimezone(schedule.zone).date()
    while day <= last:
        if not schedule.periods_on(day):
            special = schedule.special.get(day)
            if runs and runs[-1][1] + timedelta(days=1) == day and _same_reason(runs[-1][2], special):
                runs[-1] = (runs[-1][0], day, special)
            else:
                runs.append((day, day, special))
        day += timedelta(days=1)
    return [
        Segment(_instant(schedule, first, 0), _instant(schedule, until, DAY), 0, first, until, special) for first, until, special in runs
    ]


def _same_reason(one: SpecialDay | None, other: SpecialDay | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.kind, one.name_zh_hans, one.name_en) == (other.kind, other.name_zh_hans, other.name_en)


def _intervals(schedule: Schedule, begin: datetime, finish: datetime | None) -> Iterator[tuple[datetime, datetime, date]]:
    """Yield disjoint open stretches that end after `begin`, in order, until `finish` or the horizon."""
    if finish is not None and finish <= begin:
        return
    day = begin.astimezone(schedule.zone).date() - timedelta(days=2)
    last = finish.astimezone(schedule.zone).date() if finish is not None else day + timedelta(days=HORIZON_DAYS)
    done = begin
    while day <= last:
        for period in sorted(schedule.periods_on(day)):
            opened, closed = _instant(schedule, day, period.opens), _instant(schedule, day, period.closes)
            opened = max(opened, done) if done > begin else opened
            if finish is not None and opened >= finish:
                break
            if closed > done and closed > opened:
                yield opened, closed, day
                done = closed
        day += timedelta(days=1)


def _instant(schedule: Schedule, day: date, seconds: int) -> datetime:
    """Turn a local wall time into a moment; a wall time that does not exist counts as the first one after the gap."""
    day += timedelta(days=seconds // DAY)
    clock = time(seconds % DAY // 3600, seconds % 3600 // 60, seconds % 60)
    return datetime.combine(day, clock, tzinfo=schedule.zone).astimezone(UTC)


def _whole(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("business time needs aware moments")
    return moment.astimezone(UTC).replace(microsecond=0)


def _clock_seconds(value: time) -> int:
    return value.hour * 3600 + value.minute * 60 + value.second
