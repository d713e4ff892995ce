"""Tracking without an account: number and address, then a code; right and wrong are answered alike."""

import re
from unittest import mock

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import sms
from tests.factories.accounts import ContactFactory
from tests.factories.chat import start_chat
from tests.factories.tickets import open_ticket

pytestmark = pytest.mark.django_db
ASK = "/zh-hans/track/"
CODE = "/zh-hans/track/code/"
PHONE = "138 0013 8002"


@pytest.fixture
def ticket():
    """A request with phone and mail."""
    return open_ticket(contact=ContactFactory(phone="+8613800138002", email="Zhou@example.com"))


def code_from(text: str) -> str:
    return re.search(r"\b\d{6}\b", text).group()  # type: ignore[union-attr]


@pytest.mark.parametrize("spelling", [str, str.lower, lambda text: text.replace("-", ""), lambda text: text.replace("-", "—")])
def test_number_phone_and_code_open_the_request(client, ticket, run_tasks, spelling) -> None:
    assert client.post(ASK, {"reference": spelling(ticket.reference), "address": PHONE})["Location"] == CODE
    run_tasks()
    message = sms.outbox[-1]
    assert "+8613800138002" in str(message)
    code = code_from(str(message).split("】", 1)[1])
    opened = client.post(CODE, {"code": f" {code[:3]} {code[3:]}"})
    assert opened["Location"] == f"/zh-hans/help/{ticket.reference}/"
    assert client.get(opened["Location"]).status_code == 200


def test_the_mail_address_works_too_in_any_case(client, ticket, run_tasks) -> None:
    client.post("/en/track/", {"reference": ticket.reference, "address": "zhou@EXAMPLE.com"})
    run_tasks()
    sent = [message for message in mail.outbox if "code" in message.subject]
    assert len(sent) == 1 and sent[0].to == ["zhou@example.com"]
    assert client.post("/en/track/code/", {"code": code_from(sent[0].subject)}).status_code == 302


def test_wrong_number_and_wrong_phone_are_answered_like_the_right_ones(ticket, run_tasks) -> None:
    run_tasks()
    sms.outbox.clear()
    told = []
    for reference, address in [(ticket.reference, PHONE), ("T-2611-00000", PHONE), (ticket.reference, "139 0013 9009")]:
        client = Client()
        first = client.post(ASK, {"reference": reference, "address": address})
        html = client.get(CODE).content.decode().split("<main", 1)[1].split("</main>")[0]
        wrong = client.post(CODE, {"code": "000000"}).status_code
        shown = re.sub(r'csrfmiddlewaretoken" value="[^"]*"|T-2611-\d{5}|1\d\d\*{4}\d{4}', "", html)
        told.append((first.status_code, first["Location"], shown, wrong))
    assert told[0] == told[1] == told[2]
    run_tasks()
    assert len(sms.outbox) == 1


def test_right_and_wrong_take_the_same_steps_in_the_request(ticket, django_assert_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for reference in (ticket.reference, "T-2611-00000"):
        with CaptureQueriesContext(connection) as asked:
            Client().post(ASK, {"reference": reference, "address": PHONE})
            counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_code_of_a_wrong_pair_opens_nothing_even_if_guessed(client, ticket) -> None:
    from portal import tracking

    client.post(ASK, {"reference": "T-2611-00000", "address": PHONE})
    asked = client.session["tracking"]
    guessed = tracking.code_for(asked["nonce"], asked["reference"], asked["address"])
    assert client.post(CODE, {"code": guessed}).status_code == 422


def test_five_wrong_codes_lock_it(client, ticket, run_tasks) -> None:
    client.post(ASK, {"reference": ticket.reference, "address": PHONE})
    run_tasks()
    right = code_from(str(sms.outbox[-1]).split("】", 1)[1])
    wrong = "000000" if right != "000000" else "111111"
    answers = [client.post(CODE, {"code": wrong}).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    assert client.post(CODE, {"code": right})["Location"] == ASK


def test_an_old_code_opens_nothing(client, ticket, run_tasks) -> None:
    client.post(ASK, {"reference": ticket.reference, "address": PHONE})
    run_tasks()
    code = code_from(str(sms.outbox[-1]).split("】", 1)[1])
    with mock.patch("portal.tracking.CODE_SECONDS", -1):
        assert client.post(CODE, {"code": code})["Location"] == ASK


def test_asking_too_often_for_one_request_is_limited_with_words(client, ticket) -> None:
    answers = [client.post(ASK, {"reference": ticket.reference, "address": PHONE}).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]


@pytest.mark.parametrize(
    "data, part",
    [
        ({}, "data-error-summary"),
        ({"reference": "T-2611-00000", "address": "1380013"}, "data-error-summary"),
        ({"reference": "T-2611-00000", "address": "a@"}, "name@example.com"),
        ({"reference": "x" * 5000, "address": PHONE}, "data-error-summary"),
        ({"reference": "<script>", "address": "\x00" * 20}, "data-error-summary"),
    ],
)
def test_wrong_input_is_explained(client, data, part) -> None:
    response = client.post(ASK, data)
    html = response.content.decode()
    assert response.status_code == 422 and part in html and "<script>" not in html.split("<main", 1)[1].split("</main>")[0]


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "1" * 5000, "١٢٣٤٥٦", "\x00"])
def test_a_malformed_code_is_explained(client, ticket, code) -> None:
    client.post(ASK, {"reference": ticket.reference, "address": PHONE})
    assert client.post(CODE, {"code": code}).status_code == 422


def test_the_code_page_without_asking_leads_back(client) -> None:
    assert client.get(CODE)["Location"] == ASK


# --- Chats ----------------------------------------------------------------------------------------------------------------
def test_the_number_of_a_chat_opens_its_page_in_this_browser_only(client, run_tasks) -> None:
    chat = start_chat(contact=ContactFactory(phone="+8613800138002"), question="还是不排水")
    page = f"/zh-hans/chat/{chat.key}/"
    assert client.get(page).status_code == 404
    client.post(ASK, {"reference": chat.reference.lower(), "address": PHONE})
    run_tasks()
    opened = client.post(CODE, {"code": code_from(str(sms.outbox[-1]).split("】", 1)[1])})
    assert opened["Location"] == page and "还是不排水" in client.get(page).content.decode()
    assert Client().get(page).status_code == 404


def test_a_wrong_chat_one_without_address_and_the_right_one_are_answered_alike(run_tasks) -> None:
    right = start_chat(contact=ContactFactory(phone="+8613800138002"))
    nobody = start_chat(visitor_key="a-browser-alone")
    run_tasks()
    sms.outbox.clear()
    told, counts = [], []
    for reference in (right.reference, nobody.reference, "C-2611-00000"):
        client = Client()
        with CaptureQueriesContext(connection) as asked:
            first = client.post(ASK, {"reference": reference, "address": PHONE})
        counts.append(len(asked))
        told.append((first.status_code, first["Location"], client.post(CODE, {"code": "000000"}).status_code))
    assert told[0] == told[1] == told[2] and len(set(counts)) == 1
    run_tasks()
    assert len(sms.outbox) == 1
