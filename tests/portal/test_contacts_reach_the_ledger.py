"""Whoever comes back about the same thing turns a success, by whatever road: form, phone, chat, repair; once, however often it is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Conversation
from fieldservice.models import RepairOrder
from kb.models import HelpSession
from tests.factories.chat import start_chat
from tests.factories.fieldservice import book
from tests.factories.kb import HelpSessionFactory
from tests.factories.tickets import open_ticket, setup_desk
from tickets.tasks import note_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def solved(customer):
    """An attempt that was solved three days ago."""
    setup_desk()
    ended = timezone.now() - timedelta(days=3, minutes=1)
    return HelpSessionFactory(user=customer, outcome="solved", outcome_at=ended, last_at=ended, started_at=ended)


def turned(session):
    session.refresh_from_db()
    return session.outcome, session.contact_channel, session.contact_reference, session.contact_days


def test_a_request_of_the_web(solved, customer, run_tasks) -> None:
    ticket = open_ticket(contact=customer.contacts.first())
    run_tasks()
    assert turned(solved) == ("failed", "web", ticket.reference, 3)
    note_contact(ticket.pk)
    assert solved.events.filter(kind="contact").count() == 1


def test_a_call_an_agent_writes_down(solved, customer, signed_in, agent, run_tasks) -> None:
    contact = customer.contacts.first()
    form = {"contact": contact.pk, "subject": "又不排水了", "description": "说看过指南", "channel": "phone", "language": "zh-hans"}
    form |= {"kind": "fault", "impact": 2, "urgency": 2, "submit_key": "call-1", "mine": "on"}
    answer = signed_in(agent).post("/desk/tickets/new/", form)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    run_tasks()
    outcome, channel, reference, days = turned(solved)
    assert (outcome, channel, days) == ("failed", "phone", 3) and reference.startswith("T-")


def test_a_chat(solved, customer, run_tasks) -> None:
    start_chat(contact=customer.contacts.first(), by=customer)
    run_tasks()
    conversation = Conversation.objects.get()
    outcome, channel, reference, _days = turned(solved)
    assert (outcome, channel) == ("failed", "chat")
    assert reference in {conversation.reference, ""}


def test_a_repair(solved, customer, run_tasks) -> None:
    book(contact=customer.contacts.first())
    run_tasks()
    assert turned(solved)[:3] == ("failed", "repair", RepairOrder.objects.get().reference)


def test_somebody_else_s_contact_turns_nothing(solved, other_customer, run_tasks) -> None:
    open_ticket(contact=other_customer.contacts.first())
    run_tasks()
    assert turned(solved)[0] == HelpSession.Outcome.SOLVED


def test_a_repair_made_of_an_earlier_request_turns_nothing_that_came_between(solved, customer, run_tasks) -> None:
    ticket = open_ticket(contact=customer.contacts.first())
    type(ticket).objects.filter(pk=ticket.pk).update(created_at=timezone.now() - timedelta(days=10))
    run_tasks()
    assert turned(solved)[0] == HelpSession.Outcome.SOLVED
    book(contact=customer.contacts.first(), ticket=ticket)
    run_tasks()
    assert turned(solved)[0] == HelpSession.Outcome.SOLVED
