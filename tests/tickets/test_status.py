"""The life of a ticket: who moves it where, what is recorded, rounds, silence."""

import pytest

from core.errors import Conflict, InvalidInput, NotAllowed
from core.history import history_of
from core.models import HistoryEntry
from tests.tickets.conftest import at
from tickets import states
from tickets.actions import change_status, close_silent, confirm_resolution, reopen_ticket, reply_to_customer, resolve
from tickets.models import Queue, Ticket, TicketMessage


def test_every_state_and_verb_of_the_table_is_known_to_the_model() -> None:
    known = set(Ticket.Status.values)
    assert known == states.ACTIVE | states.DONE == set(states.CUSTOMER_WORDS) == set(states.TONES)
    for transition in states.TRANSITIONS.values():
        assert transition.sources <= known and transition.target in known and transition.who


def test_putting_on_hold_needs_a_reason_and_stops_the_resolution_clock(ticket, agent, desk) -> None:
    with pytest.raises(InvalidInput):
        change_status(ticket, to="on_hold", by=agent)
    change_status(ticket, to="on_hold", reason="parts", note="等 DP-31", by=agent)
    pause = ticket.pauses.get()
    assert (pause.reason, pause.note) == ("parts", "等 DP-31")
    assert ticket.targets.get(metric="resolution").next_check_at is None
    assert ticket.targets.get(metric="first_response").next_check_at is not None, "an answer is owed all the same"


def test_carrying_on_starts_the_clock_again(ticket, agent, desk) -> None:
    change_status(ticket, to="on_hold", reason="supplier", by=agent)
    desk.move_to(at("2026-09-14 11:30"))
    change_status(ticket, to="open", by=agent)
    assert ticket.pauses.get().until_at == at("2026-09-14 11:30")
    assert ticket.targets.get(metric="resolution").due_at == at("2026-09-16 11:30")


def test_the_same_status_again_changes_nothing(ticket, agent) -> None:
    change_status(ticket, to="pending", by=agent)
    rows = HistoryEntry.objects.count()
    change_status(ticket, to="pending", by=agent)
    assert HistoryEntry.objects.count() == rows


def test_a_made_up_status_and_a_stranger_are_refused(ticket, agent, customer) -> None:
    with pytest.raises(InvalidInput):
        change_status(ticket, to="resolved", by=agent)
    with pytest.raises(NotAllowed):
        change_status(ticket, to="pending", by=customer)
    ticket.refresh_from_db()
    assert ticket.status == "new"


def test_resolving_tells_the_customer_and_keeps_every_promise(ticket, agent, desk) -> None:
    desk.move_to(at("2026-09-14 11:00"))
    resolve(ticket, by=agent, summary="换了排水泵，试过排水正常。")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.resolved_at, ticket.due_at) == ("resolved", at("2026-09-14 11:00"), None)
    assert TicketMessage.objects.get().body.startswith("换了排水泵")
    assert not ticket.targets.filter(met_at__isnull=True).exists()
    assert not ticket.escalations.filter(closed_at__isnull=True).exists()


def test_resolving_needs_words_and_happens_once(ticket, agent) -> None:
    with pytest.raises(InvalidInput):
        resolve(ticket, by=agent, summary=" ")
    resolve(ticket, by=agent, summary="好了", client_key="r1")
    resolve(ticket, by=agent, summary="好了", client_key="r1")
    with pytest.raises(Conflict):
        resolve(ticket, by=agent, summary="又好了", client_key="r2")
    assert TicketMessage.objects.count() == 1


def test_a_late_resolution_is_a_breach_even_if_the_clock_was_off(ticket, agent, desk) -> None:
    desk.move_to(at("2026-09-30 10:00"))
    resolve(ticket, by=agent, summary="好了")
    target = ticket.targets.get(metric="resolution")
    assert target.breached_at == at("2026-09-16 09:30") and target.met_at == at("2026-09-30 10:00")


def test_the_customer_confirms_once(ticket, agent) -> None:
    resolve(ticket, by=agent, summary="好了")
    confirm_resolution(ticket)
    confirm_resolution(ticket)
    ticket.refresh_from_db()
    assert ticket.status == "closed" and ticket.confirmed_at
    assert history_of(ticket).filter(verb="confirmed", public=True).count() == 1


def test_an_unsolved_ticket_cannot_be_confirmed_or_reopened(ticket) -> None:
    with pytest.raises(Conflict):
        confirm_resolution(ticket)
    with pytest.raises(Conflict):
        reopen_ticket(ticket, reason="还是漏")
    ticket.refresh_from_db()
    assert ticket.status == "new" and ticket.round == 1


def test_reopening_starts_a_round_one_level_up_with_new_promises(ticket, agent, desk) -> None:
    resolve(ticket, by=agent, summary="好了")
    desk.move_to(at("2026-09-15 09:00"))
    reopen_ticket(ticket, reason="还是漏水")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.round, ticket.resolved_at, ticket.assignee) == ("open", 2, None, agent)
    escalation = ticket.escalations.get(closed_at__isnull=True)
    assert (escalation.kind, escalation.queue.tier, escalation.reason) == ("reopened", 2, "还是漏水")
    assert ticket.targets.filter(round=2).count() == 2
    assert TicketMessage.objects.order_by("seq").last().body == "还是漏水"


def test_reopening_needs_words(ticket, agent) -> None:
    resolve(ticket, by=agent, summary="好了")
    with pytest.raises(InvalidInput):
        reopen_ticket(ticket, reason="")
    ticket.refresh_from_db()
    assert ticket.status == "resolved"


def test_seven_silent_days_close_a_ticket_and_not_one_less(ticket, agent, desk) -> None:
    resolve(ticket, by=agent, summary="好了")
    assert close_silent(now=at("2026-09-21 09:29")) == 0
    assert close_silent(now=at("2026-09-21 09:30")) == 1
    assert close_silent(now=at("2026-09-22 09:30")) == 0
    ticket.refresh_from_db()
    assert ticket.status == "closed" and ticket.confirmed_at is None


def test_the_days_of_silence_are_the_queue_s(ticket, agent) -> None:
    Queue.objects.update(close_after_days=2)
    resolve(ticket, by=agent, summary="好了")
    assert close_silent(now=at("2026-09-16 09:30")) == 1


def test_waiting_again_for_the_customer_is_one_pause(ticket, agent) -> None:
    reply_to_customer(ticket, by=agent, body="一")
    reply_to_customer(ticket, by=agent, body="二")
    assert ticket.pauses.count() == 1
