"""Times on offer: worked days only, make-up Saturdays too, never in the past; and amounts in fen."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendars import default_calendar, schedule_for
from fieldservice import money
from fieldservice.slots import Slot, is_worked, offered, slot_from
from tests.factories.tickets import setup_desk
from tests.fieldservice.conftest import at


@pytest.fixture
def schedule(db):
    """The shipped service calendar: weekdays, Chinese holidays and make-up days."""
    setup_desk()
    return schedule_for(default_calendar())


def test_weekdays_are_offered_in_morning_and_afternoon_weekends_are_not(schedule) -> None:
    found = offered(schedule, now=at("2026-09-10 10:00"), days=3, lead_hours=20)
    assert [slot.key for slot in found] == [
        "2026-09-11:morning",
        "2026-09-11:afternoon",
        "2026-09-14:morning",
        "2026-09-14:afternoon",
        "2026-09-15:morning",
        "2026-09-15:afternoon",
    ]


def test_the_national_holiday_is_skipped_and_the_make_up_saturday_offered(schedule) -> None:
    days = [slot.day for slot in offered(schedule, now=at("2026-09-30 08:00"), days=4, lead_hours=26)]
    assert date(2026, 10, 1) not in days and date(2026, 10, 10) in days and date(2026, 10, 10).weekday() == 5
    assert min(days) == date(2026, 10, 8)


def test_the_lead_time_takes_away_what_comes_too_soon(schedule) -> None:
    assert offered(schedule, now=at("2026-09-14 08:00"), days=1, lead_hours=4)[0].key == "2026-09-14:afternoon"
    assert offered(schedule, now=at("2026-09-14 08:00"), days=1, lead_hours=20)[0].key == "2026-09-15:morning"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 400), st.integers(0, 72), st.integers(1, 10))
def test_whatever_the_moment_every_slot_is_worked_in_order_and_to_come(hours, lead, days) -> None:
    from datetime import time

    from core.calendars import build_schedule

    rows = tuple((day, time(9), time(18)) for day in range(5))
    calendar = build_schedule("Asia/Shanghai", "CN", rows, (), 2028)
    now = at("2026-09-20 00:00") + timedelta(hours=hours)
    found = offered(calendar, now=now, days=days, lead_hours=lead)
    assert found == sorted(found, key=lambda slot: slot.begins(calendar))
    assert all(is_worked(slot, calendar) and slot.begins(calendar) >= now + timedelta(hours=lead) for slot in found)
    assert len({slot.day for slot in found}) == days


@pytest.mark.parametrize(
    "key", ["", "2026-09-14", "2026-09-14:noon", "2026-13-40:morning", "20260914:morning", "x" * 500, "2026-9-14:morning"]
)
def test_a_key_that_is_none_is_none(key) -> None:
    assert slot_from(key) is None


def test_a_key_comes_back_as_the_slot() -> None:
    assert slot_from("2026-10-10:morning") == Slot(date(2026, 10, 10), "morning")


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("80", 8000),
        ("80.5", 8050),
        ("¥1,200", 120000),
        ("−80", -8000),
        ("８０元", 8000),
        ("0", 0),
        ("", None),
        ("abc", None),
        ("1.234", None),
        ("1e9", None),
        ("٣", None),
    ],
)
def test_amounts_as_typed(typed, fen) -> None:
    assert money.typed(typed) == fen


@given(st.integers(-10_000_000, 10_000_000))
def test_a_shown_amount_is_read_back(fen) -> None:
    assert money.typed(money.shown(fen)) == fen
