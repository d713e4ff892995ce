"""The pages of the member area: what they show, what they refuse, whom they let in; the same few queries for one row and for three."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.actions import closing, exports
from accounts.actions.addresses import save_address
from accounts.models import AccountClosing, Address, Consent, DataExport, NoticeChoice
from core import sms
from core.models import OutboundMessage
from portal import member_menu
from portal.copies import build_export
from portal.views.member import greeting
from tests.accounts.walk import LOGIN, is_signed_in, send
from tests.factories.accounts import PASSWORD, MemberFactory
from tests.factories.fieldservice import book
from tests.factories.tickets import open_ticket

pytestmark = pytest.mark.django_db
MY = "/zh-hans/my/"
SETTINGS = f"{MY}settings/"
PAGES = [
    "",
    "tickets/",
    "profile/",
    "settings/",
    "settings/addresses/",
    "settings/addresses/new/",
    "settings/notifications/",
    "settings/devices/",
    "settings/data/",
    "settings/close/",
]
HOME = {"recipient": "林晓云", "phone": "13800138000", "province": "上海市", "district": "浦东新区", "detail": "科苑路88号"}


def add_address(user, **changes) -> Address:
    return save_address(user=user, values={**HOME, **changes})


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_served_in_both_languages_and_kept_out_of_caches(customer, signed_in, page, language) -> None:
    answer = signed_in(customer).get(f"/{language}/my/{page}")
    text = answer.content.decode()
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store" and "noindex" in answer["X-Robots-Tag"]
    assert text.count("<h1") == 1 and "style=" not in text and ("我的" in text) is (language == "zh-hans")


@pytest.mark.parametrize("page", PAGES[1:])
def test_strangers_are_sent_to_sign_in_and_come_back(page) -> None:
    answer = Client().get(MY + page)
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=") and page.rstrip("/") in answer["Location"]


POSTS = [
    "settings/addresses/x/default/",
    "settings/addresses/x/delete/",
    "settings/devices/x/end/",
    "settings/devices/others/end/",
    "settings/data/copy/",
    "settings/data/consent/",
    "settings/close/code/",
    "settings/close/keep/",
]


@pytest.mark.parametrize("address", POSTS)
def test_what_changes_something_wants_a_post_a_sign_in_and_the_csrf_proof(customer, signed_in, address) -> None:
    assert signed_in(customer).get(MY + address).status_code == 405
    assert Client().post(MY + address).status_code == 302
    assert signed_in(customer, enforce_csrf_checks=True).post(MY + address).status_code == 403


@pytest.mark.parametrize(("hour", "words"), [(4, "晚上好"), (5, "早上好"), (11, "早上好"), (12, "下午好"), (18, "晚上好")])
def test_the_greeting_follows_the_time_of_day(hour, words) -> None:
    assert greeting(hour) == words


def test_the_home_greets_counts_and_says_what_waits(customer, signed_in) -> None:
    ticket = open_ticket(contact=customer.contacts.get(), subject="门打不开")
    type(ticket).objects.update(status="pending")
    page = signed_in(customer).get(MY).content.decode()
    assert "林晓云" in page and "等您处理" in page and page.count("门打不开") == 2
    assert reverse("portal:my_ticket", args=[ticket.reference]) in page


def test_a_menu_entry_appears_when_its_page_exists(monkeypatch) -> None:
    with translation.override("en"):
        names = [entry["name"] for entry in member_menu.entries("portal:my_address_new")]
        assert {"portal:my", "portal:my_tickets", "portal:my_settings"} <= set(names)
        assert [entry["name"] for entry in member_menu.entries("portal:my_address_new") if entry["current"]] == ["portal:my_settings"]
        monkeypatch.setattr(member_menu, "DOORS", (member_menu.Door(("portal:nowhere",), "box", "x"),))
        assert member_menu.entries("") == []


# --- addresses -------------------------------------------------------------------------------------------------------------


def test_a_pasted_line_fills_the_form_and_saves_nothing(customer, signed_in) -> None:
    client = signed_in(customer)
    paste = "王小明 13900001111 浙江省杭州市西湖区文三路90号"
    answer = client.post(f"{SETTINGS}addresses/new/", {"split": "1", "paste": paste, "recipient": "林", "phone": "", "detail": "旧"})
    page = answer.content.decode()
    for value in ("王小明", "浙江省", "杭州市", "西湖区", "文三路90号", "13900001111"):
        assert f'value="{value}"' in page
    assert not Address.objects.exists()


def test_an_address_is_added_changed_and_deleted_in_the_pages(customer, signed_in) -> None:
    client = signed_in(customer)
    assert client.post(f"{SETTINGS}addresses/new/", HOME)["Location"] == f"{SETTINGS}addresses/"
    address = Address.objects.get()
    assert (address.region_code, address.is_default) == ("310115", True)
    client.post(f"{SETTINGS}addresses/{address.key}/", {**HOME, "detail": "科苑路99号"})
    client.post(f"{SETTINGS}addresses/new/", {**HOME, "detail": "公司", "default": "on"})
    page = client.get(f"{SETTINGS}addresses/").content.decode()
    assert page.index("公司") < page.index("科苑路99号") and page.count(">默认</span>") == 1
    client.post(f"{SETTINGS}addresses/{address.key}/default/")
    address.refresh_from_db()
    assert address.is_default
    client.post(f"{SETTINGS}addresses/{address.key}/delete/")
    assert Address.objects.get().is_default


@pytest.mark.parametrize("changes", [{"recipient": ""}, {"phone": "12"}, {"detail": ""}, {"province": "", "district": ""}])
def test_a_wrong_address_is_answered_in_words_and_loses_nothing(customer, signed_in, changes) -> None:
    answer = signed_in(customer).post(f"{SETTINGS}addresses/new/", {**HOME, **changes})
    page = answer.content.decode()
    assert answer.status_code == 422 and "error-summary" in page and page.count("<title>错误") == 1
    assert not Address.objects.exists() and all(f'value="{value}"' in page for name, value in HOME.items() if name not in changes)


def test_somebody_else_s_address_answers_like_one_that_never_was(customer, other_customer, signed_in) -> None:
    address, stranger = add_address(customer), signed_in(other_customer)
    for method, tail in (("get", ""), ("post", ""), ("post", "default/"), ("post", "delete/")):
        theirs = getattr(stranger, method)(f"{SETTINGS}addresses/{address.key}/{tail}", HOME)
        nobody_s = getattr(stranger, method)(f"{SETTINGS}addresses/nothing/{tail}", HOME)
        assert theirs.status_code == nobody_s.status_code == 404
    assert Address.objects.get() == address


# --- notifications -----------------------------------------------------------------------------------------------------------


def test_ticks_are_kept_and_shown_and_a_channel_without_address_says_nothing(customer, signed_in) -> None:
    client = signed_in(customer)
    data = {"requests-sms": "on", "recalls-sms": "on", "reminders-mail": "on", "quiet": "on", "starts": "22:30", "ends": "07:00"}
    assert client.post(f"{SETTINGS}notifications/", data).status_code == 302
    kept = {(row.topic, row.channel): row.wanted for row in NoticeChoice.objects.all()}
    assert kept[("requests", "sms")] and not kept[("repairs", "sms")] and not any(channel == "mail" for _topic, channel in kept)
    page = client.get(f"{SETTINGS}notifications/").content.decode()
    assert 'value="22:30"' in page and len(re.findall(r"<input type=\"checkbox\"[^>]*disabled", page)) == 6


def test_safety_cannot_be_switched_off_on_the_page(signed_in) -> None:
    member = MemberFactory(phone="+8613900000002", email="both@example.com")
    answer = signed_in(member).post(f"{SETTINGS}notifications/", {"starts": "21:00", "ends": "08:00"})
    assert answer.status_code == 422 and "安全通知" in answer.content.decode() and not NoticeChoice.objects.exists()


# --- consents and the copy ---------------------------------------------------------------------------------------------------


def test_consents_are_shown_with_version_and_day_and_withdrawn_by_a_button(customer, signed_in) -> None:
    Consent.objects.create(contact=customer.contacts.get(), purpose="answer_request", text_version="7.3", source="help_form")
    client = signed_in(customer)
    assert "文本版本 7.3" in client.get(f"{SETTINGS}data/").content.decode()
    client.post(f"{SETTINGS}data/consent/", {"purpose": "answer_request"})
    assert Consent.objects.get().withdrawn_at is not None
    assert "已撤回" in client.get(f"{SETTINGS}data/").content.decode()


def test_the_consent_the_account_rests_on_leads_to_closing_it(customer, signed_in) -> None:
    Consent.objects.create(user=customer, purpose="account", text_version="1", source="sign-up")
    answer = signed_in(customer).post(f"{SETTINGS}data/consent/", {"purpose": "account"})
    assert answer["Location"] == f"{SETTINGS}close/" and Consent.objects.get().withdrawn_at is None


def test_a_copy_is_asked_for_and_downloaded_by_its_owner_alone(customer, other_customer, signed_in) -> None:
    client = signed_in(customer)
    client.post(f"{SETTINGS}data/copy/")
    client.post(f"{SETTINGS}data/copy/")
    export = DataExport.objects.get()
    assert client.get(f"{SETTINGS}data/copy/{export.key}/").status_code == 404
    build_export(export.pk)
    answer = client.get(f"{SETTINGS}data/copy/{export.key}/")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/zip" and b"".join(answer).startswith(b"PK")
    assert "attachment" in answer["Content-Disposition"] and answer["Cache-Control"] == "private, no-store"
    assert signed_in(other_customer).get(f"{SETTINGS}data/copy/{export.key}/").status_code == 404
    assert Client().get(f"{SETTINGS}data/copy/{export.key}/").status_code == 302
    DataExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"{SETTINGS}data/copy/{export.key}/").status_code == 404


# --- closing -----------------------------------------------------------------------------------------------------------------


def last_code() -> str:
    send()
    return re.findall(r"(?<!\d)\d{6}(?!\d)", sms.outbox[-1].text)[-1]


def test_closing_wants_the_password_and_the_tick(customer, signed_in) -> None:
    client = signed_in(customer)
    for data in ({}, {"password": "wrong", "sure": "on"}, {"password": PASSWORD}, {"code": "123456", "sure": "on"}):
        answer = client.post(f"{SETTINGS}close/", data)
        assert answer.status_code == 422 and not AccountClosing.objects.exists()
        assert PASSWORD not in answer.content.decode()
    assert client.post(f"{SETTINGS}close/", {"password": PASSWORD, "sure": "on"}).status_code == 302
    page = client.get(f"{SETTINGS}close/").content.decode()
    assert "保留账号" in page and AccountClosing.objects.get().user == customer


def test_who_has_no_password_proves_it_with_a_code(customer, signed_in) -> None:
    customer.set_unusable_password()
    customer.save()
    client = signed_in(customer)
    assert "password" not in client.get(f"{SETTINGS}close/").content.decode().split("<main")[1]
    client.post(f"{SETTINGS}close/code/")
    code = last_code()
    assert "138****8000" in client.get(f"{SETTINGS}close/").content.decode()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert client.post(f"{SETTINGS}close/", {"code": wrong, "sure": "on"}).status_code == 422
    assert client.post(f"{SETTINGS}close/", {"code": f"{code[:3]} {code[3:]}", "sure": "on"}).status_code == 302
    assert AccountClosing.objects.count() == 1


def test_the_closing_s_code_dies_after_three_wrong_ones_ten_minutes_or_once_used(customer, signed_in) -> None:
    client = signed_in(customer)
    client.post(f"{SETTINGS}close/code/")
    code = last_code()
    for step in (1, 2, 3):
        client.post(f"{SETTINGS}close/", {"code": f"{(int(code) + step) % 1_000_000:06d}", "sure": "on"})
    assert client.post(f"{SETTINGS}close/", {"code": code, "sure": "on"}).status_code == 422
    client.post(f"{SETTINGS}close/code/")
    code = last_code()
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert client.post(f"{SETTINGS}close/", {"code": code, "sure": "on"}).status_code == 422
    assert not AccountClosing.objects.exists() and code not in str(dict(client.session.items()))


def test_codes_for_closing_are_limited(customer, signed_in) -> None:
    client = signed_in(customer)
    for _again in range(5):
        client.post(f"{SETTINGS}close/code/")
    assert OutboundMessage.objects.filter(template="accounts/closing_code").count() == 3


def test_guessing_the_password_of_a_borrowed_phone_is_stopped(customer, signed_in) -> None:
    client = signed_in(customer)
    for _guess in range(9):
        client.post(f"{SETTINGS}close/", {"password": "wrong", "sure": "on"})
    assert client.post(f"{SETTINGS}close/", {"password": PASSWORD, "sure": "on"}).status_code == 422
    assert not AccountClosing.objects.exists()


def test_what_is_open_is_named_and_a_repair_stands_in_the_way(customer, signed_in) -> None:
    ticket = open_ticket(contact=customer.contacts.get(), subject="门打不开")
    client = signed_in(customer)
    assert ticket.reference in client.get(f"{SETTINGS}close/").content.decode()
    order = book(contact=customer.contacts.get())
    page = client.get(f"{SETTINGS}close/").content.decode()
    assert order.reference in page and 'name="password"' not in page
    assert client.post(f"{SETTINGS}close/", {"password": PASSWORD, "sure": "on"}).status_code == 422
    assert not AccountClosing.objects.exists()


def test_signing_in_during_the_cool_off_offers_to_keep_the_account(customer) -> None:
    closing.request_closing(user=customer)
    client = Client()
    answer = client.post(LOGIN, {"login": "13800138000", "password": PASSWORD})
    assert answer["Location"] == f"{SETTINGS}close/" and is_signed_in(client)
    assert "保留账号" in client.get(MY).content.decode()
    assert client.post(f"{SETTINGS}close/keep/")["Location"] == MY
    assert "保留账号" not in client.get(f"{SETTINGS}").content.decode()
    assert AccountClosing.objects.get().state == AccountClosing.State.KEPT


def test_staff_see_no_way_to_close_their_account(agent, signed_in) -> None:
    client = signed_in(agent)
    assert f"{SETTINGS}close/" not in client.get(SETTINGS).content.decode()
    assert client.post(f"{SETTINGS}close/", {"password": PASSWORD, "sure": "on"}).status_code == 422
    assert not AccountClosing.objects.exists()


# --- one row and three -------------------------------------------------------------------------------------------------------


def _addresses(user) -> None:
    add_address(user, detail=f"{Address.objects.count()}号")


def _copies(user) -> None:
    DataExport.objects.update(state="gone", requested_at=timezone.now() - timedelta(days=2))
    build_export(exports.request_export(user=user, language="en").pk)


def _consents(user) -> None:
    Consent.objects.create(user=user, purpose="service", text_version="1", source="x")


def _devices(user) -> None:
    Client().force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")


def _tickets(user) -> None:
    open_ticket(contact=user.contacts.get())


@pytest.mark.parametrize(
    ("page", "more"),
    [
        ("", _tickets),
        ("tickets/", _tickets),
        ("settings/", _addresses),
        ("settings/addresses/", _addresses),
        ("settings/devices/", _devices),
        ("settings/data/", _consents),
        ("settings/data/", _copies),
        ("settings/close/", _tickets),
    ],
)
def test_three_rows_cost_no_more_queries_than_one(customer, signed_in, django_assert_max_num_queries, page, more) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(customer)
    counts = []
    for rows in (1, 2):
        for _row in range(rows):
            more(customer)
        client.get(MY + page)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(MY + page).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 40
