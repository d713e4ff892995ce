"""The sweep of the clock: each step once, nothing left waiting, a breach reaches a manager by itself."""

import pytest
from django.core.management import call_command

from core.history import history_of
from core.models import HistoryEntry
from tests.factories.tickets import open_ticket
from tests.tickets.conftest import at
from tickets.actions import change_status, claim_escalation, clock, reply_to_customer, run_sla_clock
from tickets.models import DeskNotice, Escalation, SLATarget


def test_half_of_the_time_warns_the_assignee_and_later_the_supervisor(ticket, agent, supervisor) -> None:
    claim_escalation(ticket.escalations.get(), by=agent)
    run_sla_clock(now=at("2026-09-14 10:29"))
    assert not DeskNotice.objects.filter(kind__startswith="sla").exists()
    run_sla_clock(now=at("2026-09-14 10:30"))
    assert [(row.user, row.kind) for row in DeskNotice.objects.filter(kind__startswith="sla")] == [(agent, "sla_50")]
    run_sla_clock(now=at("2026-09-14 11:06"))
    assert set(DeskNotice.objects.filter(kind="sla_80").values_list("user__name", flat=True)) == {"赵敏", "吴芳"}


def test_a_breach_is_escalated_to_the_managers_once(ticket, supervisor) -> None:
    assert run_sla_clock(now=at("2026-09-14 11:30")) == 1
    assert run_sla_clock(now=at("2026-09-14 11:31")) == 0
    target = ticket.targets.get(metric="first_response")
    assert (target.breached_at, target.warned_percent, target.next_check_at) == (at("2026-09-14 11:30"), 100, None)
    escalation = Escalation.objects.get(kind="breach")
    assert (escalation.queue.key, escalation.reason) == ("management", "first_response")
    assert history_of(ticket).filter(verb="sla_breached").count() == 1
    assert DeskNotice.objects.filter(user=supervisor, kind="sla_100").count() == 1


def test_a_breach_of_an_answered_ticket_does_not_happen(ticket, agent) -> None:
    reply_to_customer(ticket, by=agent, body="您好", wait=False)
    run_sla_clock(now=at("2026-09-14 18:00"))
    assert not Escalation.objects.filter(kind="breach").exists()


def test_while_paused_the_resolution_does_not_warn_and_afterwards_it_does(ticket, agent, desk) -> None:
    reply_to_customer(ticket, by=agent, body="请拍照")
    assert run_sla_clock(now=at("2026-10-30 12:00")) == 0
    desk.move_to(at("2026-09-15 09:30"))
    change_status(ticket, to="open", by=agent)
    assert run_sla_clock(now=at("2026-09-16 09:30")) == 1


def test_nothing_due_is_left_for_the_next_run_however_much_there_is(desk) -> None:
    for _number in range(30):
        open_ticket()
    assert run_sla_clock(now=at("2026-09-14 11:30")) == 30
    assert not SLATarget.objects.filter(next_check_at__lte=at("2026-09-14 11:30"), met_at__isnull=True).exists()


def test_a_clock_that_was_off_catches_up_with_one_step_a_promise(ticket) -> None:
    assert run_sla_clock(now=at("2026-11-02 10:00")) == 2
    assert list(SLATarget.objects.values_list("warned_percent", flat=True)) == [100, 100]
    assert HistoryEntry.objects.filter(verb__startswith="sla_").count() == 2


def test_one_broken_ticket_does_not_hold_up_the_others(desk, monkeypatch) -> None:
    first, second = open_ticket(), open_ticket()
    real = clock._breach

    def breaks_for_the_first(ticket, target, now):
        if ticket.pk == first.pk:
            raise RuntimeError("broken")
        real(ticket, target, now)

    monkeypatch.setattr(clock, "_breach", breaks_for_the_first)
    assert run_sla_clock(now=at("2026-09-14 11:30")) == 1
    assert Escalation.objects.get(kind="breach").ticket == second
    monkeypatch.undo()
    assert run_sla_clock(now=at("2026-09-14 11:31")) == 1, "what failed is tried again"


def test_two_clocks_at_once_warn_once(ticket, monkeypatch) -> None:
    """The other clock has moved the target on between the reading of the list and the turn of this row."""
    due = SLATarget.objects.filter(next_check_at__lte=at("2026-09-14 11:30"))
    assert due.exists()
    pk = due.get(metric="first_response").pk
    assert clock._check_target(pk, at("2026-09-14 11:30")) == 1
    assert clock._check_target(pk, at("2026-09-14 11:30")) == 0
    assert HistoryEntry.objects.filter(verb="sla_breached").count() == 1


@pytest.mark.django_db
def test_the_command_runs_the_sweeps(ticket, capsys) -> None:
    call_command("run_sla_clock")
    assert "targets handled: 0" in capsys.readouterr().out


def test_the_friday_example_of_the_swapped_saturday(desk) -> None:
    desk.move_to(at("2026-10-09 17:50"))
    ticket = open_ticket()
    assert ticket.targets.get(metric="first_response").due_at == at("2026-10-10 10:50")
    desk.move_to(at("2026-10-16 17:50"))
    assert open_ticket().targets.get(metric="first_response").due_at == at("2026-10-19 10:50")
