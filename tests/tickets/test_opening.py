"""Opening a ticket: it has a number, a team, a priority, promises and a place in the queue, and it exists once."""

import pytest
from django.utils import timezone

from core.errors import InvalidInput, InvalidUpload, NotAllowed
from core.history import history_of
from core.models import HistoryEntry, OutboundMessage, TaskAttempt
from kb.models import HelpSession
from products.models import ProductFamily
from tests.factories.accounts import ContactFactory
from tests.factories.tickets import open_ticket, setup_desk
from tests.tickets.conftest import at
from tickets import actions
from tickets.models import DeskNotice, Escalation, Priority, Queue, SLATarget, Ticket


def test_a_guest_s_request_gets_a_number_promises_and_a_place_in_the_queue(ticket) -> None:
    assert ticket.reference.startswith("T-2609-")
    assert (ticket.status, ticket.queue.key, ticket.priority.key) == ("new", "general", "normal")
    dues = {row.metric: row.due_at for row in ticket.targets.all()}
    assert dues == {"first_response": at("2026-09-14 11:30"), "resolution": at("2026-09-16 09:30")}
    escalation = ticket.escalations.get()
    assert (escalation.kind, escalation.due_at, escalation.claimed_by) == ("self_service", at("2026-09-14 11:30"), None)
    assert ticket.due_at == at("2026-09-14 11:30")


def test_opening_leaves_a_public_history_row_and_asks_for_the_confirmation(ticket) -> None:
    (entry,) = history_of(ticket)
    assert (entry.verb, entry.public, entry.actor) == ("opened", True, None)
    assert TaskAttempt.objects.filter(path="tickets.tasks.tell_opened", kwargs={"ticket_id": ticket.pk}).count() == 1
    assert TaskAttempt.objects.filter(path="tickets.tasks.note_contact").count() == 1


def test_the_queue_follows_the_family(desk) -> None:
    family = ProductFamily.objects.create(slug="washing-machines", name_zh_hans="洗衣机", name_en="Washing machines")
    setup_desk()
    assert open_ticket(family=family).queue.key == "washing"


def test_impact_and_urgency_pick_the_priority_and_its_promise(desk) -> None:
    ticket = open_ticket(impact=1, urgency=1)
    assert ticket.priority.key == "urgent"
    assert ticket.targets.get(metric="first_response").due_at == at("2026-09-14 10:00")


def test_the_same_form_twice_is_one_ticket(desk) -> None:
    contact = ContactFactory()
    first = open_ticket(contact=contact, submit_key="form-1")
    second = open_ticket(contact=contact, submit_key="form-1")
    assert first.pk == second.pk
    assert Ticket.objects.count() == Escalation.objects.count() == 1


def test_an_empty_description_is_refused_and_nothing_is_written(desk) -> None:
    with pytest.raises(InvalidInput) as refusal:
        open_ticket(description=" \x00 ")
    assert refusal.value.field == "description"
    assert not Ticket.objects.exists() and not HistoryEntry.objects.exists() and not TaskAttempt.objects.exists()


def test_a_foreign_attachment_is_refused_and_nothing_is_written(desk) -> None:
    with pytest.raises(InvalidUpload):
        open_ticket(attachments=["nobody-s"], visitor_key="me")
    assert not Ticket.objects.exists() and not SLATarget.objects.exists()


def test_a_very_long_subject_is_cut_and_an_empty_one_taken_from_the_words(desk) -> None:
    assert len(open_ticket(subject="x" * 400).subject) == 160
    assert open_ticket(subject="", description="水管\n漏水").subject == "水管 漏水"


def test_a_phone_call_logged_by_an_agent_counts_as_answered(desk, agent) -> None:
    ticket = open_ticket(channel="phone", by=agent, internal=True)
    target = ticket.targets.get(metric="first_response")
    assert target.met_at == timezone.now() and ticket.first_responded_at is not None
    assert ticket.created_by == agent and history_of(ticket).get().actor == agent


def test_a_customer_cannot_log_a_call(desk, customer) -> None:
    with pytest.raises(NotAllowed):
        open_ticket(by=customer, internal=True)
    assert not Ticket.objects.exists()


def test_members_of_the_queue_get_a_notice_but_not_who_logged_it(desk, agent, second_agent) -> None:
    Queue.objects.get(key="general").members.add(agent, second_agent)
    open_ticket(channel="phone", by=agent, internal=True)
    assert [notice.user for notice in DeskNotice.objects.all()] == [second_agent]


def test_the_customer_is_told_once_even_when_the_task_runs_twice(desk, run_tasks) -> None:
    from tickets.tasks import tell_opened

    ticket = open_ticket(contact=ContactFactory(email="anna@example.com"), language="en")
    run_tasks(only="tickets.")
    tell_opened(ticket.pk)
    message = OutboundMessage.objects.get()
    assert ticket.reference in message.subject and ticket.secret in message.body
    assert (message.channel, message.language) == ("mail", "en")


def test_a_guest_with_a_phone_only_gets_an_sms(ticket, run_tasks) -> None:
    run_tasks(only="tickets.")
    message = OutboundMessage.objects.get()
    assert (message.channel, message.address) == ("sms", str(ticket.contact.phone))
    assert ticket.reference in message.body


def test_a_contact_after_solved_turns_the_attempt_into_a_failure(desk, run_tasks) -> None:
    contact = ContactFactory()
    session = HelpSession.objects.create(contact=contact, outcome="solved", outcome_at=timezone.now())
    open_ticket(contact=contact)
    run_tasks(only="tickets.")
    session.refresh_from_db()
    assert session.outcome == "failed"


@pytest.mark.parametrize("missing", [Priority, Queue])
def test_an_installation_that_is_not_set_up_says_so_and_writes_nothing(db, missing) -> None:
    setup_desk()
    missing.objects.all().delete()
    contact = ContactFactory()
    with pytest.raises(InvalidInput) as refusal:
        actions.open_ticket(contact=contact, subject="E2", description="E2")
    assert refusal.value.code in {"no_priority", "no_queue"} and not Ticket.objects.exists()
