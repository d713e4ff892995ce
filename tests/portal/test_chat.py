"""The visitor's chat by plain requests: what one is told before, one conversation whatever the browser does, a message out of hours."""

import json
import uuid
from datetime import datetime
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Consent
from chat import actions
from chat.models import ChatMessage, Conversation
from core.models import Attachment
from kb.models import HelpSession
from tests.factories.chat import configure, on_duty, say, start_chat, taken_by
from tests.portal.chatting import CHAT, form, picture, post_json, started
from tickets.models import Escalation, Ticket

pytestmark = pytest.mark.django_db


# --- Before the chat ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("language", "words"), [("zh-hans", "客服在线"), ("en", "We are online now")])
def test_one_is_told_that_somebody_is_there(client, staffed, language, words) -> None:
    assert words in client.get(f"/{language}/chat/").content.decode()


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-09-14 23:30", "现在已下班"),
        ("2026-10-01 10:00", "现在已下班"),  # a public holiday
    ],
)
def test_out_of_hours_one_is_told_when_and_the_same_form_leaves_a_message(client, shop, agent, moment, words) -> None:
    with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Asia/Shanghai"))):
        on_duty(agent)
        page = client.get(CHAT).content.decode()
        assert "留言" in page and 'name="leave"' in page
        client.post(CHAT, form(phone="138 0013 8001"))
    ticket = Ticket.objects.get()
    assert not Conversation.objects.exists()
    assert (ticket.channel, ticket.model) == ("chat", shop.wf)
    assert Escalation.objects.get().ticket == ticket


def test_a_make_up_working_saturday_is_open(client, shop, agent) -> None:
    with time_machine.travel(datetime(2026, 10, 10, 10, tzinfo=ZoneInfo("Asia/Shanghai"))):
        on_duty(agent)
        assert "客服在线" in client.get(CHAT).content.decode()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "10月8日"), ("en", "8 Oct")])
def test_on_a_holiday_one_is_told_the_day_it_opens_again(client, shop, agent, language, words) -> None:
    """The first week of October: agents may sit there, the calendar says closed; a message gets a number all the same."""
    with time_machine.travel(datetime(2026, 10, 3, 10, tzinfo=ZoneInfo("Asia/Shanghai"))):
        on_duty(agent)
        page = client.get(f"/{language}/chat/").content.decode()
        assert words in page and 'name="leave"' in page
        answer = client.post(CHAT, form(phone="138 0013 8001", leave="1"))
        assert Ticket.objects.get().reference in answer["Location"] and not Conversation.objects.exists()


@pytest.mark.parametrize("why", ["nobody", "closed", "full"])
def test_without_anybody_the_form_leaves_a_message_with_a_number(client, shop, agent, morning, why) -> None:
    if why != "nobody":
        on_duty(agent)
        configure(**({"is_open": False} if why == "closed" else {"most_waiting": 1}))
    if why == "full":
        start_chat()
    response = client.post(CHAT, form(phone="138 0013 8001"))
    ticket = Ticket.objects.get()
    assert response["Location"] == f"/zh-hans/help/{ticket.reference}/"
    assert ticket.reference in client.get(response["Location"]).content.decode()
    assert Conversation.objects.count() == (1 if why == "full" else 0)


def test_a_message_needs_an_address_and_a_chat_does_not(client, staffed) -> None:
    refused = client.post(CHAT, form(leave="1"))
    assert refused.status_code == 422 and not Ticket.objects.exists()
    assert "脱水时漏水" in refused.content.decode()
    assert started(client).contact is None


def test_an_empty_form_is_refused_and_nothing_is_written(client, staffed) -> None:
    response = client.post(CHAT, form(subject=" "))
    assert response.status_code == 422 and "data-error-summary" in response.content.decode()
    assert not Conversation.objects.exists()


def test_answers_are_offered_once_before_the_queue(client, staffed) -> None:
    from tests.portal.test_get_help import HITS

    with mock.patch("search.queries.suggest_for_panel", return_value=HITS):
        response = client.post(CHAT, form(still=""))
        assert response.status_code == 200 and HITS[0].title in response.content.decode()
        assert not Conversation.objects.exists()
        assert started(client).question == "脱水时漏水"


def test_dead_search_does_not_stand_in_the_way(client, staffed) -> None:
    with mock.patch("search.queries.suggest_for_panel", side_effect=RuntimeError):
        assert started(client, still="").pk


def test_the_machine_of_the_page_one_comes_from_is_filled_in(client, staffed, shop) -> None:
    page = client.get(CHAT, {"from": f"/zh-hans/products/{shop.washers.slug}/{shop.wf.slug}/"}).content.decode()
    assert f'name="product" value="{shop.wf.slug}"' in page
    page = client.get(CHAT, {"from": f"/zh-hans/codes/{shop.washers.slug}/E2/"}).content.decode()
    assert "E2" in page and f'value="{shop.washers.slug}" selected' in page
    assert client.get(CHAT, {"from": "//elsewhere.example/products/"}).status_code == 200


def test_the_attempt_goes_along_unless_one_does_not_want_it(client, staffed) -> None:
    client.get(CHAT)
    first = started(client)
    assert first.help_session == HelpSession.objects.get() and first.help_session.outcome == "escalated"
    actions.end_conversation(first, party="visitor")
    second = started(client, submit_key="m" * 24, alone="1")
    assert second.help_session is None


def test_a_guest_who_leaves_an_address_agrees_on_record(client, staffed) -> None:
    chat = started(client, email="Zhou@Example.com")
    assert chat.contact.email == "zhou@example.com" and Consent.objects.get().contact == chat.contact


# --- One conversation ----------------------------------------------------------------------------------------------------
def test_the_same_form_twice_and_a_second_visit_lead_to_the_same_chat(client, staffed) -> None:
    chat = started(client)
    assert started(client) == chat
    assert client.get(CHAT)["Location"] == f"{CHAT}{chat.key}/"
    assert client.get(CHAT, {"new": "1"}).status_code == 200


def test_a_second_chat_is_allowed_and_a_third_is_not(client, staffed) -> None:
    started(client)
    started(client, submit_key="m" * 24)
    response = client.post(CHAT, form(submit_key="n" * 24))
    assert response.status_code == 409 and "还有没结束的聊天" in response.content.decode()
    assert Conversation.objects.count() == 2


def test_strangers_do_not_get_in(client, staffed, customer, signed_in) -> None:
    chat = started(client)
    for other in (Client(), signed_in(customer)):
        for address in ("", "messages/", "ticket/", "transcript/"):
            assert other.get(f"{CHAT}{chat.key}/{address}").status_code == 404
        assert post_json(other, f"{CHAT}{chat.key}/messages/", client_id=str(uuid.uuid4()), text="x").status_code == 404
        assert other.post(f"{CHAT}{chat.key}/files/", {"file": picture(), "client_id": str(uuid.uuid4())}).status_code == 404
        for address in ("end/", "rating/", "ticket/", "transcript/"):
            assert other.post(f"{CHAT}{chat.key}/{address}", {"email": "x@example.com"}).status_code == 404
    chat.refresh_from_db()
    assert chat.status == "waiting" and chat.messages.count() == 2 and not mail.outbox and not Attachment.objects.exists()


def test_the_link_opens_it_on_another_device_and_leaves_the_address_clean(client, staffed) -> None:
    chat = started(client)
    other = Client()
    entered = other.get(f"{CHAT}resume/{chat.key}.{chat.secret}/")
    assert entered["Location"] == f"{CHAT}{chat.key}/"
    assert chat.question in other.get(entered["Location"]).content.decode()
    assert Client().get(f"{CHAT}resume/{chat.key}.{'x' * 32}/").status_code == 404
    assert Client().get(f"{CHAT}resume/nonsense/").status_code == 404
    Conversation.objects.update(secret="new-secret-" + "y" * 20)
    assert other.get(entered["Location"]).status_code == 404


def test_a_member_finds_the_chat_in_every_browser(staffed, customer, signed_in) -> None:
    chat = started(signed_in(customer))
    assert chat.contact.user == customer
    assert signed_in(customer).get(f"{CHAT}{chat.key}/").status_code == 200


def test_a_member_s_chats_stand_in_one_list_with_the_same_queries(staffed, customer, other_customer, signed_in) -> None:
    client, contact = signed_in(customer), customer.contacts.get()
    start_chat(contact=contact, visitor_key="", question="第一次的问题")
    start_chat(contact=other_customer.contacts.get(), visitor_key="", question="别人的问题")
    client.get("/zh-hans/my/chats/")
    with CaptureQueriesContext(connection) as one:
        page = client.get("/zh-hans/my/chats/").content.decode()
    assert "第一次的问题" in page and "别人的问题" not in page
    configure(most_open=9)
    for number in range(2):
        start_chat(contact=contact, visitor_key="", question=f"后来的问题 {number}")
    with CaptureQueriesContext(connection) as three:
        assert client.get("/zh-hans/my/chats/").content.decode().count("后来的问题") == 2
    assert len(one) == len(three)
    assert Client().get("/zh-hans/my/chats/").status_code == 302


# --- Without a socket ------------------------------------------------------------------------------------------------------
def test_messages_by_request_have_the_same_numbers_and_acknowledgement(client, staffed) -> None:
    chat = started(client)
    address, number = f"{CHAT}{chat.key}/messages/", str(uuid.uuid4())
    first = post_json(client, address, client_id=number, kind="text", text="还在漏")
    again = post_json(client, address, client_id=number, kind="text", text="还在漏")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() and first.json()["seq"] == 3
    rest = client.get(address, {"after": "2"}).json()
    assert [frame["seq"] for frame in rest["messages"]] == [3]
    assert (rest["state"]["status"], rest["state"]["place"]) == ("waiting", 1)


@pytest.mark.parametrize("after", ["-1", "x", "²", "9" * 30, ""])
def test_a_strange_number_is_no_server_error(client, staffed, after) -> None:
    chat = started(client)
    assert client.get(f"{CHAT}{chat.key}/messages/", {"after": after}).status_code == 200


@pytest.mark.parametrize("body", [" ", "[]", "{", '"x"', json.dumps({"client_id": "x", "text": "y"}), json.dumps({"text": "y" * 70000})])
def test_a_strange_body_is_refused_with_words(client, staffed, body) -> None:
    chat = started(client)
    response = client.post(f"{CHAT}{chat.key}/messages/", body, content_type="application/json")
    assert response.status_code == 400 and response.json()["type"] == "error"
    assert chat.messages.count() == 2


def test_the_form_without_script_keeps_text_and_picture(client, staffed) -> None:
    chat = started(client)
    response = client.post(f"{CHAT}{chat.key}/messages/?as=visitor", {"text": "这里漏", "file": picture()})
    assert response["Location"].startswith(f"{CHAT}{chat.key}/")
    assert list(chat.messages.order_by("seq").values_list("kind", flat=True)) == ["text", "system", "file", "text"]
    page = client.get(f"{CHAT}{chat.key}/").content.decode()
    file = Attachment.objects.get()
    assert "这里漏" in page and f"/media/private/{file.reference}/" in page


def test_a_refused_form_keeps_what_was_typed(client, staffed) -> None:
    chat = started(client)
    response = client.post(f"{CHAT}{chat.key}/messages/?as=visitor", {"text": "长" * 4001})
    assert response.status_code == 400 and "长" * 4001 in response.content.decode()


def test_a_picture_is_said_once_and_opens_to_both_sides_only(client, staffed, customer, signed_in) -> None:
    chat = started(client)
    number = str(uuid.uuid4())
    for _twice in range(2):
        response = client.post(f"{CHAT}{chat.key}/files/", {"file": picture(), "client_id": number})
        assert response.status_code == 201 and response.json()["seq"] == 3
    file = Attachment.objects.get()
    address = f"/media/private/{file.reference}/"
    assert client.get(address).status_code == 200
    assert signed_in(staffed).get(address).status_code == 200
    assert Client().get(address).status_code == 404
    assert signed_in(customer).get(address).status_code == 404


def test_a_wrong_file_is_refused_with_words_and_not_said(client, staffed) -> None:
    chat = started(client)
    wrong = SimpleUploadedFile("photo.jpg", b"MZ not a picture", "image/jpeg")
    response = client.post(f"{CHAT}{chat.key}/files/", {"file": wrong, "client_id": str(uuid.uuid4())})
    assert response.status_code == 400 and response.json()["text"]
    assert client.post(f"{CHAT}{chat.key}/files/", {"client_id": str(uuid.uuid4())}).status_code == 400
    assert chat.messages.count() == 2 and not Attachment.objects.exists()


def test_the_agent_writes_by_request_too_and_a_colleague_does_not(client, staffed, second_agent, signed_in) -> None:
    chat = taken_by(started(client), staffed)
    address = f"{CHAT}{chat.key}/messages/"
    assert post_json(signed_in(staffed), address, client_id=str(uuid.uuid4()), text="您好").status_code == 201
    assert post_json(signed_in(second_agent), address, client_id=str(uuid.uuid4()), text="您好").status_code == 403
    assert ChatMessage.objects.get(conversation=chat, sender="agent").agent == staffed


# --- The window on other pages --------------------------------------------------------------------------------------------
def test_the_window_gets_the_same_pages_without_the_frame(client, staffed) -> None:
    fragment = client.get(CHAT, {"panel": "1"}).content.decode()
    assert "<html" not in fragment and 'name="panel" value="1"' in fragment
    response = client.post(CHAT, form(panel="1"))
    assert response["Location"].endswith("?panel=1")
    fragment = client.get(response["Location"]).content.decode()
    assert "<html" not in fragment and "hearth-chat" in fragment
    left = client.post(CHAT, form(panel="1", leave="1", phone="13800138001", submit_key="m" * 24))
    assert Ticket.objects.get().reference in left.content.decode() and "<html" not in left.content.decode()


def test_the_page_of_a_long_chat_needs_as_many_queries_as_a_short_one(client, staffed) -> None:
    chat = started(client)
    client.get(f"{CHAT}{chat.key}/")
    with CaptureQueriesContext(connection) as short:
        client.get(f"{CHAT}{chat.key}/")
    for number in range(5):
        say(chat, f"第 {number} 条")
    with CaptureQueriesContext(connection) as long:
        client.get(f"{CHAT}{chat.key}/")
    assert len(long) == len(short)
