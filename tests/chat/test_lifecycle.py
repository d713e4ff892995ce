"""A conversation from its form to its end: limits, ending, rating, the ticket it becomes, the transcript."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from chat import actions
from chat.actions.ending import end_silent
from chat.models import ChatNote, ChatOffer, Conversation
from core.errors import Conflict, InvalidInput, NotAllowed
from core.history import history_of
from core.models import TaskAttempt
from kb.models import HelpSession
from tests.factories.accounts import ContactFactory
from tests.factories.chat import VISITOR, configure, say, start_chat, taken_by
from tickets.models import Escalation, Ticket

pytestmark = pytest.mark.django_db


def verbs(conversation) -> list[str]:
    return [entry.verb for entry in history_of(conversation)]


def test_starting_keeps_the_question_as_the_first_message_and_tells_the_rooms_above(db) -> None:
    chat = start_chat(page_url="/zh-hans/codes/washing-machines/E2/")
    assert chat.reference.startswith("C-") and chat.status == "waiting" and chat.page_url
    first, second = chat.messages.order_by("seq")
    assert (first.seq, first.sender, first.text) == (1, "visitor", chat.question)
    assert (second.kind, second.data["event"]) == ("system", "waiting")
    assert verbs(chat) == ["started"]
    assert TaskAttempt.objects.filter(path="chat.tasks.note_contact", kwargs={"conversation_id": chat.pk}).exists()


def test_the_same_form_twice_starts_one_conversation(db) -> None:
    assert start_chat(submit_key="k" * 24) == start_chat(submit_key="k" * 24)
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize(
    ("settings", "code"), [({"is_open": False}, "closed"), ({"most_waiting": 1}, "queue_full"), ({"most_open": 1}, "too_many_open")]
)
def test_limits_are_the_administrator_s(db, settings, code) -> None:
    configure(**settings)
    if code != "closed":
        start_chat()
    with pytest.raises(Conflict) as refusal:
        start_chat()
    assert refusal.value.code == code
    assert Conversation.objects.count() == (0 if code == "closed" else 1)


def test_open_chats_are_counted_a_visitor_not_for_all(db) -> None:
    configure(most_open=1)
    start_chat()
    assert start_chat(visitor_key="another-visitor").pk


@pytest.mark.parametrize("fields", [{"question": "  "}, {"question": "长" * 501}, {"visitor_key": ""}])
def test_an_unusable_form_starts_nothing(db, fields) -> None:
    with pytest.raises(InvalidInput):
        start_chat(**fields)
    assert not Conversation.objects.exists()


def test_a_foreign_page_is_not_kept(db) -> None:
    assert start_chat(page_url="https://elsewhere.example/").page_url == ""


def test_the_attempt_ends_as_one_that_needed_a_person_and_a_solved_one_turns(db, run_tasks) -> None:
    solved = HelpSession.objects.create(visitor_key=VISITOR, outcome="solved")
    HelpSession.objects.filter(pk=solved.pk).update(outcome_at=solved.started_at)
    attempt = HelpSession.objects.create(visitor_key=VISITOR)
    chat = start_chat(help_session=attempt)
    run_tasks()
    attempt.refresh_from_db()
    solved.refresh_from_db()
    assert (attempt.outcome, attempt.contact_reference) == ("escalated", chat.reference)
    assert (solved.outcome, solved.contact_reference) == ("failed", chat.reference)


def test_ending_once_withdraws_offers_and_says_who_did(db, agent) -> None:
    chat = start_chat()
    offer = ChatOffer.objects.create(conversation=chat, agent=agent, expires_at=chat.created_at)
    ended = actions.end_conversation(chat, party="visitor", solved="no")
    assert (ended.status, ended.ended_by, ended.solved) == ("ended", "visitor", "no")
    offer.refresh_from_db()
    assert offer.state == "withdrawn"
    assert chat.messages.order_by("-seq").first().data == {"event": "ended", "by": "visitor", "name": ""}
    assert verbs(chat) == ["started", "ended"]
    again = actions.end_conversation(chat, party="system")
    assert again.ended_by == "visitor" and verbs(chat) == ["started", "ended"]


def test_an_agent_ends_only_an_own_chat_a_supervisor_any(db, agent, second_agent, supervisor) -> None:
    chat = taken_by(start_chat(), agent)
    with pytest.raises(NotAllowed):
        actions.end_conversation(chat, party="agent", by=second_agent)
    with pytest.raises(InvalidInput):
        actions.end_conversation(chat, party="stranger")
    chat.refresh_from_db()
    assert chat.status == "active"
    assert actions.end_conversation(chat, party="agent", by=supervisor).status == "ended"


def test_a_silent_chat_ends_and_who_waited_in_vain_gets_a_request(db, agent) -> None:
    configure(idle_minutes=60)
    waited, taken, here = start_chat(contact=ContactFactory()), taken_by(start_chat(visitor_key="b"), agent), start_chat(visitor_key="c")
    long_ago, now = timezone.now() - timedelta(minutes=61), timezone.now()
    Conversation.objects.update(last_message_at=long_ago, visitor_seen_at=long_ago)
    Conversation.objects.filter(pk=here.pk).update(visitor_seen_at=now)
    fresh = start_chat(visitor_key="d")
    assert end_silent(now=now) == 2
    for chat in (waited, taken, here, fresh):
        chat.refresh_from_db()
    assert (waited.status, waited.ended_by, waited.ticket) == ("ended", "system", Ticket.objects.get())
    assert (taken.status, taken.ticket) == ("ended", None)
    assert here.status == fresh.status == "waiting"
    assert end_silent(now=now) == 0


def test_a_rating_comes_after_the_end_and_once(db) -> None:
    chat = start_chat()
    with pytest.raises(Conflict) as refusal:
        actions.rate_conversation(chat, rating=5)
    assert refusal.value.code == "not_ended"
    actions.end_conversation(chat, party="visitor")
    for wrong in (0, 6, "5", True, None):
        with pytest.raises(InvalidInput):
            actions.rate_conversation(chat, rating=wrong)
    rated = actions.rate_conversation(chat, rating=4, comment="很耐心", solved="yes")
    assert (rated.rating, rated.rating_comment, rated.solved) == (4, "很耐心", "yes")
    assert actions.rate_conversation(chat, rating=4, comment="很耐心").rating == 4
    with pytest.raises(Conflict) as refusal:
        actions.rate_conversation(chat, rating=1)
    assert refusal.value.code == "rated"
    assert verbs(chat) == ["started", "ended", "rated"]


def test_a_ticket_carries_the_transcript_into_the_escalation_queue_once(db, agent) -> None:
    attempt = HelpSession.objects.create(visitor_key=VISITOR)
    chat = taken_by(start_chat(contact=ContactFactory(name="周女士"), help_session=attempt), agent)
    say(chat, "水泵不响", by=None)
    ChatNote.objects.create(conversation=chat, seq=1, author=agent, text="客户很急")
    ticket = actions.make_ticket_of(chat, by=agent, note="需要二线看水泵")
    assert ticket.channel == "chat" and ticket.help_session == attempt and ticket.subject == chat.question
    assert "需要二线看水泵" in ticket.description and "水泵不响" in ticket.description and chat.reference in ticket.description
    assert "客户很急" not in ticket.description
    assert Escalation.objects.get(ticket=ticket).kind == "chat"
    assert actions.make_ticket_of(chat, by=agent) == ticket
    assert Ticket.objects.count() == 1
    assert chat.messages.order_by("-seq").first().data == {"event": "ticket", "reference": ticket.reference}
    assert verbs(chat) == ["started", "ticket_made"]


def test_a_ticket_needs_somebody_to_answer(db) -> None:
    chat = start_chat()
    with pytest.raises(InvalidInput) as refusal:
        actions.make_ticket_of(chat)
    assert refusal.value.field == "phone" and not Ticket.objects.exists()
    contact = ContactFactory()
    assert actions.make_ticket_of(chat, contact=contact).contact == contact
    chat.refresh_from_db()
    assert chat.contact == contact


def test_a_long_chat_keeps_its_newest_part_in_the_ticket(db) -> None:
    chat = start_chat(contact=ContactFactory())
    for number in range(4):
        say(chat, f"第{number}段" + "很长" * 1900)
    text = actions.make_ticket_of(chat).description
    assert len(text) <= 10_000 and "第3段" in text and "第0段" not in text


def test_the_transcript_goes_by_mail_without_notes(db, agent, run_tasks) -> None:
    chat = taken_by(start_chat(contact=ContactFactory(email="zhou@example.com")), agent)
    say(chat, "请看一下 <b>水泵</b>", sender="agent", by=agent)
    ChatNote.objects.create(conversation=chat, seq=1, author=agent, text="内部备注")
    assert actions.send_transcript(chat) == "zhou@example.com"
    run_tasks()
    message = mail.outbox[-1]
    html = message.alternatives[0][0]
    assert message.to == ["zhou@example.com"] and chat.reference in message.subject
    assert "<b>水泵</b>" in message.body and "&lt;b&gt;" in html
    assert "内部备注" not in message.body + html
    assert verbs(chat) == ["started", "transcript_sent"]


def test_a_transcript_needs_an_address(db) -> None:
    chat = start_chat()
    with pytest.raises(InvalidInput):
        actions.send_transcript(chat)
    assert not mail.outbox and verbs(chat) == ["started"]
