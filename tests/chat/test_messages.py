"""What is said: kept once, numbered without gaps, only by who may; told after the commit."""

import uuid
from unittest.mock import patch

import pytest

from chat import actions
from chat.models import ChatMessage, ChatReceipt, Conversation
from core.errors import Conflict, InvalidInput, InvalidUpload, NotAllowed
from core.files import accept_upload
from tests.factories.chat import VISITOR, say, start_chat, taken_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(db) -> Conversation:
    """A visitor waits."""
    return start_chat()


@pytest.fixture
def pushed():
    """What goes to the open sockets."""
    frames: list[tuple[str, dict]] = []
    with patch("chat.realtime.send", lambda group, kind, **values: frames.append((kind, values))):
        yield frames


def seqs(conversation: Conversation) -> list[int]:
    return list(conversation.messages.order_by("seq").values_list("seq", flat=True))


def test_messages_are_numbered_without_gaps_and_follow_the_question(chat, agent) -> None:
    taken_by(chat, agent)
    say(chat, "在吗")
    say(chat, "您好", sender="agent", by=agent)
    rows = list(chat.messages.order_by("seq"))
    assert [row.seq for row in rows] == [1, 2, 3, 4]
    assert [row.sender for row in rows] == ["visitor", "system", "visitor", "agent"]
    assert rows[3].sender_name == agent.name
    chat.refresh_from_db()
    assert chat.last_seq == 4 and chat.last_message_at == rows[3].at


def test_the_same_client_id_twice_is_one_message(chat) -> None:
    number = uuid.uuid4()
    first = say(chat, "一次", client_id=number)
    second = say(chat, "一次", client_id=str(number))
    assert (first.created, second.created) == (True, False)
    assert first.message == second.message
    assert ChatMessage.objects.filter(client_id=number).count() == 1


def test_a_client_id_of_the_other_side_is_refused(chat, agent) -> None:
    taken_by(chat, agent)
    number = uuid.uuid4()
    say(chat, "我的", client_id=number)
    with pytest.raises(Conflict):
        say(chat, "我的", sender="agent", by=agent, client_id=number)


def test_a_repeated_message_is_acknowledged_even_after_the_end(chat) -> None:
    number = uuid.uuid4()
    first = say(chat, "再见", client_id=number)
    actions.end_conversation(chat, party="visitor")
    assert say(chat, "再见", client_id=number).message == first.message


def test_a_message_is_pushed_after_the_commit_with_its_number(chat, pushed, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sent = say(chat, "排不了水")
        assert pushed == []
    kind, values = pushed[0]
    assert kind == "chat.message"
    assert (values["frame"]["seq"], values["frame"]["text"]) == (sent.message.seq, "排不了水")


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), ("  \u200b\n", "empty"), ("长" * 4001, "too_long"), (None, "bad_text"), ({"a": 1}, "bad_text")]
)
def test_what_is_no_text_is_refused_and_nothing_is_written(chat, text, code) -> None:
    with pytest.raises(InvalidInput) as refusal:
        say(chat, text)
    assert refusal.value.code == code
    assert seqs(chat) == [1, 2]


@pytest.mark.parametrize("client_id", ["", "not-a-uuid", 7, None, {"x": 1}])
def test_a_message_needs_a_number_of_its_sender(chat, client_id) -> None:
    with pytest.raises(InvalidInput):
        actions.send_message(chat, sender="visitor", client_id=client_id, text="x")
    assert seqs(chat) == [1, 2]


def test_only_the_agent_who_has_the_chat_writes(chat, agent, second_agent, customer) -> None:
    taken_by(chat, agent)
    for person in (second_agent, customer, None):
        with pytest.raises(NotAllowed):
            say(chat, "您好", sender="agent", by=person)
    with pytest.raises(NotAllowed):
        say(chat, "您好", sender="system", by=agent)
    assert seqs(chat) == [1, 2]


def test_an_agent_without_the_permission_or_account_cannot_write_any_more(chat, agent) -> None:
    taken_by(chat, agent)
    say(chat, "您好", sender="agent", by=agent)
    type(agent).objects.filter(pk=agent.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        say(chat, "还在", sender="agent", by=agent)
    type(agent).objects.filter(pk=agent.pk).update(is_active=True)
    agent.groups.clear()
    with pytest.raises(NotAllowed):
        say(chat, "还在", sender="agent", by=agent)
    assert seqs(chat) == [1, 2, 3]


def test_a_closed_account_cannot_write(customer) -> None:
    chat = start_chat(contact=customer.contacts.get(), by=customer)
    customer.is_active = False
    customer.save()
    with pytest.raises(NotAllowed):
        say(chat, "还有问题", by=customer)


def test_nobody_writes_into_an_ended_chat(chat) -> None:
    actions.end_conversation(chat, party="visitor")
    with pytest.raises(Conflict) as refusal:
        say(chat, "等等")
    assert refusal.value.code == "ended"
    assert seqs(chat) == [1, 2, 3]


def test_a_file_is_bound_to_its_message_and_only_the_sender_s_own(chat, png) -> None:
    draft = accept_upload(png(), visitor_key=VISITOR)
    sent = actions.send_message(
        chat, sender="visitor", client_id=uuid.uuid4(), kind="file", attachment=draft.reference, visitor_key=VISITOR
    )
    draft.refresh_from_db()
    assert (draft.subject_type, draft.subject_id) == ("chat.chatmessage", str(sent.message.pk))
    assert sent.message.data["name"] == draft.original_name and sent.message.data["width"]
    foreign = accept_upload(png(), visitor_key="somebody-else")
    with pytest.raises(InvalidUpload):
        actions.send_message(chat, sender="visitor", client_id=uuid.uuid4(), kind="file", attachment=foreign.reference, visitor_key=VISITOR)
    with pytest.raises(InvalidInput):
        actions.send_message(chat, sender="visitor", client_id=uuid.uuid4(), kind="file", visitor_key=VISITOR)
    assert seqs(chat) == [1, 2, 3]


def test_an_article_is_of_this_site(chat, agent) -> None:
    taken_by(chat, agent)
    article = {"key": "guide:1", "title": "清理过滤器", "url": "/zh-hans/guides/clean-filter/", "summary": "第 4 步"}
    sent = actions.send_message(chat, sender="agent", by=agent, client_id=uuid.uuid4(), kind="article", article=article)
    assert sent.message.data == article
    for url in ("https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", ""):
        with pytest.raises(InvalidInput):
            actions.send_message(chat, sender="agent", by=agent, client_id=uuid.uuid4(), kind="article", article={**article, "url": url})
    assert seqs(chat) == [1, 2, 3]


def test_a_receipt_only_moves_forward_and_never_beyond_what_was_said(chat, pushed, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        receipt = actions.note_receipt(chat, party="agent", kind="read", upto=99)
    assert (receipt.delivered_upto, receipt.read_upto) == (2, 2)
    assert pushed[-1] == ("chat.frame", {"frame": {"type": "receipt", "party": "agent", "delivered": 2, "read": 2}})
    assert actions.note_receipt(chat, party="agent", kind="read", upto=1) is None
    assert actions.note_receipt(chat, party="agent", kind="delivered", upto=2) is None
    assert ChatReceipt.objects.get(conversation=chat, party="agent").read_upto == 2


@pytest.mark.parametrize(
    ("party", "kind", "upto"), [("nobody", "read", 1), ("agent", "seen", 1), ("agent", "read", "2"), ("agent", "read", True)]
)
def test_a_strange_receipt_is_refused(chat, party, kind, upto) -> None:
    with pytest.raises(InvalidInput):
        actions.note_receipt(chat, party=party, kind=kind, upto=upto)
    assert not ChatReceipt.objects.exists()


def test_a_system_message_speaks_the_visitor_s_language(db) -> None:
    chat = start_chat(language="en", question="My washer shows E2")
    message = actions.add_system_message(chat, event="joined", name="赵敏")
    assert message.text == "赵敏 has joined the chat."
    assert message.data == {"event": "joined", "name": "赵敏"}
