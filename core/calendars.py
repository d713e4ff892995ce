"""Builds schedules from calendar rows and the public holidays of a country, China's make-up working days (调休) included."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.business_time import DAY, DayKind, Period, Schedule, Segment, SpecialDay
from core.i18n import bilingual
from core.models import BusinessCalendar

FIRST_YEAR = 2024
YEARS_AHEAD = 2
ALWAYS = ((Period(0, DAY),),) * 7
"""A calendar without any period counts every second: a half-made setting must never stop a promise or a form."""

_PeriodRow = tuple[int, time, time]
_ExceptionRow = tuple[date, str, str, str, time | None, time | None]
_NOT_A_NAME = re.compile(r"^(休息日|Day off)\b|^休息日")
_OBSERVED = re.compile(r"\s*[（(](补假|observed|observed, estimated|estimated)[)）]\s*$")


def schedule_for(calendar: BusinessCalendar) -> Schedule:
    """Return the schedule of `calendar`: two small queries; the building itself is cached by content."""
    periods = tuple((row.weekday, row.opens, row.closes) for row in calendar.periods.all())
    exceptions = tuple((row.date, row.kind, row.name_zh_hans, row.name_en, row.opens, row.closes) for row in calendar.exceptions.all())
    return build_schedule(calendar.time_zone, calendar.holiday_country, periods, exceptions, timezone.now().year + YEARS_AHEAD)


def default_calendar() -> BusinessCalendar | None:
    """Return the calendar marked as default, else the first one, else None."""
    return BusinessCalendar.objects.order_by("-is_default", "key").first()


@lru_cache(maxsize=64)
def build_schedule(
    time_zone: str, country: str, periods: tuple[_PeriodRow, ...], exceptions: tuple[_ExceptionRow, ...], last_year: int
) -> Schedule:
    """Build a schedule; rows of exceptions win over the public holidays of `country` (empty for none).

    Holidays and make-up days are known from 2024 to `last_year`.
    """
    week = _week(periods)
    special = _public_days(country, week, last_year)
    for day, kind, name_zh_hans, name_en, opens, closes in exceptions:
        if kind == "closed":
            special[day] = SpecialDay(DayKind.CLOSED, (), name_zh_hans, name_en)
            continue
        own = (Period.of(opens, closes),) if opens is not None and closes is not None else make_up_periods(week, day)
        special[day] = SpecialDay(DayKind.SPECIAL if week[day.weekday()] else DayKind.MAKE_UP, own, name_zh_hans, name_en)
    return Schedule(time_zone, week, special)


def make_up_periods(week: tuple[tuple[Period, ...], ...], day: date) -> tuple[Period, ...]:
    """Return the periods of a worked rest day: those of its weekday, else Friday's for a Saturday and Monday's for a Sunday."""
    if day.weekday() < 5 and week[day.weekday()]:
        return week[day.weekday()]
    neighbour = week[4] if day.weekday() == 5 else week[0]
    return neighbour or week[day.weekday()] or next((periods for periods in week if periods), ())


def segment_words(segment: Segment, schedule: Schedule) -> str:
    """Return one line of an explanation in the language in force, e.g. “10 Oct (Sat): make-up working day, 09:00–10:50”."""
    days, reason = _days_words(segment), special_words(segment.special)
    if not segment.is_open:
        return _("%(days)s: %(reason)s, not counted") % {"days": days, "reason": reason or _("no working hours")}
    zone = ZoneInfo(schedule.time_zone)
    values = {"days": days, "reason": reason, "from": _clock(segment.start, zone), "until": _clock(segment.end, zone)}
    if reason:
        return _("%(days)s: %(reason)s, %(from)s–%(until)s counted") % values
    return _("%(days)s: %(from)s–%(until)s counted") % values


def special_words(special: SpecialDay | None) -> str:
    """Return why a day is special, in the language in force; an empty string for an ordinary day."""
    if special is None:
        return ""
    name = bilingual(special, "name")
    if special.kind is DayKind.MAKE_UP:
        return pgettext("calendar", "make-up working day")
    if special.kind is DayKind.HOLIDAY:
        return name or _("public holiday")
    if special.kind is DayKind.CLOSED:
        return name or pgettext("calendar", "closed")
    return name or _("special hours")


def _days_words(segment: Segment) -> str:
    if segment.first_day == segment.last_day:
        return formats.date_format(segment.first_day, "m-d (D)")
    return f"{formats.date_format(segment.first_day, 'm-d')} – {formats.date_format(segment.last_day, 'm-d')}"


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%H:%M")


def _week(periods: Iterable[_PeriodRow]) -> tuple[tuple[Period, ...], ...]:
    days: list[list[Period]] = [[] for _day in range(7)]
    for weekday, opens, closes in periods:
        days[weekday].append(Period.of(opens, closes))
    return tuple(tuple(sorted(day)) for day in days) if any(days) else ALWAYS


def _public_days(country: str, week: tuple[tuple[Period, ...], ...], last_year: int) -> dict[date, SpecialDay]:
    if not country:
        return {}
    named, worked = _holidays_of(country, last_year)
    special = {day: SpecialDay(DayKind.HOLIDAY, (), zh, en) for day, (zh, en) in named.items()}
    for day in worked:
        special[day] = SpecialDay(DayKind.MAKE_UP, make_up_periods(week, day))
    return special


@lru_cache(maxsize=16)
def _holidays_of(country: str, last_year: int) -> tuple[dict[date, tuple[str, str]], frozenset[date]]:
    """Return the days off with their names in both languages, and the rest days that are worked instead."""
    years = range(FIRST_YEAR, last_year + 1)
    try:
        english = holidays.country_holidays(country, years=years, language="en_US")
        chinese = holidays.country_holidays(country, years=years, language="zh_CN")
    except NotImplementedError:
        return {}, frozenset()
    worked = frozenset(day for day in getattr(english, "weekend_workdays", ()) if day.year in years)
    days = _bridged(set(english), worked)
    return _run_names(days, {day: (chinese.get(day) or "", english.get(day) or "") for day in english}), worked


def _bridged(days: set[date], worked: frozenset[date]) -> list[date]:
    """Add the weekend days that lie inside a break, so that teams who work at weekends rest with the others."""
    found = sorted(days)
    for left, right in pairwise(found):
        between = [left + timedelta(days=number) for number in range(1, (right - left).days)]
        if 0 < len(between) <= 2 and all(day.weekday() >= 5 and day not in worked for day in between):
            days.update(between)
    return sorted(days)


def _run_names(days: list[date], names: dict[date, tuple[str, str]]) -> dict[date, tuple[str, str]]:
    """Name every day of a break after its holiday: days in lieu carry the name of the holiday before them."""
    result: dict[date, tuple[str, str]] = {}
    for day in days:
        zh, en = names.get(day, ("", ""))
        before = result.get(day - timedelta(days=1), ("", ""))
        if not en or _NOT_A_NAME.search(en) or _NOT_A_NAME.search(zh):
            zh, en = before
        result[day] = (_OBSERVED.sub("", zh), _OBSERVED.sub("", en))
    return result
