"""Moving a repair: only along the table, with what it asks for, first come first served; the customer is told in plain words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import Conflict, InvalidInput, NotAllowed
from core.history import history_of
from core.models import OutboundMessage
from fieldservice import actions, states
from fieldservice.models import RepairOrder, repair_settings
from fieldservice.queries import free_slots, repair_view
from tests.factories.accounts import ContactFactory
from tests.factories.fieldservice import ROUTES, OutletFactory, book, bring, step
from tests.fieldservice.conftest import at

MOVES = sorted(states.MOVES)
FACTS = {
    "finding": "泵坏了",
    "reason": "客户不在家",
    "result": "换了泵",
    "part": "排水泵",
    "expected_on": "later",
    "slot": "next",
}


def snapshot(order) -> tuple:
    row = RepairOrder.objects.get(pk=order.pk)
    return row.state, row.version, row.visit_day, row.part_name, history_of(row).count()


@pytest.mark.parametrize("state", sorted(ROUTES))
def test_every_state_can_be_reached_by_real_steps_and_leaves_its_history(desk, supervisor, state) -> None:
    order = bring(book(), state, by=supervisor)
    steps = [entry.verb for entry in history_of(order)]
    assert steps == ["booked", *[move for move, _facts in ROUTES[state]]]
    assert order.version == len(ROUTES[state])
    assert (order.closed_at is not None) == (state in states.FINAL)
    assert (order.due_at is None) == (not states.STATES[state].promise)


@pytest.mark.parametrize("move", sorted(set(MOVES) - {"expire_quote"}))
def test_a_move_from_a_wrong_state_is_refused_and_changes_nothing(desk, supervisor, move) -> None:
    wrong = states.CLOSED if states.CLOSED not in states.MOVES[move].sources else states.RECEIVED
    order = bring(book(), wrong, by=supervisor)
    before = snapshot(order)
    facts = {name: FACTS[name] for name in states.MOVES[move].requires if name in FACTS}
    with pytest.raises(Conflict):
        if move in {"quote"}:
            actions.quote_repair(order, by=supervisor, lines=[("x", 100)])
        elif move in {"approve", "decline"}:
            {"approve": actions.approve_quote, "decline": actions.decline_quote}[move](order, number=1, by=supervisor, comment="电话")
        elif move == "withdraw_quote":
            actions.withdraw_quote(order, by=supervisor, reason="x")
        else:
            step(order, move, by=supervisor, **facts)
    assert snapshot(order) == before


@pytest.mark.parametrize(
    ("state", "move", "field"),
    [
        (states.RECEIVED, "check", "finding"),
        (states.RECEIVED, "wait_for_part", "part"),
        (states.RECEIVED, "schedule", "slot"),
        (states.RECEIVED, "cancel", "reason"),
        (states.CHECKED, "finish", "result"),
        (states.REPAIRED, "test", "result"),
        (states.SCHEDULED, "visit_failed", "reason"),
        (states.RETURNED, "come_back", "reason"),
    ],
)
def test_what_the_table_asks_for_is_demanded(desk, agent, state, move, field) -> None:
    order = bring(book(), state, by=agent)
    before = snapshot(order)
    with pytest.raises(InvalidInput) as refusal:
        actions.move_repair(order, move=move, by=agent)
    assert refusal.value.field == field and snapshot(order) == before


def test_only_who_works_on_repairs_moves_them(order, customer, other_customer, editor) -> None:
    before = snapshot(order)
    for stranger in (customer, other_customer, editor):
        with pytest.raises(NotAllowed):
            actions.check_repair(order, by=stranger, finding="x")
    with pytest.raises(NotAllowed):
        actions.cancel_repair(order, by=other_customer, reason="x")
    with pytest.raises(NotAllowed):
        actions.move_repair(order, move="check", guest=True, finding="x")
    assert snapshot(order) == before


def test_a_customer_cannot_quote_close_or_expire(order, customer, agent) -> None:
    bring(order, states.QUOTED, by=agent)
    before = snapshot(order)
    for move in ("expire_quote", "quote"):
        with pytest.raises(InvalidInput):
            actions.move_repair(order, move=move, by=customer)
    with pytest.raises(NotAllowed):
        actions.withdraw_quote(order, by=customer, reason="x")
    with pytest.raises(NotAllowed):
        actions.move_repair(order, move="no_such_move", by=agent)
    assert snapshot(order) == before


def test_of_two_who_saw_the_same_version_the_second_is_told(order, agent, second_agent) -> None:
    seen = order.version
    actions.wait_for_part(order, by=agent, part="泵", expected_on=timezone.localdate() + timedelta(days=2), version=seen)
    with pytest.raises(Conflict):
        actions.check_repair(order, by=second_agent, finding="x", version=seen)
    with pytest.raises(Conflict) as refusal:
        actions.move_repair(order, move="postpone_part", by=second_agent, version=seen, expected_on=timezone.localdate())
    assert refusal.value.code == "version"
    assert history_of(order).count() == 2


def test_a_part_keeps_its_date_and_cannot_come_yesterday(order, agent) -> None:
    with pytest.raises(InvalidInput):
        actions.wait_for_part(order, by=agent, part="泵", expected_on=timezone.localdate() - timedelta(days=1))
    actions.wait_for_part(order, by=agent, part="泵", expected_on=timezone.localdate() + timedelta(days=2))
    order.refresh_from_db()
    assert order.part_name == "泵" and order.due_at == at("2026-09-16 18:00")
    actions.move_repair(order, move="postpone_part", by=agent, expected_on=timezone.localdate() + timedelta(days=5))
    order.refresh_from_db()
    assert order.part_name == "泵" and order.part_expected_on == timezone.localdate() + timedelta(days=5)
    assert history_of(order).last().data["before"] == "2026-09-16"


def test_a_visit_in_the_past_is_refused_for_everybody(order, agent) -> None:
    for slot in ("2026-09-11:morning", "2026-09-13:afternoon", "x"):
        with pytest.raises(InvalidInput):
            actions.schedule_visit(order, by=agent, slot=slot)
    assert order.state == states.RECEIVED


class TestMovingTheVisit:
    """The customer moves it a few times and not at the last minute; staff at any time."""

    @pytest.fixture
    def arranged(self, order, agent):
        actions.schedule_visit(order, by=agent, slot="2026-09-16:morning", engineer="陈力")
        order.refresh_from_db()
        return order

    def test_by_the_customer_with_a_message(self, arranged, customer, run_tasks) -> None:
        actions.move_visit(arranged, by=customer, slot="2026-09-17:afternoon")
        arranged.refresh_from_db()
        assert (arranged.visit_day.isoformat(), arranged.visit_part, arranged.visit_moves) == ("2026-09-17", "afternoon", 1)
        assert history_of(arranged).last().data["before"] == "2026-09-16:morning"
        run_tasks()
        assert OutboundMessage.objects.filter(body__contains="上门时间已改").count() == 1

    def test_only_to_what_is_on_offer(self, arranged, customer) -> None:
        for slot in ("2026-09-14:afternoon", "2026-09-19:morning", "2026-12-01:morning"):
            with pytest.raises(InvalidInput):
                actions.move_visit(arranged, by=customer, slot=slot)
        with pytest.raises(InvalidInput) as refusal:
            actions.move_visit(arranged, by=customer, slot="2026-09-16:morning")
        assert refusal.value.code == "same"

    def test_three_times_then_only_a_supervisor(self, arranged, customer, agent, supervisor) -> None:
        for slot in ("2026-09-17:morning", "2026-09-18:morning", "2026-09-21:morning"):
            actions.move_visit(arranged, by=customer, slot=slot)
        arranged.refresh_from_db()
        assert arranged.attention == RepairOrder.Attention.MOVED_OFTEN
        before = snapshot(arranged)
        for person in (customer, agent):
            with pytest.raises(Conflict) as refusal:
                actions.move_visit(arranged, by=person, slot="2026-09-17:morning")
            assert refusal.value.code == "moved_often"
        assert snapshot(arranged) == before
        actions.move_visit(arranged, by=supervisor, slot="2026-09-17:morning")

    def test_not_within_the_last_hours(self, arranged, desk, customer, agent) -> None:
        hours = repair_settings().least_move_hours
        desk.move_to(at("2026-09-16 09:00") - timedelta(hours=hours) + timedelta(minutes=1))
        before = snapshot(arranged)
        for work in (
            lambda: actions.move_visit(arranged, by=customer, slot="2026-09-18:morning"),
            lambda: actions.cancel_repair(arranged, by=customer, reason="x"),
        ):
            with pytest.raises(Conflict) as refusal:
                work()
            assert refusal.value.code == "too_late"
        assert snapshot(arranged) == before
        actions.move_visit(arranged, by=agent, slot="2026-09-18:morning")

    def test_a_failed_visit_takes_the_time_back(self, arranged, agent) -> None:
        actions.move_repair(arranged, move="visit_failed", by=agent, reason="敲门没人")
        arranged.refresh_from_db()
        assert (arranged.state, arranged.visit_day) == (states.CHECKED, None)


def test_cancelled_twice_is_cancelled_once(order, customer, run_tasks) -> None:
    actions.cancel_repair(order, by=customer, reason="修好了")
    actions.cancel_repair(order, by=customer, reason="再来一次")
    order.refresh_from_db()
    assert order.state == states.CANCELLED and order.closed_at is not None
    assert history_of(order).filter(verb="cancel").count() == 1


def test_once_the_engineer_is_on_the_way_only_a_supervisor_calls_it_off(order, customer, agent, supervisor) -> None:
    bring(order, states.TRAVELLING, by=agent)
    with pytest.raises(Conflict):
        actions.cancel_repair(order, by=customer, reason="x")
    with pytest.raises(NotAllowed):
        actions.move_repair(order, move="call_off", by=agent, reason="x")
    actions.move_repair(order, move="call_off", by=supervisor, reason="地址不存在")
    order.refresh_from_db()
    assert order.state == states.CANCELLED


def test_a_fault_that_is_back_goes_round_again_and_before_staff(order, customer, agent) -> None:
    bring(order, states.RETURNED, by=agent)
    actions.move_repair(order, move="come_back", by=customer, reason="又不排水了")
    order.refresh_from_db()
    assert (order.state, order.attention) == (states.RECEIVED, RepairOrder.Attention.CAME_BACK)


def test_each_public_step_is_told_in_the_words_of_the_table(order, agent, run_tasks) -> None:
    actions.check_repair(order, by=agent, finding="排水泵卡死")
    actions.schedule_visit(order, by=agent, slot=free_slots()[0].key, engineer="陈力")
    run_tasks()
    sent = [message.body for message in OutboundMessage.objects.filter(template="fieldservice/moved").order_by("pk")]
    assert len(sent) == 2
    assert "我们已检查" in sent[0] and "排水泵卡死" in sent[0]
    assert "上门时间已约好" in sent[1] and "陈力" in sent[1]


def test_a_letter_that_goes_out_late_tells_of_its_own_step(agent, run_tasks) -> None:
    order = book(contact=ContactFactory(phone="", email="wang@example.com"))
    actions.check_repair(order, by=agent, finding="排水泵卡死")
    actions.schedule_visit(order, by=agent, slot=free_slots()[0].key)
    actions.cancel_repair(order, by=agent, reason="客户来电取消")
    run_tasks()
    sent = {message.template: message.body for message in OutboundMessage.objects.order_by("-pk")}
    moved = [message.body for message in OutboundMessage.objects.filter(template="fieldservice/moved").order_by("pk")]
    assert "我们先看您的描述" in sent["fieldservice/booked"]
    assert ["不会安排上门" in body for body in moved] == [False, False, True]
    assert "接下来给您报价" in moved[0] and "前联系您" not in moved[0]


@pytest.mark.parametrize(("language", "words"), [("en", "We have checked it"), ("zh-hans", "我们已检查")])
def test_a_guest_is_written_to_in_the_language_of_the_booking_and_the_link_leads_there(agent, run_tasks, language, words) -> None:
    order = book(contact=ContactFactory(phone="", email="guest@example.com", language="zh-hans"), language=language)
    actions.check_repair(order, by=agent, finding="E2")
    run_tasks()
    body = OutboundMessage.objects.get(template="fieldservice/moved").body
    assert words in body and f"/{language}/repairs/{order.reference}/" in body


def test_what_happens_next_tells_how_it_came_to_this(order, agent) -> None:
    """A visit that failed has found nothing out; a machine that comes back after a declined quote was not repaired."""

    def words() -> str:
        order.refresh_from_db()
        return repair_view(order, roles=frozenset({states.CUSTOMER})).next_words

    actions.schedule_visit(order, by=agent, slot=free_slots()[0].key)
    actions.move_repair(order, move="visit_failed", by=agent, reason="家里没人")
    assert words() == "我们会和您另约上门时间。"
    step(order, "quote", by=agent)
    step(order, "decline", by=agent)
    step(order, "return", by=agent)
    assert words().startswith("机器没有维修")
    actions.move_repair(order, move="come_back", by=agent, reason="还是想修")
    actions.check_repair(order, by=agent, finding="排水泵卡死")
    step(order, "finish", by=agent, result="换了排水泵")
    step(order, "return", by=agent)
    assert words().startswith("请照常使用")


def test_the_customer_s_own_answer_is_not_sent_back_to_them(order, customer, agent, run_tasks) -> None:
    bring(order, states.QUOTED, by=agent)
    actions.approve_quote(order, number=1, by=customer)
    run_tasks()
    assert not OutboundMessage.objects.filter(template="fieldservice/moved").exists()


def test_the_outlet_is_noted_once_and_not_on_a_finished_repair(order, agent, customer) -> None:
    outlet = OutletFactory()
    actions.assign_outlet(order, by=agent, outlet=outlet)
    actions.assign_outlet(order, by=agent, outlet=outlet)
    assert history_of(order).filter(verb="outlet_set").count() == 1
    with pytest.raises(NotAllowed):
        actions.assign_outlet(order, by=customer, outlet=None)
    actions.cancel_repair(order, by=agent, reason="x")
    with pytest.raises(Conflict):
        actions.assign_outlet(order, by=agent, outlet=None)
