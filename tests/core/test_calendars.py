"""Calendar rows and China's public holidays become one schedule; the maker's own rows win."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import translation

from core.business_time import DayKind, Period, add_business_seconds, explain
from core.calendars import ALWAYS, build_schedule, segment_words

ZONE = ZoneInfo("Asia/Shanghai")
WEEKDAYS = tuple((weekday, time(9), time(18)) for weekday in range(5))
EVERY_DAY = tuple((weekday, time(8), time(20)) for weekday in range(7))
OFFICE = build_schedule("Asia/Shanghai", "CN", WEEKDAYS, (), 2027)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def local(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%m-%d %H:%M")


def test_the_swapped_saturday_after_the_national_day_is_worked() -> None:
    assert local(add_business_seconds(OFFICE, at("2026-10-09 17:50"), 7200)) == "10-10 10:50"


def test_an_ordinary_saturday_is_not_worked() -> None:
    assert local(add_business_seconds(OFFICE, at("2026-10-16 17:50"), 7200)) == "10-19 10:50"


def test_the_national_day_is_one_break_also_for_a_desk_open_at_weekends() -> None:
    desk = build_schedule("Asia/Shanghai", "CN", EVERY_DAY, (), 2027)
    assert all(desk.special[date(2026, 10, day)].kind is DayKind.HOLIDAY for day in range(1, 8))
    assert {desk.special[date(2026, 10, day)].name_en for day in range(1, 8)} == {"National Day"}
    assert {desk.special[date(2026, 10, day)].name_zh_hans for day in range(1, 8)} == {"国庆节"}


def test_a_row_of_the_maker_wins_over_the_public_holiday() -> None:
    open_day = (date(2026, 10, 1), "working", "国庆值班", "National Day duty", time(10), time(14))
    shut_day = (date(2026, 10, 10), "closed", "盘点", "Stocktaking", None, None)
    own = build_schedule("Asia/Shanghai", "CN", WEEKDAYS, (open_day, shut_day), 2027)
    assert own.periods_on(date(2026, 10, 1)) == (Period.of(time(10), time(14)),)
    assert own.periods_on(date(2026, 10, 10)) == ()


def test_a_worked_saturday_without_hours_gets_fridays_hours() -> None:
    own = build_schedule("Asia/Shanghai", "", WEEKDAYS, ((date(2026, 11, 28), "working", "", "", None, None),), 2027)
    assert own.periods_on(date(2026, 11, 28)) == OFFICE.week[4]


def test_a_calendar_without_periods_counts_every_second() -> None:
    assert build_schedule("Asia/Shanghai", "", (), (), 2027).week == ALWAYS


def test_an_unknown_country_has_no_holidays() -> None:
    assert build_schedule("Asia/Shanghai", "XX", WEEKDAYS, (), 2027).special == {}


def test_the_explanation_reads_in_both_languages() -> None:
    lines = explain(OFFICE, at("2026-09-30 17:00"), at("2026-10-10 10:00"))
    with translation.override("en"):
        english = [segment_words(line, OFFICE) for line in lines]
    with translation.override("zh-hans"):
        chinese = [segment_words(line, OFFICE) for line in lines]
    assert any("National Day" in line and "not counted" in line for line in english)
    assert any("make-up working day" in line for line in english)
    assert any("国庆节" in line for line in chinese)
