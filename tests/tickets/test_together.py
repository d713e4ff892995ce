"""Two people at once, with real threads on the real database: one claim wins, one form is one ticket, one key one message."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from core.errors import Conflict
from core.models import HistoryEntry
from tests.factories.accounts import ContactFactory
from tests.factories.tickets import open_ticket, setup_desk
from tickets.actions import claim_escalation, reply_to_customer, resolve, run_sla_clock
from tickets.models import Escalation, SLATarget, Ticket, TicketMessage


@pytest.fixture
def real_database(transactional_db, django_db_setup):
    """A database that several connections share: PostgreSQL, or the shared in-memory SQLite of the tests."""
    setup_desk()


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run the works in threads that start together; return each one's result or the exception it raised."""
    barrier = threading.Barrier(len(works))
    results: list[object] = [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = work()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def test_of_two_claims_at_once_one_wins_and_the_other_hears_who(real_database, agent, second_agent) -> None:
    for _round in range(5):
        ticket = open_ticket()
        escalation = ticket.escalations.get()
        results = at_once(lambda e=escalation: claim_escalation(e, by=agent), lambda e=escalation: claim_escalation(e, by=second_agent))
        lost = [result for result in results if isinstance(result, Conflict)]
        assert len(lost) == 1 and sum(isinstance(result, Ticket) for result in results) == 1, results
        escalation.refresh_from_db()
        ticket.refresh_from_db()
        assert lost[0].context["winner"] == str(escalation.claimed_by)
        assert ticket.assignee == escalation.claimed_by
    assert HistoryEntry.objects.filter(verb="claimed").count() == 5


def test_the_same_form_sent_twice_at_once_is_one_ticket(real_database) -> None:
    contact = ContactFactory()
    results = at_once(*(lambda: open_ticket(contact=contact, submit_key="double") for _time in range(3)))
    assert len({getattr(result, "pk", result) for result in results}) == 1, results
    assert Ticket.objects.count() == Escalation.objects.count() == 1
    assert SLATarget.objects.count() == 2


def test_two_replies_at_once_are_numbered_without_gaps(real_database, agent, second_agent) -> None:
    ticket = open_ticket()
    results = at_once(lambda: reply_to_customer(ticket, by=agent, body="一"), lambda: reply_to_customer(ticket, by=second_agent, body="二"))
    assert all(isinstance(result, TicketMessage) for result in results), results
    assert sorted(TicketMessage.objects.values_list("seq", flat=True)) == [1, 2]


def test_two_resolutions_at_once_are_one(real_database, agent, second_agent) -> None:
    ticket = open_ticket()
    results = at_once(lambda: resolve(ticket, by=agent, summary="好了"), lambda: resolve(ticket, by=second_agent, summary="好了"))
    assert sum(isinstance(result, Conflict) for result in results) == 1, results
    assert TicketMessage.objects.count() == 1


def test_two_clocks_at_once_breach_once(real_database) -> None:
    ticket = open_ticket()
    due = ticket.targets.get(metric="first_response").due_at
    results = at_once(lambda: run_sla_clock(now=due), lambda: run_sla_clock(now=due))
    assert sum(result for result in results if isinstance(result, int)) == 1, results
    assert Escalation.objects.filter(kind="breach").count() == 1
    assert connection.vendor in {"sqlite", "postgresql"}
