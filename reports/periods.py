"""The stretch of days a report is about, the one before it, and its parts. Pure: takes now and the zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

CHOICES = (7, 30, 90)
DEFAULT = 30
LONGEST = 400


@dataclass(frozen=True)
class Period:
    """Whole days of one zone, first and last included; as moments [since, until)."""

    first: date
    last: date
    zone: tzinfo

    @property
    def since(self) -> datetime:
        """The first moment of the first day."""
        return datetime.combine(self.first, time(), self.zone)

    @property
    def until(self) -> datetime:
        """The first moment after the last day."""
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """Return the period of the same length that ends the day before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1), self.zone)

    def parts(self) -> list["Period"]:
        """Return the bars of a chart: days up to two weeks, else weeks counted back from the last day; the first may be shorter."""
        width = 1 if self.days <= 14 else 7 if self.days <= 190 else 28
        parts, last = [], self.last
        while last >= self.first:
            first = max(self.first, last - timedelta(days=width - 1))
            parts.append(Period(first, last, self.zone))
            last = first - timedelta(days=1)
        return parts[::-1]


def last_days(days: int, *, now: datetime, zone: tzinfo) -> Period:
    """Return the last `days` days, today included."""
    today = now.astimezone(zone).date()
    return Period(today - timedelta(days=days - 1), today, zone)


def between(first: date, last: date, *, zone: tzinfo) -> Period:
    """Return the days from first to last in either order, at most LONGEST."""
    first, last = min(first, last), max(first, last)
    return Period(max(first, last - timedelta(days=LONGEST - 1)), last, zone)
