"""How a chat ends, by plain requests: the rating, a request with all of it, the transcript."""

import uuid
from unittest import mock

import pytest
from django.core import mail
from django.test import Client

from chat import actions
from chat.models import ChatNote, Conversation
from core.models import Attachment
from tests.factories.chat import say, taken_by
from tests.portal.chatting import CHAT, picture, started
from tickets.models import Escalation, Ticket

pytestmark = pytest.mark.django_db


# --- How it ends -------------------------------------------------------------------------------------------------------------
def test_the_end_is_followed_by_the_rating_once(client, staffed) -> None:
    chat = started(client)
    client.post(f"{CHAT}{chat.key}/end/")
    page = client.get(f"{CHAT}{chat.key}/").content.decode()
    assert "这次聊天怎么样" in page and "data-composer" not in page
    assert client.post(f"{CHAT}{chat.key}/rating/", {"rating": "9"}).status_code == 422
    client.post(f"{CHAT}{chat.key}/rating/", {"solved": "yes", "rating": "5", "comment": "很快"})
    chat.refresh_from_db()
    assert (chat.rating, chat.rating_comment, chat.solved) == (5, "很快", "yes")
    again = client.post(f"{CHAT}{chat.key}/rating/", {"solved": "no", "rating": "1"})
    assert again.status_code == 409


def test_not_solved_leads_to_a_request_with_the_transcript(client, staffed) -> None:
    chat = taken_by(started(client), staffed)
    say(chat, "请把过滤器清一下", sender="agent", by=staffed)
    client.post(f"{CHAT}{chat.key}/end/")
    onward = client.post(f"{CHAT}{chat.key}/rating/", {"solved": "no", "rating": "2"})
    assert onward["Location"] == f"{CHAT}{chat.key}/ticket/"
    assert "怎么联系您" in client.get(onward["Location"]).content.decode()
    assert client.post(onward["Location"], {"note": "还是漏"}).status_code == 422
    assert not Ticket.objects.exists()
    response = client.post(onward["Location"], {"note": "还是漏", "phone": "13800138001"})
    ticket = Ticket.objects.get()
    assert response["Location"] == f"/zh-hans/help/{ticket.reference}/"
    assert client.get(response["Location"]).status_code == 200
    assert "请把过滤器清一下" in ticket.description and "还是漏" in ticket.description
    assert (ticket.channel, Escalation.objects.get().kind) == ("chat", "chat")
    assert client.get(f"{CHAT}{chat.key}/ticket/")["Location"] == f"{CHAT}{chat.key}/"


def test_a_member_s_machine_goes_into_the_chat_when_it_can_only_be_that_one(staffed, customer, other_customer, shop, signed_in) -> None:
    from tests.factories.warranty import owned_unit

    unit, foreign = owned_unit(customer, model=shop.wf), owned_unit(other_customer, model=shop.wd)
    client = signed_in(customer)
    first = started(client, page=f"/zh-hans/my/products/{foreign.code}/")
    assert first.unit == unit
    second_unit = owned_unit(customer, model=shop.wf)
    actions.end_conversation(first, party="visitor")
    assert started(client, submit_key="m" * 24).unit is None
    chat = started(client, submit_key="n" * 24, page=f"/zh-hans/my/products/{second_unit.code}/")
    assert chat.unit == second_unit


def test_the_request_of_a_chat_carries_the_machine_and_the_files(client, staffed, customer, other_customer, signed_in) -> None:
    from tests.factories.warranty import owned_unit

    chat = started(client, phone="13800138001")
    unit = owned_unit(customer, model=chat.model)
    Conversation.objects.filter(pk=chat.pk).update(unit=unit)
    client.post(f"{CHAT}{chat.key}/files/", {"file": picture(), "client_id": str(uuid.uuid4())})
    hidden = Attachment.objects.get()
    hidden_copy = Attachment.objects.create(
        file=hidden.file.name, kind="image", original_name="staff.jpg", size=1, internal=True,
        subject_type=hidden.subject_type, subject_id=hidden.subject_id,
    )  # fmt: skip
    for _twice in range(2):
        client.post(f"{CHAT}{chat.key}/ticket/", {"note": ""})
    ticket = Ticket.objects.get()
    assert (ticket.unit, ticket.model, ticket.serial_text) == (unit, unit.model, unit.serial)
    copy = Attachment.objects.get(subject_type="tickets.ticket", subject_id=str(ticket.pk))
    assert copy.file.name != hidden.file.name and copy.reference not in {hidden.reference, hidden_copy.reference}
    link = f"/media/private/{copy.reference}/"
    assert link in client.get(f"/zh-hans/help/{ticket.reference}/").content.decode()
    assert link in signed_in(staffed).get(f"/desk/tickets/{ticket.reference}/", follow=True).content.decode()
    assert client.get(link).status_code == signed_in(staffed).get(link).status_code == 200
    assert signed_in(other_customer).get(link).status_code == Client().get(link).status_code == 404
    from core.files import delete_attachment

    with mock.patch("django.db.transaction.on_commit", side_effect=lambda work, **_kwargs: work()):
        delete_attachment(hidden)
    assert client.get(link).status_code == 200


def test_a_transcript_asked_for_is_sent_whatever_was_chosen_for_chats(staffed, customer, signed_in, run_tasks) -> None:
    from accounts.models import NoticeChoice

    for channel in ("mail", "sms"):
        NoticeChoice.objects.create(user=customer, topic="chat", channel=channel, wanted=False)
    client = signed_in(customer)
    chat = started(client)
    client.post(f"{CHAT}{chat.key}/transcript/", {"email": "lin@example.com"})
    run_tasks()
    assert mail.outbox[-1].to == ["lin@example.com"]


def test_who_does_not_want_to_wait_leaves_a_message_and_the_queue(client, staffed) -> None:
    chat = started(client, phone="13800138001")
    client.post(f"{CHAT}{chat.key}/ticket/", {"note": ""})
    chat.refresh_from_db()
    assert chat.status == "ended" and chat.ticket == Ticket.objects.get()


def test_the_transcript_is_downloaded_and_mailed_without_notes(client, staffed, run_tasks) -> None:
    chat = taken_by(started(client), staffed)
    say(chat, "您好", sender="agent", by=staffed)
    ChatNote.objects.create(conversation=chat, seq=1, author=staffed, text="内部备注")
    actions.end_conversation(chat, party="agent", by=staffed)
    download = client.get(f"{CHAT}{chat.key}/transcript/")
    text = download.content.decode("utf-8-sig")
    assert chat.reference in download["Content-Disposition"] and "您好" in text and "内部备注" not in text
    assert client.post(f"{CHAT}{chat.key}/transcript/", {"email": "nonsense"}).status_code == 422
    client.post(f"{CHAT}{chat.key}/transcript/", {"email": "zhou@example.com"})
    run_tasks()
    assert mail.outbox[-1].to == ["zhou@example.com"] and "内部备注" not in mail.outbox[-1].body


def test_transcripts_are_not_a_way_to_mail_strangers(client, staffed) -> None:
    chat = started(client)
    answers = [client.post(f"{CHAT}{chat.key}/transcript/", {"email": f"n{number}@example.com"}).status_code for number in range(7)]
    assert answers[:5] == [302] * 5 and answers[5:] == [429] * 2
