"""The clock's arithmetic: pauses in business time, the most specific policy, the matrix, the warning steps."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core.business_time import Period, Schedule, add_business_seconds, business_seconds_between
from tests.tickets.conftest import at
from tickets.sla import Pause, Rule, choose_policy, choose_priority, due_at, next_check, passed_percent, spent_seconds

HOUR = 3600
OFFICE = Schedule("Asia/Shanghai", ((Period(9 * HOUR, 18 * HOUR),),) * 5 + ((), ()))


def local(moment: datetime) -> str:
    return moment.astimezone(at("2026-01-01 00:00").tzinfo).strftime("%m-%d %H:%M")


def test_a_pause_over_the_weekend_costs_only_its_business_hours() -> None:
    """The classic mistake is to add the 64 hours from Friday evening to Monday morning to the due time."""
    start = at("2026-09-11 16:00")
    weekend = Pause(at("2026-09-11 17:00"), at("2026-09-14 09:00"))
    assert local(due_at(OFFICE, start, 4 * HOUR, [weekend], now=at("2026-09-14 12:00"))) == "09-14 12:00"


def test_a_due_time_before_the_pause_does_not_move() -> None:
    pause = Pause(at("2026-09-14 15:00"), at("2026-09-14 16:00"))
    assert local(due_at(OFFICE, at("2026-09-14 09:00"), 2 * HOUR, [pause], now=at("2026-09-14 17:00"))) == "09-14 11:00"


def test_while_paused_the_due_time_moves_with_the_present() -> None:
    pause = Pause(at("2026-09-14 10:00"))
    assert local(due_at(OFFICE, at("2026-09-14 09:00"), 2 * HOUR, [pause], now=at("2026-09-14 12:00"))) == "09-14 13:00"


def test_overlapping_pauses_count_once() -> None:
    pauses = [Pause(at("2026-09-14 10:00"), at("2026-09-14 12:00")), Pause(at("2026-09-14 11:00"), at("2026-09-14 13:00"))]
    assert spent_seconds(OFFICE, at("2026-09-14 09:00"), at("2026-09-14 14:00"), pauses) == 2 * HOUR


def test_the_policy_that_names_most_wins_then_the_lowest_order() -> None:
    rules = [
        Rule(1, 0),
        Rule(2, 5, priority_id=1),
        Rule(3, 1, priority_id=1),
        Rule(4, 9, priority_id=1, queue_id=7),
        Rule(5, 0, kind="complaint"),
    ]
    chosen = [
        choose_policy(rules, priority_id=priority, queue_id=queue, kind=kind)
        for priority, queue, kind in ((1, 7, "fault"), (1, 8, "fault"), (2, 8, "fault"), (2, 8, "complaint"))
    ]
    assert [rule.id for rule in chosen if rule] == [4, 3, 1, 5]
    assert choose_policy([Rule(1, 0, priority_id=3)], priority_id=1, queue_id=1, kind="fault") is None


def test_the_matrix_follows_the_rows_of_priorities() -> None:
    steps = [(1, 2, 10), (2, 3, 20), (3, 5, 30), (4, 6, 40)]
    assert [choose_priority(steps, impact, urgency) for impact, urgency in ((1, 1), (1, 2), (2, 2), (2, 3), (3, 3))] == [10, 20, 30, 30, 40]
    assert choose_priority([(1, 2, 10)], 3, 3) == 10


def test_warnings_come_at_half_at_four_fifths_and_at_the_end() -> None:
    assert [passed_percent(spent, 100) for spent in (0, 49, 50, 79, 80, 99, 100, 300)] == [0, 0, 50, 50, 80, 80, 100, 100]
    start = at("2026-09-14 09:00")
    checks = [next_check(OFFICE, start, 10 * HOUR, warned=warned, now=start) for warned in (0, 50, 80)]
    assert [local(check) for check in checks if check] == ["09-14 14:00", "09-14 17:00", "09-15 10:00"]
    assert next_check(OFFICE, start, 10 * HOUR, warned=100, now=start) is None


moments = st.integers(0, 60 * 24 * HOUR).map(lambda offset: datetime(2026, 8, 1, tzinfo=UTC) + timedelta(seconds=offset))
pauses = st.lists(st.tuples(moments, moments).map(lambda pair: Pause(*sorted(pair))), max_size=4)
few = settings(max_examples=80, deadline=None)


@few
@given(moments, st.integers(1, 40 * HOUR), pauses)
def test_at_the_due_time_exactly_the_budget_is_spent(start: datetime, budget: int, held: list[Pause]) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    due = due_at(OFFICE, start, budget, held, now=now)
    assert spent_seconds(OFFICE, start, due, held) == budget


@few
@given(moments, st.integers(1, 40 * HOUR), pauses)
def test_a_pause_never_brings_the_due_time_forward(start: datetime, budget: int, held: list[Pause]) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert due_at(OFFICE, start, budget, held, now=now) >= due_at(OFFICE, start, budget, now=now)


@few
@given(moments, st.integers(1, 40 * HOUR), pauses)
def test_the_due_time_moves_by_business_seconds_only(start: datetime, budget: int, held: list[Pause]) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    plain, paused = due_at(OFFICE, start, budget, now=now), due_at(OFFICE, start, budget, held, now=now)
    moved = business_seconds_between(OFFICE, plain, paused)
    held_seconds = sum(business_seconds_between(OFFICE, pause.start, pause.end or now) for pause in held)
    assert moved <= held_seconds
    assert add_business_seconds(OFFICE, plain, moved) <= paused
