"""Where a ticket goes and how urgent it is: promises are computed again, reasons are recorded."""

import pytest

from core.errors import Conflict, InvalidInput, NotAllowed
from core.history import history_of
from core.models import BusinessCalendar, CalendarPeriod, HistoryEntry
from tests.tickets.conftest import at
from tickets.actions import claim_escalation, escalate, move_to_queue, resolve, set_priority
from tickets.models import DeskNotice, Escalation, Queue


def test_a_higher_priority_brings_the_promise_forward_from_the_beginning(ticket, agent, desk) -> None:
    desk.move_to(at("2026-09-14 09:40"))
    set_priority(ticket, impact=1, urgency=1, reason="家里有老人", by=agent)
    ticket.refresh_from_db()
    assert ticket.priority.key == "urgent"
    assert ticket.targets.get(metric="first_response").due_at == at("2026-09-14 10:00")
    assert ticket.due_at == ticket.escalations.get().due_at == at("2026-09-14 10:00")
    assert history_of(ticket).get(verb="priority_changed").data["reason"] == "家里有老人"


def test_a_priority_needs_a_reason_and_real_levels(ticket, agent) -> None:
    rows = HistoryEntry.objects.count()
    for wrong in ({"impact": 1, "urgency": 1, "reason": ""}, {"impact": 9, "urgency": 1, "reason": "x"}):
        with pytest.raises(InvalidInput):
            set_priority(ticket, by=agent, **wrong)
    ticket.refresh_from_db()
    assert ticket.priority.key == "normal" and HistoryEntry.objects.count() == rows


def test_another_team_s_calendar_counts_after_a_move(ticket, agent) -> None:
    always = BusinessCalendar.objects.create(key="always", name_zh_hans="全天", name_en="Always", holiday_country="")
    CalendarPeriod.objects.create(calendar=always, weekday=0, opens="00:00", closes="00:00")
    Queue.objects.filter(key="cooling").update(calendar=always)
    move_to_queue(ticket, queue=Queue.objects.get(key="cooling"), by=agent, reason="其实是冰箱")
    assert ticket.targets.get(metric="resolution").due_at == at("2026-09-21 01:30"), "14.5 hours of Monday, the rest the Monday after"


def test_moving_puts_the_ticket_unclaimed_before_the_new_team(ticket, agent, second_agent) -> None:
    claim_escalation(ticket.escalations.get(), by=agent)
    cooling = Queue.objects.get(key="cooling")
    cooling.members.add(second_agent)
    move_to_queue(ticket, queue=cooling, by=agent, reason="其实是冰箱")
    ticket.refresh_from_db()
    assert (ticket.queue, ticket.assignee) == (cooling, None)
    assert Escalation.objects.get().queue == cooling and Escalation.objects.get().claimed_by is None
    assert DeskNotice.objects.get(user=second_agent).kind == "moved"


def test_moving_needs_a_reason(ticket, agent) -> None:
    with pytest.raises(InvalidInput):
        move_to_queue(ticket, queue=Queue.objects.get(key="cooling"), by=agent, reason=" ")
    ticket.refresh_from_db()
    assert ticket.queue.key == "general"


def test_asking_a_specialist_leaves_the_ticket_with_its_agent_until_claimed(ticket, agent, second_line) -> None:
    claim_escalation(ticket.escalations.get(), by=agent)
    escalation = escalate(ticket, kind="functional", by=agent, reason="电控板报错")
    ticket.refresh_from_db()
    assert ticket.assignee == agent and escalation.queue.key == "second-line"
    claim_escalation(escalation, by=second_line)
    ticket.refresh_from_db()
    assert ticket.assignee == second_line


def test_asking_twice_is_one_open_escalation_of_that_kind(ticket, agent) -> None:
    escalate(ticket, kind="hierarchical", by=agent, reason="要求退货")
    escalate(ticket, kind="hierarchical", by=agent, reason="要见经理")
    assert Escalation.objects.filter(kind="hierarchical").count() == 1


def test_other_kinds_strangers_and_done_tickets_are_refused(ticket, agent, customer) -> None:
    with pytest.raises(InvalidInput):
        escalate(ticket, kind="breach", by=agent, reason="x")
    with pytest.raises(NotAllowed):
        escalate(ticket, kind="functional", by=customer, reason="x")
    resolve(ticket, by=agent, summary="好了")
    for refused in (
        lambda: escalate(ticket, kind="functional", by=agent, reason="x"),
        lambda: set_priority(ticket, impact=1, urgency=1, reason="x", by=agent),
        lambda: move_to_queue(ticket, queue=Queue.objects.get(key="cooling"), by=agent, reason="x"),
    ):
        with pytest.raises(Conflict):
            refused()
    assert not Escalation.objects.filter(closed_at__isnull=True).exists()
