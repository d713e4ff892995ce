"""The customer's page of a request: what happens next, answering, confirming, reopening; nobody else's business."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import Attachment
from tests.factories.tickets import open_ticket
from tickets import actions
from tickets.models import TicketMessage, TicketNote

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    """A request of a guest."""
    return open_ticket()


@pytest.fixture
def guest(ticket) -> Client:
    """The guest's browser, let in by the link."""
    client = Client()
    client.get(f"/zh-hans/help/{ticket.reference}/?key={ticket.secret}")
    return client


def page(client: Client, ticket, status: int = 200, language: str = "zh-hans") -> str:
    response = client.get(f"/{language}/help/{ticket.reference}/")
    assert response.status_code == status
    return response.content.decode()


@pytest.mark.parametrize("language, words", [("zh-hans", "接下来："), ("en", "Next:")])
def test_the_page_begins_with_what_happens_next_and_by_when(guest, ticket, language, words) -> None:
    html = page(guest, ticket, language=language).split("<main", 1)[1]
    assert words in html and html.index(words) < html.index("timeline")
    assert ("前给您回复" if language == "zh-hans" else "You hear from us by") in html


def test_the_agent_s_reply_is_read_here_and_notes_never(guest, ticket, agent) -> None:
    actions.reply_to_customer(
        ticket, by=agent, body="请看一下水龙头。", articles=[{"key": "guide:x", "title": "进水慢", "url": "/zh-hans/guides/x/"}]
    )
    actions.add_note(ticket, by=agent, body="客户好像很急，内部备注")
    html = page(guest, ticket)
    assert "请看一下水龙头。" in html and "/zh-hans/guides/x/" in html and "内部备注" not in html
    assert TicketNote.objects.exists()


def test_the_customer_answers_with_a_picture_once(guest, ticket, agent) -> None:
    actions.reply_to_customer(ticket, by=agent, body="拍张照？")
    sent = {"body": "拍好了", "client_key": "c" * 24, "files": [SimpleUploadedFile("a.png", _png(), "image/png")]}
    for _ in range(2):
        sent["files"] = [SimpleUploadedFile("a.png", _png(), "image/png")]
        assert guest.post(f"/zh-hans/help/{ticket.reference}/reply/", sent).status_code == 302
    assert TicketMessage.objects.filter(author_kind="customer").count() == 1
    ticket.refresh_from_db()
    assert ticket.status == "open" and Attachment.objects.filter(subject_type="tickets.ticketmessage").count() == 1
    assert "拍好了" in page(guest, ticket)


def _png() -> bytes:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("body, status", [("", 422), ("长" * 10_001, 422), ("<script>alert(1)</script>", 302)])
def test_an_answer_is_checked_and_shown_as_words(guest, ticket, body, status) -> None:
    response = guest.post(f"/zh-hans/help/{ticket.reference}/reply/", {"body": body})
    assert response.status_code == status
    if status == 422:
        assert "data-error-summary" in response.content.decode() and not TicketMessage.objects.exists()
    assert "<script>alert" not in page(guest, ticket)


def test_a_bad_file_keeps_the_words_of_the_answer(guest, ticket) -> None:
    sent = {"body": "照片在这里", "files": [SimpleUploadedFile("x.jpg", b"MZ" + b"\x00" * 50)]}
    response = guest.post(f"/zh-hans/help/{ticket.reference}/reply/", sent)
    assert response.status_code == 422 and "照片在这里" in response.content.decode() and not TicketMessage.objects.exists()


def test_the_customer_confirms_that_it_is_solved(guest, ticket, agent) -> None:
    actions.resolve(ticket, by=agent, summary="换了水泵。")
    assert "help_confirm" not in page(guest, ticket) and "/confirm/" in page(guest, ticket)
    guest.post(f"/zh-hans/help/{ticket.reference}/confirm/")
    ticket.refresh_from_db()
    assert ticket.status == "closed" and ticket.confirmed_at


def test_the_customer_reopens_with_a_reason_and_not_without(guest, ticket, agent) -> None:
    actions.resolve(ticket, by=agent, summary="好了。")
    assert guest.post(f"/zh-hans/help/{ticket.reference}/reopen/", {"reason": ""}).status_code == 422
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    guest.post(f"/zh-hans/help/{ticket.reference}/reopen/", {"reason": "又漏了"})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.round) == ("open", 2) and "又漏了" in page(guest, ticket)


def test_a_step_that_is_no_longer_possible_is_told_not_broken(guest, ticket) -> None:
    response = guest.post(f"/zh-hans/help/{ticket.reference}/confirm/")
    assert response.status_code == 409 and 'data-kind="danger"' in response.content.decode()


@pytest.mark.parametrize("step, data", [("reply", {"body": "我是别人"}), ("confirm", {}), ("reopen", {"reason": "x"})])
def test_strangers_can_do_nothing(ticket, agent, step, data) -> None:
    actions.resolve(ticket, by=agent, summary="好了。")
    stranger = Client()
    assert stranger.post(f"/zh-hans/help/{ticket.reference}/{step}/", data).status_code == 404
    ticket.refresh_from_db()
    assert ticket.status == "resolved" and TicketMessage.objects.filter(author_kind="customer").count() == 0


def test_one_s_access_to_a_request_opens_no_other(guest, ticket) -> None:
    assert guest.get(f"/zh-hans/help/{open_ticket().reference}/").status_code == 404


def test_a_member_sees_only_their_own(signed_in, customer, other_customer) -> None:
    mine = open_ticket(contact=customer.contacts.get(), by=customer)
    client, other = signed_in(customer), signed_in(other_customer)
    assert client.get(f"/zh-hans/my/tickets/{mine.reference}/").status_code == 200
    assert other.get(f"/zh-hans/my/tickets/{mine.reference}/").status_code == 404
    assert Client().get(f"/zh-hans/my/tickets/{mine.reference}/")["Location"].startswith("/accounts/login/")
    assert mine.subject in client.get("/zh-hans/my/").content.decode()
    assert mine.subject not in other.get("/en/my/").content.decode()


def test_the_list_asks_the_database_as_often_for_three_requests_as_for_one(signed_in, customer, django_assert_max_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(customer)
    open_ticket(contact=customer.contacts.get(), by=customer)
    client.get("/zh-hans/my/")
    with CaptureQueriesContext(connection) as few:
        client.get("/zh-hans/my/")
        count = len(few)
    for _ in range(2):
        open_ticket(contact=customer.contacts.get(), by=customer)
    with django_assert_max_num_queries(count):
        client.get("/zh-hans/my/")


def test_the_page_asks_the_database_as_often_for_three_messages_as_for_one(guest, ticket, agent, django_assert_max_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    actions.reply_to_customer(ticket, by=agent, body="一")
    page(guest, ticket)
    with CaptureQueriesContext(connection) as few:
        page(guest, ticket)
        count = len(few)
    for words in ("二", "三"):
        actions.reply_to_customer(ticket, by=agent, body=words)
    with django_assert_max_num_queries(count):
        page(guest, ticket)


def test_a_member_changes_name_and_language(signed_in, customer) -> None:
    client = signed_in(customer)
    assert client.post("/zh-hans/my/profile/", {"name": "林晓", "language": "en"}).status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.language) == ("林晓", "en") and customer.contacts.get().language == "en"
    assert client.post("/zh-hans/my/profile/", {"name": "x" * 81, "language": "xx"}).status_code == 422


def test_a_guest_is_shown_the_ways_in(client) -> None:
    html = client.get("/en/my/").content.decode()
    assert "/accounts/login/?next=" in html and "/en/track/" in html
