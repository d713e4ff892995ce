"""Get help: a question finds its answer or a person; nothing typed is lost, nothing half-written."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from accounts.models import Consent, Contact
from core.models import Attachment, OutboundMessage
from kb.models import HelpEvent, HelpSession
from search.answers import Hit
from tests.factories.chat import on_duty
from tests.portal.conftest import help_data
from tickets.models import Escalation, Ticket

HELP = "/zh-hans/help/"
HITS = [
    Hit(
        key="guide:abc",
        document_key="guide:abc:zh-hans",
        kind="guide",
        title="清理排水泵过滤器",
        url="/zh-hans/guides/clean-filter/",
        language="zh-hans",
        score=0.9,
    )
]


def picture(name: str = "panel.jpg") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


@pytest.fixture
def answers():
    """Search that knows one answer."""
    with mock.patch("search.queries.suggest_for_panel", return_value=HITS) as panel:
        yield panel


def told(response: HttpResponse, reference: str) -> str:
    """Return what a page says, without what differs from one answer to the next by itself."""
    html = response.content.decode().split("<main", 1)[1].replace(reference, "X")
    return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", html)


def nothing_written() -> bool:
    return not Ticket.objects.exists() and not Contact.objects.exists() and not Consent.objects.exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_guest_gets_a_number_and_a_page_that_can_be_revisited(client, shop, run_tasks, language) -> None:
    response = client.post(f"/{language}/help/", help_data())
    ticket = Ticket.objects.get()
    assert response.status_code == 302 and response["Location"] == f"/{language}/help/{ticket.reference}/"
    page = client.get(response["Location"])
    assert page.status_code == 200 and ticket.reference in page.content.decode()
    assert page["X-Robots-Tag"].startswith("noindex") and "no-store" in page["Cache-Control"]
    assert (ticket.model, ticket.family, ticket.language) == (shop.wf, shop.washers, language)
    assert str(ticket.contact.phone) == "+8613800138001" and ticket.contact.name == "周岚"
    assert Escalation.objects.get().ticket == ticket
    assert Consent.objects.get().contact == ticket.contact
    run_tasks()
    message = OutboundMessage.objects.get()
    assert message.address == "+8613800138001" and ticket.reference in message.body


def test_the_link_in_the_message_opens_it_in_another_browser_and_leaves_the_address_clean(client, shop) -> None:
    client.post(HELP, help_data())
    ticket = Ticket.objects.get()
    other = Client()
    entered = other.get(f"/zh-hans/help/{ticket.reference}/?key={ticket.secret}")
    assert entered.status_code == 302 and "key=" not in entered["Location"]
    assert other.get(entered["Location"]).status_code == 200
    assert entered["Referrer-Policy"] == "same-origin"


def test_a_reference_alone_opens_nothing_and_says_nothing(client, shop) -> None:
    client.post(HELP, help_data())
    ticket = Ticket.objects.get()
    stranger = Client()
    real = stranger.get(f"/zh-hans/help/{ticket.reference}/")
    made_up = stranger.get("/zh-hans/help/T-2611-00000/")
    wrong_key = stranger.get(f"/zh-hans/help/{ticket.reference}/?key=wrong")
    assert {real.status_code, made_up.status_code, wrong_key.status_code} == {404}
    assert told(real, ticket.reference) == told(made_up, "T-2611-00000") and ticket.subject not in real.content.decode()


def test_a_new_secret_ends_the_access_of_old_links(client, shop) -> None:
    client.post(HELP, help_data())
    ticket = Ticket.objects.get()
    Ticket.objects.update(secret="another-secret")
    assert client.get(f"/zh-hans/help/{ticket.reference}/").status_code == 404


def test_answers_are_offered_once_before_the_request_is_sent(client, shop, answers) -> None:
    page = client.post(HELP, help_data(still=""))
    html = page.content.decode()
    assert page.status_code == 200 and "清理排水泵过滤器" in html and "脱水时漏水" in html and "138 0013 8001" in html
    assert not Ticket.objects.exists()
    assert client.post(HELP, help_data()).status_code == 302
    session = HelpSession.objects.get()
    assert session.outcome == "escalated" and session.contact_reference == Ticket.objects.get().reference
    assert [event.kind for event in session.events.all()] == ["query", "shown", "still"]
    assert Ticket.objects.get().help_session == session


def test_what_was_searched_and_read_stays_behind_when_the_visitor_says_so(client, shop, answers) -> None:
    page = client.post(HELP, help_data(still="", alone="1")).content.decode()
    assert re.search(r'name="alone" value="1" checked', page)
    assert client.post(HELP, help_data(alone="1")).status_code == 302
    assert Ticket.objects.get().help_session is None
    assert HelpSession.objects.get().outcome == "escalated"  # counted, but shown to nobody beside the request


@pytest.mark.parametrize("path", ["help/", "chat/", "repairs/new/"])
def test_answers_are_asked_for_again_after_a_broken_line_and_for_what_was_typed_early(client, shop, path) -> None:
    html = client.get(f"/zh-hans/{path}").content.decode()
    asks = re.search(r'<div hx-get="/zh-hans/help/suggestions/" data-asks hx-trigger="([^"]*)"', html)
    assert asks and {"ask", "load delay:200ms"} <= {part.strip() for part in asks[1].split(",")}


def test_the_answer_that_solved_it_is_noted_and_nothing_is_sent(client, shop, answers) -> None:
    client.post(HELP, help_data(still=""))
    page = client.post("/zh-hans/help/solved/", {"solved_by": "guide:abc"})
    assert page.status_code == 200
    session = HelpSession.objects.get()
    assert (session.outcome, session.solved_by_key) == ("solved", "guide:abc")
    assert nothing_written()


def test_a_contact_after_solved_about_the_same_product_turns_it_into_a_failure(client, shop, answers, run_tasks) -> None:
    client.post(HELP, help_data(still=""))
    client.post("/zh-hans/help/solved/", {"solved_by": "guide:abc"})
    client.post(HELP, help_data())
    run_tasks()
    assert HelpSession.objects.filter(outcome="failed").count() == 1


def test_suggestions_while_typing_are_at_most_three_and_recorded(client, shop, answers) -> None:
    answers.return_value = HITS * 5
    html = client.get("/zh-hans/help/suggestions/", {"subject": "不排水", "family": "washing-machines"}).content.decode()
    assert html.count("data-suggested") == 3
    assert HelpEvent.objects.filter(kind="shown").count() == 1


def test_search_that_breaks_blocks_nobody(client, shop) -> None:
    with mock.patch("search.queries.suggest_for_panel", side_effect=RuntimeError):
        assert client.get("/zh-hans/help/suggestions/?subject=E2").status_code == 200
        assert client.post(HELP, help_data(still="")).status_code == 302


def test_a_ledger_that_breaks_blocks_nobody(client, shop) -> None:
    with mock.patch("kb.ledger.help_session_for", side_effect=RuntimeError):
        assert client.get(HELP).status_code == 200
        assert client.post(HELP, help_data()).status_code == 302
    assert Ticket.objects.get().help_session is None


@pytest.mark.parametrize("language, words", [("zh-hans", "错误："), ("en", "Error:")])
def test_an_empty_form_says_what_is_missing_and_where(client, shop, language, words) -> None:
    page = client.post(f"/{language}/help/", {})
    html = page.content.decode()
    assert page.status_code == 422
    assert f"<title>{words}" in html.replace("<title>\n", "<title>") and "data-error-summary" in html
    assert 'href="#id_subject"' in html and 'href="#id_email"' in html
    assert nothing_written()


@pytest.mark.parametrize(
    "field, value, part",
    [
        ("phone", "1380013800", "11"),
        ("phone", "not a phone", "11"),
        ("phone", "+++", "11"),
        ("email", "name@", "name@example.com"),
        ("subject", "长" * 161, "161"),
        ("description", "长" * 10_001, "10001"),
        ("name", "x" * 81, "81"),
        ("model", "9" * 41, "41"),
    ],
)
def test_wrong_input_is_explained_and_kept(client, shop, field, value, part) -> None:
    page = client.post(HELP, help_data(**{field: value}))
    html = page.content.decode()
    assert page.status_code == 422 and part in html
    assert value in html or value.strip("+") == ""
    assert "昨天开始的。" in html or field == "description"
    assert nothing_written()


@pytest.mark.parametrize(
    "subject",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE tickets_ticket; --",
        "\u202e\u200bE2\x00",
        "{{ 7*7 }} {% debug %}",
        "🤖" * 40,
        "Ω≈ç√∫ עברית العربية",
    ],
)
def test_hostile_and_foreign_words_arrive_as_words(client, shop, subject) -> None:
    response = client.post(HELP, help_data(subject=subject))
    html = client.get(response["Location"]).content.decode()
    assert "<script>alert" not in html and "\u202e" not in html and "\x00" not in html
    assert Ticket.objects.count() == 1


def test_an_unknown_model_is_kept_as_typed(client, shop) -> None:
    client.post(HELP, help_data(model="ABC-1"))
    ticket = Ticket.objects.get()
    assert (ticket.model, ticket.product_text, ticket.family) == (None, "ABC-1", shop.washers)


def test_a_double_submit_is_one_request(client, shop) -> None:
    first, second = client.post(HELP, help_data()), client.post(HELP, help_data())
    assert first["Location"] == second["Location"]
    assert Ticket.objects.count() == 1 and Escalation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_browsers_at_once_with_the_same_form_make_one_request(transactional_db) -> None:
    from tickets.defaults import load_defaults

    load_defaults()
    with ThreadPoolExecutor(2) as pool:
        answered = list(pool.map(lambda _: Client().post(HELP, help_data(family="", model="")).status_code, range(2)))
    assert answered == [302, 302] and Ticket.objects.count() == 1


def test_photos_sent_with_the_form_arrive_and_only_the_customer_sees_them(client, shop) -> None:
    response = client.post(HELP, help_data(files=[picture()]))
    attachment = Attachment.objects.get()
    address = f"/media/private/{attachment.reference}/"
    assert address in client.get(response["Location"]).content.decode()
    assert client.get(address).status_code == 200
    assert Client().get(address).status_code == 404


def test_a_photo_sent_before_an_error_is_kept_and_goes_along(client, shop) -> None:
    html = client.post(HELP, help_data(phone="1", files=[picture()])).content.decode()
    kept = Attachment.objects.get()
    assert kept.reference in html and "panel.jpg" in html and nothing_written()
    client.post(HELP, help_data(attachments=[kept.reference]))
    kept.refresh_from_db()
    assert kept.subject_type == "tickets.ticket"


@pytest.mark.parametrize("address", [HELP, "/zh-hans/repairs/new/"])
def test_two_photos_sent_at_once_by_a_new_visitor_are_both_theirs(client, shop, address) -> None:
    client.get(address)
    browsers = [Client(), Client()]
    for browser in browsers:  # two requests on their way at the same time carry what the page gave, not what the other's answer will
        browser.cookies.update(client.cookies)
    kept = [browser.post("/uploads/", {"file": picture()}).json()["reference"] for browser in browsers]
    client.cookies.update(browsers[1].cookies)
    client.post(HELP, help_data(attachments=kept))
    assert {row.subject_type for row in Attachment.objects.all()} == {"tickets.ticket"} and Attachment.objects.count() == 2


def test_a_photo_of_somebody_else_cannot_be_taken_along(client, shop) -> None:
    Client().post("/uploads/", {"file": picture()})
    foreign = Attachment.objects.get()
    client.post(HELP, help_data(attachments=[foreign.reference]))
    foreign.refresh_from_db()
    assert foreign.subject_type == ""


@pytest.mark.parametrize(
    "name, content",
    [
        ("virus.jpg", b"MZ\x90\x00" + b"\x00" * 200),
        ("film.mp4", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * (26 * 1024 * 1024)),
        ("broken.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\xff" * 500),
        ("empty.png", b""),
    ],
)
def test_a_bad_file_is_named_with_its_reason_and_everything_else_stays(client, shop, name, content) -> None:
    page = client.post(HELP, help_data(files=[SimpleUploadedFile(name, content), picture("good.jpg")]))
    html = page.content.decode()
    assert page.status_code == 422 and "脱水时漏水" in html and "good.jpg" in html
    assert name.split(".")[0] in html and 'href="#files_group"' in html
    assert nothing_written() and Attachment.objects.count() == 1


def test_six_files_are_one_too_many_and_five_are_kept(client, shop) -> None:
    page = client.post(HELP, help_data(files=[picture(f"{n}.jpg") for n in range(6)]))
    assert page.status_code == 422 and Attachment.objects.count() == 5


def test_a_member_is_asked_for_no_address(signed_in, customer, shop) -> None:
    client = signed_in(customer)
    html = client.get(HELP).content.decode()
    assert 'name="email"' not in html and 'name="phone"' not in html
    response = client.post(HELP, help_data(name="", phone="", email=""))
    ticket = Ticket.objects.get()
    assert response.status_code == 302 and ticket.contact.user == customer and ticket.created_by == customer


def test_nobody_can_post_without_the_csrf_proof(shop) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(HELP, help_data()).status_code == 403
    assert nothing_written()


def test_a_robot_that_fills_the_trap_is_sent_back(client, shop, settings) -> None:
    settings.BOT_CHECK = True
    assert client.post(HELP, help_data(hearth_company="ACME")).status_code == 422
    assert nothing_written()


def test_the_twenty_first_request_of_an_hour_is_limited_with_words(client, shop) -> None:
    with mock.patch("portal.views.get_help.SEND_RATE", "1/h"):
        client.post(HELP, help_data())
        page = client.post(HELP, help_data(submit_key="z" * 24))
    assert page.status_code == 429 and "脱水时漏水" in page.content.decode() and Ticket.objects.count() == 1


def test_a_mail_server_that_is_down_loses_nothing(client, shop, run_tasks, settings) -> None:
    settings.EMAIL_BACKEND = "tests.portal.test_get_help.DeadMail"
    assert client.post(HELP, help_data(phone="", email="lin@example.com")).status_code == 302
    run_tasks(forgive=True)
    run_tasks(forgive=True)
    message = OutboundMessage.objects.get()
    assert message.state == "queued" and message.error


class DeadMail:
    """A mail server that refuses connections."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        pass

    def send_messages(self, messages: object) -> int:
        raise ConnectionRefusedError


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "暂时收不下文件"), ("en", "Files cannot be kept at the moment")])
def test_a_disk_that_takes_nothing_costs_the_photo_alone(client, shop, language, words) -> None:
    with mock.patch("core.storage.PrivateStorage._save", side_effect=OSError(30, "Read-only file system")):
        response = client.post(f"/{language}/help/", help_data(subject="不排水", files=[picture()]))
    assert response.status_code == 422 and nothing_written() and not Attachment.objects.exists()
    assert words in response.content.decode() and "不排水" in response.content.decode()
    assert client.post(f"/{language}/help/", help_data(subject="不排水")).status_code == 302


def test_a_cache_that_is_down_blocks_nobody(client, shop, settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "core.cache.CircuitRedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"CLIENT_CLASS": "django_redis.client.DefaultClient", "IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.2},
        }
    }
    assert client.get(HELP).status_code == 200
    assert client.post(HELP, help_data()).status_code == 302


@pytest.mark.parametrize("path", ["help/suggestions/", "help/solved/"])
def test_the_partials_are_not_for_search_engines(client, shop, path) -> None:
    response = client.get(f"/en/{path}") if "sugg" in path else client.post(f"/en/{path}")
    assert response["X-Robots-Tag"].startswith("noindex")


class TestChatBesideTheForm:
    """Whoever writes to us learns whether somebody could be asked at once."""

    def test_the_chat_is_offered_while_somebody_is_there(self, client, agent):
        on_duty(agent)
        page = client.get("/en/help/").content.decode()
        assert "Chat now" in page
        assert 'href="/en/chat/"' in page

    def test_nobody_is_offered_who_is_not_there(self, client, db):
        page = client.get("/en/help/").content.decode()
        assert "Chat now" not in page
        assert "Nobody is at the chat just now" in page
