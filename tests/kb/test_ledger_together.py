"""Two at once in the ledger, with real threads on the real database: one attempt, one event, one contact that turned it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kb import actions
from kb.models import HelpEvent, HelpSession
from tests.factories.kb import HelpSessionFactory
from tests.tickets.test_together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_first_requests_of_a_visitor_are_one_attempt():
    for number in range(3):
        found = at_once(*[lambda key=f"both-{number}": actions.help_session_for(visitor_key=key, language="en")] * 3)
        assert len({row.pk for row in found if row is not None}) == 1
    assert HelpSession.objects.count() == 3


def test_the_same_answer_opened_twice_at_once_is_one_line():
    session = HelpSessionFactory()
    at_once(*[lambda: actions.record_opened(session, key="guide:1", title="清理过滤器")] * 3)
    at_once(*[lambda: actions.record_shown(session, [{"key": "guide:1"}, {"key": "guide:2"}])] * 3)
    at_once(*[lambda n=n: actions.record_read(session, key="guide:1", seconds=n, step=n) for n in (5, 30, 15)])
    assert HelpEvent.objects.filter(kind="opened").count() == 1 and HelpEvent.objects.filter(kind="shown").count() == 2
    assert HelpEvent.objects.filter(kind="read").count() == 1


def test_of_two_contacts_at_once_one_turns_the_success():
    for _round in range(3):
        session = HelpSessionFactory(outcome="solved", outcome_at=timezone.now() - timedelta(days=2))
        turned = at_once(
            *[lambda number=n, key=session.visitor_key: actions.record_contact(reference=f"T-{number}", visitor_key=key) for n in range(3)]
        )
        session.refresh_from_db()
        assert session.outcome == HelpSession.Outcome.FAILED and session.events.filter(kind="contact").count() == 1
        assert turned.count(1) == 1, turned


def test_solved_and_sent_at_once_end_it_once():
    session = HelpSessionFactory()
    results = at_once(lambda: actions.mark_solved(session), lambda: actions.mark_still_needs_help(session, reference="T-1"))
    assert results.count(True) == 1
    session.refresh_from_db()
    assert session.events.filter(kind__in=["solved", "still"]).count() == 1
