"""Two at once, with real threads on the real database: one move wins, one form is one repair, one answer counts."""

import pytest

from core.errors import Conflict
from core.models import HistoryEntry
from fieldservice import actions, states
from fieldservice.models import Quote, RepairOrder
from tests.factories.accounts import ContactFactory
from tests.factories.fieldservice import LINES, book, bring
from tests.factories.tickets import setup_desk
from tests.tickets.test_together import at_once


@pytest.fixture
def real_database(transactional_db, django_db_setup):
    """A database that several connections share: PostgreSQL, or the shared in-memory SQLite of the tests."""
    setup_desk()


def test_of_two_staff_moving_at_once_one_wins(real_database, agent, second_agent) -> None:
    for _round in range(3):
        order = book()
        results = at_once(
            lambda o=order: actions.check_repair(o, by=agent, finding="一"),
            lambda o=order: actions.check_repair(o, by=second_agent, finding="二"),
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1, results
        assert sum(isinstance(result, RepairOrder) for result in results) == 1, results
    assert HistoryEntry.objects.filter(verb="check").count() == 3


def test_the_same_form_twice_at_once_is_one_repair(real_database) -> None:
    contact = ContactFactory()
    results = at_once(*(lambda: book(contact=contact, submit_key="double-double-double") for _time in range(3)))
    assert len({getattr(result, "pk", result) for result in results}) == 1, results
    assert RepairOrder.objects.count() == 1


def test_agreeing_and_withdrawing_at_once_is_one_of_both(real_database, agent) -> None:
    order = bring(book(), states.QUOTED, by=agent)
    results = at_once(
        lambda: actions.approve_quote(order, number=1, guest=True), lambda: actions.withdraw_quote(order, by=agent, reason="x")
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1, results
    order.refresh_from_db()
    quote = order.quotes.get()
    assert (order.state == states.APPROVED) == (quote.answer == "approved") == (quote.withdrawn_at is None)


def test_two_quotes_at_once_are_one(real_database, agent, second_agent) -> None:
    order = book()
    results = at_once(
        lambda: actions.quote_repair(order, by=agent, lines=LINES), lambda: actions.quote_repair(order, by=second_agent, lines=LINES)
    )
    assert sum(isinstance(result, Quote) for result in results) == 1, results
    assert Quote.objects.count() == 1
