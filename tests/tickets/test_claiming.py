"""Taking work: one wins, the other is told who; giving back and handing over leave traces."""

import pytest

from core.errors import Conflict, NotAllowed
from core.history import history_of
from core.models import HistoryEntry
from tests.factories.tickets import open_ticket
from tickets.actions import assign, claim_escalation, escalate, release, resolve
from tickets.models import DeskNotice, Escalation


def test_claiming_assigns_and_opens_the_ticket(ticket, agent) -> None:
    claimed = claim_escalation(ticket.escalations.get(), by=agent)
    assert (claimed.assignee, claimed.status) == (agent, "open")
    assert Escalation.objects.get().claimed_by == agent
    assert [entry.verb for entry in history_of(ticket)] == ["opened", "claimed"]


def test_the_second_one_is_told_who_was_faster_and_changes_nothing(ticket, agent, second_agent) -> None:
    escalation = ticket.escalations.get()
    claim_escalation(escalation, by=agent)
    rows = HistoryEntry.objects.count()
    with pytest.raises(Conflict) as refusal:
        claim_escalation(escalation, by=second_agent)
    assert "赵敏" in str(refusal.value.message) and refusal.value.context["winner"] == "赵敏"
    ticket.refresh_from_db()
    assert ticket.assignee == agent and HistoryEntry.objects.count() == rows


def test_claiming_twice_oneself_changes_nothing(ticket, agent) -> None:
    claim_escalation(ticket.escalations.get(), by=agent)
    rows = HistoryEntry.objects.count()
    claim_escalation(ticket.escalations.get(), by=agent)
    assert HistoryEntry.objects.count() == rows


def test_what_is_done_cannot_be_claimed(ticket, agent, second_agent) -> None:
    resolve(ticket, by=agent, summary="好了")
    with pytest.raises(Conflict):
        claim_escalation(ticket.escalations.get(), by=second_agent)


def test_customers_and_editors_cannot_claim(ticket, customer, editor) -> None:
    for person in (customer, editor):
        with pytest.raises(NotAllowed):
            claim_escalation(ticket.escalations.get(), by=person)
    assert Escalation.objects.get().claimed_by is None


def test_the_second_line_s_queue_is_for_specialists(ticket, agent, second_agent, second_line) -> None:
    escalation = escalate(ticket, kind="functional", by=agent, reason="电控板")
    with pytest.raises(NotAllowed):
        claim_escalation(escalation, by=second_agent)
    assert claim_escalation(escalation, by=second_line).assignee == second_line


def test_management_s_queue_is_for_supervisors(ticket, agent, second_line, supervisor) -> None:
    escalation = escalate(ticket, kind="hierarchical", by=agent, reason="要求赔偿")
    with pytest.raises(NotAllowed):
        claim_escalation(escalation, by=second_line)
    assert claim_escalation(escalation, by=supervisor).assignee == supervisor


def test_giving_back_puts_it_into_the_queue_again(ticket, agent, second_agent) -> None:
    claim_escalation(ticket.escalations.get(), by=agent)
    release(ticket, by=agent, reason="下班")
    escalation = ticket.escalations.get()
    assert escalation.claimed_by is None
    assert claim_escalation(escalation, by=second_agent).assignee == second_agent


def test_only_the_assignee_or_a_supervisor_gives_back(ticket, agent, second_agent, supervisor) -> None:
    with pytest.raises(Conflict):
        release(ticket, by=agent)
    claim_escalation(ticket.escalations.get(), by=agent)
    with pytest.raises(NotAllowed):
        release(ticket, by=second_agent)
    assert release(ticket, by=supervisor).assignee is None


def test_handing_over_tells_the_colleague_once(ticket, agent, second_agent) -> None:
    assign(ticket, to=second_agent, by=agent, reason="她会英语")
    assign(ticket, to=second_agent, by=agent)
    ticket.refresh_from_db()
    assert ticket.assignee == second_agent and ticket.escalations.get().claimed_by == second_agent
    assert DeskNotice.objects.filter(user=second_agent, kind="assigned").count() == 1
    assert history_of(ticket).filter(verb="assigned").count() == 1


def test_a_customer_cannot_be_an_assignee(ticket, agent, customer) -> None:
    with pytest.raises(NotAllowed):
        assign(ticket, to=customer, by=agent)
    ticket.refresh_from_db()
    assert ticket.assignee is None


def test_several_tickets_keep_their_own_claims(desk, agent, second_agent) -> None:
    one, two = open_ticket(), open_ticket()
    claim_escalation(one.escalations.get(), by=agent)
    claim_escalation(two.escalations.get(), by=second_agent)
    assert {row.ticket_id: row.claimed_by for row in Escalation.objects.all()} == {one.pk: agent, two.pk: second_agent}
