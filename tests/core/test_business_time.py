"""Business time counts what is worked and nothing else, in whole seconds, whatever the calendar looks like."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.business_time import (
    DayKind,
    NeverOpen,
    Period,
    Schedule,
    SpecialDay,
    add_business_seconds,
    business_seconds_between,
    explain,
    is_open,
    next_opening,
)

HOUR = 3600
NINE_TO_SIX = (Period(9 * HOUR, 18 * HOUR),)
SPLIT = (Period(9 * HOUR, 12 * HOUR), Period(13 * HOUR + 1800, 18 * HOUR))
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = Schedule("Asia/Shanghai", (NINE_TO_SIX,) * 5 + ((), ()))
SPLIT_OFFICE = Schedule("Asia/Shanghai", (SPLIT,) * 5 + ((), ()))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def local(moment: datetime, zone: ZoneInfo = SHANGHAI) -> str:
    return moment.astimezone(zone).strftime("%m-%d %H:%M")


def test_friday_evening_plus_two_hours_is_monday_morning() -> None:
    assert local(add_business_seconds(OFFICE, at("2026-09-11 17:50"), 2 * HOUR)) == "09-14 10:50"


def test_friday_evening_before_a_make_up_saturday_is_that_saturday() -> None:
    swapped = Schedule("Asia/Shanghai", OFFICE.week, {date(2026, 10, 10): SpecialDay(DayKind.MAKE_UP, NINE_TO_SIX)})
    assert local(add_business_seconds(swapped, at("2026-10-09 17:50"), 2 * HOUR)) == "10-10 10:50"


def test_a_holiday_moves_the_due_time_and_never_shrinks_the_window() -> None:
    holiday = Schedule("Asia/Shanghai", OFFICE.week, {date(2026, 6, 19): SpecialDay(DayKind.HOLIDAY)})
    due = add_business_seconds(holiday, at("2026-06-18 17:00"), 3 * HOUR)
    assert local(due) == "06-22 11:00"
    assert business_seconds_between(holiday, at("2026-06-18 17:00"), due) == 3 * HOUR


def test_lunch_breaks_do_not_count() -> None:
    assert local(add_business_seconds(SPLIT_OFFICE, at("2026-09-14 11:30"), HOUR)) == "09-14 14:00"


def test_a_budget_that_fills_a_period_ends_with_it() -> None:
    assert local(add_business_seconds(OFFICE, at("2026-09-14 16:00"), 2 * HOUR)) == "09-14 18:00"


def test_a_night_shift_belongs_to_the_day_it_opens_on() -> None:
    night = Schedule("Asia/Shanghai", ((Period.of(time(22), time(6)),),) + ((),) * 6)
    assert is_open(night, at("2026-09-15 03:00")) and not is_open(night, at("2026-09-14 03:00"))
    assert business_seconds_between(night, at("2026-09-14 12:00"), at("2026-09-16 12:00")) == 8 * HOUR


def test_overlapping_periods_count_once() -> None:
    double = Schedule("Asia/Shanghai", ((Period(9 * HOUR, 12 * HOUR), Period(11 * HOUR, 13 * HOUR)),) + ((),) * 6)
    assert business_seconds_between(double, at("2026-09-14 00:00"), at("2026-09-15 00:00")) == 4 * HOUR


def test_midnight_as_an_end_is_the_end_of_the_day() -> None:
    assert Period.of(time(18), time(0)) == Period(18 * HOUR, 24 * HOUR)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_clock_change_makes_the_day_shorter_or_longer(day: str, hours: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    always = Schedule("Europe/Berlin", ((Period(0, 24 * HOUR),),) * 7)
    start = at(f"{day} 00:00", berlin)
    end = datetime.combine(start.date() + timedelta(days=1), time(0), tzinfo=berlin)
    assert business_seconds_between(always, start, end) == hours * HOUR


def test_the_next_opening_is_now_when_it_is_open() -> None:
    assert next_opening(OFFICE, at("2026-09-14 10:00")) == at("2026-09-14 10:00")
    assert local(next_opening(OFFICE, at("2026-09-12 10:00"))) == "09-14 09:00"


def test_the_closing_second_is_closed() -> None:
    assert is_open(OFFICE, at("2026-09-14 09:00")) and not is_open(OFFICE, at("2026-09-14 18:00"))


def test_a_schedule_that_never_opens_says_so() -> None:
    never = Schedule("Asia/Shanghai", ((),) * 7)
    with pytest.raises(NeverOpen):
        add_business_seconds(never, at("2026-09-14 10:00"), 1)
    with pytest.raises(NeverOpen):
        next_opening(never, at("2026-09-14 10:00"))


def test_a_schedule_that_opens_too_rarely_says_so_instead_of_promising_a_far_day() -> None:
    rarely = Schedule("Asia/Shanghai", ((),) * 6 + ((Period(0, 1),),))
    assert add_business_seconds(rarely, at("2026-09-14 10:00"), 2) > at("2026-09-20 00:00")
    with pytest.raises(NeverOpen):
        add_business_seconds(rarely, at("2026-09-14 10:00"), 200)


def test_naive_moments_and_negative_budgets_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        is_open(OFFICE, datetime(2026, 9, 14))
    with pytest.raises(ValueError, match="negative"):
        add_business_seconds(OFFICE, at("2026-09-14 10:00"), -1)


def test_an_explanation_names_the_make_up_day_and_the_holiday() -> None:
    break_ = {date(2026, 10, day): SpecialDay(DayKind.HOLIDAY, (), "国庆节", "National Day") for day in range(1, 8)}
    schedule = Schedule("Asia/Shanghai", OFFICE.week, break_ | {date(2026, 10, 10): SpecialDay(DayKind.MAKE_UP, NINE_TO_SIX)})
    lines = explain(schedule, at("2026-09-30 17:00"), at("2026-10-10 10:00"))
    closed = [line for line in lines if not line.is_open]
    assert [(line.first_day.day, line.last_day.day) for line in closed] == [(1, 7)]
    assert sum(line.seconds for line in lines) == business_seconds_between(schedule, at("2026-09-30 17:00"), at("2026-10-10 10:00"))
    assert lines[-1].special is not None and lines[-1].special.kind is DayKind.MAKE_UP


# --- Properties ---------------------------------------------------------------------------------------------------
periods = st.builds(lambda opens, length: Period(opens, opens + length), st.integers(0, 24 * HOUR - 1), st.integers(HOUR, 20 * HOUR))
days = st.lists(periods, max_size=3).map(tuple)
weeks = st.lists(days, min_size=7, max_size=7).map(tuple).filter(any)
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
specials = st.dictionaries(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.builds(SpecialDay, st.just(DayKind.SPECIAL), days), max_size=5
)
schedules = st.builds(Schedule, zones, weeks, specials)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)).map(lambda value: value.replace(microsecond=0))
few = settings(max_examples=60, deadline=None)


@few
@given(schedules, moments, st.integers(0, 60 * HOUR))
def test_adding_and_measuring_agree(schedule: Schedule, start: datetime, seconds: int) -> None:
    due = add_business_seconds(schedule, start, seconds)
    assert business_seconds_between(schedule, start, due) == seconds
    assert due >= start


@few
@given(schedules, moments, st.integers(0, 30 * HOUR), st.integers(0, 30 * HOUR))
def test_two_budgets_in_turn_are_their_sum(schedule: Schedule, start: datetime, one: int, two: int) -> None:
    assert add_business_seconds(schedule, add_business_seconds(schedule, start, one), two) == add_business_seconds(
        schedule, start, one + two
    )


@few
@given(schedules, moments, moments, moments)
def test_stretches_add_up(schedule: Schedule, one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted([one, two, three])
    parts = business_seconds_between(schedule, first, middle) + business_seconds_between(schedule, middle, last)
    assert parts == business_seconds_between(schedule, first, last) <= (last - first).total_seconds()


@few
@given(schedules, moments, moments)
def test_an_explanation_adds_up(schedule: Schedule, one: datetime, two: datetime) -> None:
    start, end = sorted([one, two])
    assert sum(line.seconds for line in explain(schedule, start, end)) == business_seconds_between(schedule, start, end)


@few
@given(schedules, moments)
def test_the_next_opening_is_open_and_nothing_is_before_it(schedule: Schedule, moment: datetime) -> None:
    opening = next_opening(schedule, moment)
    assert is_open(schedule, opening)
    assert business_seconds_between(schedule, moment, opening) == 0
