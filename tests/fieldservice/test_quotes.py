"""Quotes: nothing is agreed that is withdrawn, expired, answered or older; the clock ends them and tells."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.history import history_of
from core.models import OutboundMessage
from fieldservice import actions, states
from fieldservice.actions.clock import run_repair_clock
from fieldservice.models import Quote, RepairOrder
from fieldservice.permissions import owners_of
from tests.factories.fieldservice import LINES, bring
from tickets.queries import notices_for


@pytest.fixture
def quoted(order, agent) -> RepairOrder:
    """The member's repair with an open quote of ¥220."""
    return bring(order, states.QUOTED, by=agent)


def test_a_quote_sums_its_lines_and_holds_seven_days(quoted, run_tasks) -> None:
    quote = quoted.quotes.get()
    assert quote.total_fen == 22000 and quote.lines.count() == 3 and quote.is_open
    assert quote.valid_until == quoted.due_at == timezone.now() + timedelta(days=7)
    run_tasks()
    message = OutboundMessage.objects.get(template="fieldservice/quoted")
    assert "¥220" in message.body


@pytest.mark.parametrize(
    "lines",
    [[], [("", 100)], [("x", None)], [("x", "100")], [("x", 1.5)], [("x", True)], [("x", -1)], [("x", 10**12)], [("x", 1)] * 21],
)
def test_lines_that_are_none_are_refused(order, agent, lines) -> None:
    with pytest.raises(InvalidInput) as refusal:
        actions.quote_repair(order, by=agent, lines=lines)
    assert refusal.value.field == "lines"
    assert Quote.objects.count() == 0 and history_of(order).count() == 1


def test_agreed_once_however_often(quoted, customer) -> None:
    actions.approve_quote(quoted, number=1, by=customer)
    actions.approve_quote(quoted, number=1, by=customer)
    quoted.refresh_from_db()
    assert quoted.state == states.APPROVED and quoted.quotes.get().answer == "approved"
    assert history_of(quoted).filter(verb="approve").count() == 1


def test_agreed_after_withdrawal_is_refused_with_words(quoted, customer, agent) -> None:
    actions.withdraw_quote(quoted, by=agent, reason="价格写错了")
    with pytest.raises(Conflict) as refusal:
        actions.approve_quote(quoted, number=1, by=customer)
    assert refusal.value.code == "withdrawn" and "撤回" in str(refusal.value.message)
    quoted.refresh_from_db()
    assert quoted.state == states.CHECKED and not quoted.quotes.get().answer


def test_agreed_after_its_time_is_refused_even_before_the_clock_came(quoted, customer, desk) -> None:
    desk.shift(timedelta(days=7, minutes=1))
    with pytest.raises(Conflict) as refusal:
        actions.approve_quote(quoted, number=1, by=customer)
    assert refusal.value.code == "expired"
    quoted.refresh_from_db()
    assert quoted.state == states.QUOTED


def test_an_older_quote_cannot_be_agreed_to(quoted, customer, agent) -> None:
    actions.withdraw_quote(quoted, by=agent, reason="x")
    actions.quote_repair(quoted, by=agent, lines=[("新报价", 5000)])
    with pytest.raises(Conflict):
        actions.approve_quote(quoted, number=1, by=customer)
    with pytest.raises(Conflict):
        actions.approve_quote(quoted, number=9, by=customer)
    actions.approve_quote(quoted, number=2, by=customer)
    assert list(quoted.quotes.values_list("number", "answer")) == [(2, "approved"), (1, "")]


def test_a_declined_quote_cannot_be_agreed_to(quoted, customer) -> None:
    actions.decline_quote(quoted, number=1, by=customer, comment="太贵")
    with pytest.raises(Conflict) as refusal:
        actions.approve_quote(quoted, number=1, by=customer)
    assert refusal.value.code == "answered"
    quoted.refresh_from_db()
    assert (quoted.state, quoted.attention) == (states.DECLINED, RepairOrder.Attention.DECLINED)


def test_staff_answer_for_the_customer_only_with_how_they_know(quoted, agent, other_customer) -> None:
    with pytest.raises(InvalidInput) as refusal:
        actions.approve_quote(quoted, number=1, by=agent)
    assert refusal.value.field == "comment"
    with pytest.raises(NotAllowed):
        actions.approve_quote(quoted, number=1, by=other_customer)
    actions.approve_quote(quoted, number=1, by=agent, comment="电话里同意")
    assert history_of(quoted).last().data["noted"] == "电话里同意"


def test_the_database_allows_one_open_quote_a_repair(quoted, agent) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Quote.objects.create(order=quoted, number=2, total_fen=1, valid_until=timezone.now(), created_by=agent)


def test_the_clock_ends_a_quote_tells_the_customer_and_puts_it_before_staff(quoted, desk, run_tasks) -> None:
    assert run_repair_clock()["expired"] == 0
    desk.shift(timedelta(days=7, minutes=1))
    assert run_repair_clock()["expired"] == 1 and run_repair_clock()["expired"] == 0
    quoted.refresh_from_db()
    assert (quoted.state, quoted.attention) == (states.CHECKED, RepairOrder.Attention.QUOTE_EXPIRED)
    run_tasks()
    assert OutboundMessage.objects.filter(template="fieldservice/moved", body__contains="有效期").count() == 1


def test_the_clock_shows_a_late_part_once(order, agent, desk) -> None:
    bring(order, states.WAITING, by=agent)
    desk.shift(timedelta(days=4))
    assert [run_repair_clock()["late"], run_repair_clock()["late"]] == [1, 0]
    order.refresh_from_db()
    assert order.attention == RepairOrder.Attention.PART_LATE and order.state == states.WAITING
    assert history_of(order).filter(verb="part_late").count() == 1


def test_whoever_looks_after_the_repair_is_told_of_a_late_part_else_everybody(order, agent, second_agent, desk) -> None:
    bring(order, states.WAITING, by=agent)
    desk.shift(timedelta(days=4))
    run_repair_clock()
    assert [(row.kind, row.reference, row.path) for row in notices_for(agent)] == [
        ("part_late", order.reference, f"/desk/repairs/{order.reference}/")
    ]
    assert notices_for(second_agent) == []
    agent.is_active = False
    agent.save()
    assert owners_of(order) == [second_agent.pk]


def test_the_clock_closes_what_was_handed_over_and_stayed_silent(order, agent, desk, run_tasks) -> None:
    bring(order, states.RETURNED, by=agent)
    desk.shift(timedelta(days=6))
    assert run_repair_clock()["closed"] == 0
    desk.shift(timedelta(days=1, minutes=1))
    assert [run_repair_clock()["closed"], run_repair_clock()["closed"]] == [1, 0]
    order.refresh_from_db()
    assert order.state == states.CLOSED and history_of(order).last().actor_label == "clock"
    assert len(LINES) == 3


def test_one_repair_that_fails_does_not_stop_the_clock(order, guest_order, agent, desk, monkeypatch) -> None:
    from fieldservice.actions import clock

    for each in (order, guest_order):
        bring(each, states.RETURNED, by=agent)
    desk.shift(timedelta(days=8))
    real = clock.lock_repair

    def broken(row):
        if row.pk == order.pk:
            raise RuntimeError("broken row")
        return real(row)

    monkeypatch.setattr(clock, "lock_repair", broken)
    assert run_repair_clock()["closed"] == 1
    guest_order.refresh_from_db()
    assert guest_order.state == states.CLOSED
