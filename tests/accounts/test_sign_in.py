"""Signing in with a code, a password or a second step; nobody learns from the answers who has an account."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from core import sms
from core.models import OutboundMessage
from tests.accounts.walk import ASK, CONFIRM, LOGIN, ask_for_code, is_signed_in, mail_code, send, sms_code
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["138 0013 8000", "+8613800138000"])
def test_a_member_signs_in_with_a_code_by_sms(client, customer, typed) -> None:
    assert ask_for_code(client, typed)["Location"] == CONFIRM
    code = sms_code()
    answer = client.post(CONFIRM, {"code": code})
    assert is_signed_in(client) and answer.status_code == 302


def test_a_member_signs_in_with_a_code_by_mail_in_the_language_of_the_page(client, other_customer) -> None:
    ask_for_code(client, "Tom@Example.com", headers={"accept-language": "en"})
    client.post(CONFIRM, {"code": mail_code()})
    assert is_signed_in(client)
    assert "sign in" in mail.outbox[0].subject and mail.outbox[0].alternatives


def test_the_code_is_forgotten_once_sent(client, customer) -> None:
    ask_for_code(client, "13800138000")
    code = sms_code()
    message = OutboundMessage.objects.get()
    assert message.sensitive and code not in message.body


def test_a_code_that_is_too_old_is_not_even_sent(client, customer) -> None:
    ask_for_code(client, "13800138000")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        send()
    assert sms.outbox == [] and OutboundMessage.objects.get().state == OutboundMessage.State.FAILED


@pytest.mark.parametrize("data", [{}, {"login": ""}, {"login": "   "}, {"email": "x@example.com"}, {"phone": "13800138000"}])
def test_an_empty_request_for_a_code_is_a_sentence_not_a_crash(client, data) -> None:
    answer = client.post(ASK, data)
    assert answer.status_code == 200 and "error-summary" in answer.content.decode()
    assert not OutboundMessage.objects.exists()


@pytest.mark.parametrize(
    "typed", ["x" * 10_000, "a@b", "@", "1", "' OR 1=1 --", "<script>alert(1)</script>", "\x00\x01", "我的手机", "１３８@＠"]
)
def test_nonsense_is_refused_in_words_and_shown_harmless(client, typed) -> None:
    for address in (ASK, LOGIN):
        answer = client.post(address, {"login": typed, "password": "x"})
        assert answer.status_code == 200 and not is_signed_in(client)
        assert "<script>alert(1)" not in answer.content.decode()


def _shape(page: str) -> str:
    """The page without what differs by request: numbers typed, tokens, ids."""
    return re.sub(r'(value|content|nonce)="[^"]*"|\d[\d ]{7,}', "", page)


def test_an_unknown_number_looks_like_a_known_one(client, customer) -> None:
    known = ask_for_code(client, "13800138000")
    known_page = client.get(CONFIRM).content.decode()
    stranger = Client()
    unknown = ask_for_code(stranger, "13800138999")
    unknown_page = stranger.get(CONFIRM).content.decode()
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert _shape(known_page) == _shape(unknown_page)
    wrong_known, wrong_unknown = client.post(CONFIRM, {"code": "abc"}), stranger.post(CONFIRM, {"code": "abc"})
    assert _shape(wrong_known.content.decode()) == _shape(wrong_unknown.content.decode())
    send()
    assert {message.number for message in sms.outbox} == {"+8613800138000", "+8613800138999"}


def test_an_unknown_mail_address_looks_like_a_known_one(client, other_customer) -> None:
    known = ask_for_code(client, "tom@example.com")
    stranger = Client()
    unknown = ask_for_code(stranger, "nobody@example.com")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert _shape(client.get(CONFIRM).content.decode()).replace("tom@", "") == _shape(stranger.get(CONFIRM).content.decode()).replace(
        "nobody@", ""
    )
    assert OutboundMessage.objects.count() == 2


def test_an_unknown_number_is_told_by_sms_three_times_a_day_at_most(client) -> None:
    # A number's day begins at an hour of its own: this one's does not begin between these times.
    for minute in range(5):
        with time_machine.travel(datetime(2026, 9, 14, 15, 10 * minute, tzinfo=ZoneInfo("Asia/Shanghai"))):
            ask_for_code(Client(), "13800138999")
    assert OutboundMessage.objects.count() == 3


def test_no_code_opens_an_account_that_does_not_exist(client) -> None:
    ask_for_code(client, "13800138999")
    for code in ("", "000000", "None"):
        client.post(CONFIRM, {"code": code})
    assert not is_signed_in(client) and not User.objects.exists()


def test_three_wrong_codes_end_the_attempt(client, customer) -> None:
    ask_for_code(client, "13800138000")
    code = sms_code()
    wrong = "000000" if code != "000000" else "111111"
    assert client.post(CONFIRM, {"code": wrong}).status_code == 200
    assert client.post(CONFIRM, {"code": wrong}).status_code == 200
    assert client.post(CONFIRM, {"code": wrong})["Location"] == ASK
    client.post(CONFIRM, {"code": code})
    assert not is_signed_in(client)


def test_a_code_can_be_sent_again_twice(client, customer) -> None:
    ask_for_code(client, "13800138000")
    for _again in range(4):
        client.post(CONFIRM, {"action": "resend"})
    send()
    assert len(sms.outbox) == 3


def test_codes_for_one_number_are_limited_whoever_asks(customer) -> None:
    answers = [ask_for_code(Client(), "13800138000") for _attempt in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    assert OutboundMessage.objects.count() == 3


def test_a_password_opens_the_account_by_phone_and_by_mail(customer, other_customer) -> None:
    for login in ("138 0013 8000", "TOM@example.com"):
        client = Client()
        client.post(LOGIN, {"login": login, "password": PASSWORD, "remember": "on"})
        assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_person_get_the_same_words(client, customer) -> None:
    wrong = client.post(LOGIN, {"login": "13800138000", "password": "wrong"}).content.decode()
    unknown = client.post(LOGIN, {"login": "13800138999", "password": "wrong"}).content.decode()
    by_mail = client.post(LOGIN, {"login": "nobody@example.com", "password": "wrong"}).content.decode()
    assert _shape(wrong) == _shape(unknown) == _shape(by_mail)


def test_guessing_one_number_s_password_is_stopped_and_harms_no_other_number(client, customer, other_customer) -> None:
    for _guess in range(6):
        answer = client.post(LOGIN, {"login": "13800138000", "password": "wrong"})
    client.post(LOGIN, {"login": "13800138000", "password": PASSWORD})
    assert answer.status_code == 200 and not is_signed_in(client)
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    elsewhere.post(LOGIN, {"login": "tom@example.com", "password": PASSWORD})
    assert is_signed_in(elsewhere)


def test_a_disabled_account_cannot_sign_in(client, customer) -> None:
    User.objects.filter(pk=customer.pk).update(is_active=False)
    client.post(LOGIN, {"login": "13800138000", "password": PASSWORD})
    assert not is_signed_in(client)
    ask_for_code(client, "13800138000")
    send()
    assert not any(re.search(r"\d{6}(?!\d)", message.text.replace("13800138000", "")) for message in sms.outbox)


@pytest.mark.parametrize(("who", "place"), [("customer", "/my/"), ("agent", "/desk/"), ("editor", "/cms/"), ("supervisor", "/desk/")])
def test_everybody_lands_where_they_work(request, who, place) -> None:
    person, client = request.getfixturevalue(who), Client()
    login = person.email or str(person.phone)
    answer = client.post(LOGIN, {"login": login, "password": PASSWORD})
    assert answer.status_code == 302 and answer["Location"].endswith(place)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_nobody_is_sent_to_another_site_after_signing_in(client, customer, target) -> None:
    answer = client.post(LOGIN, {"login": "13800138000", "password": PASSWORD, "next": target})
    assert "evil" not in answer["Location"] and "javascript" not in answer["Location"]


def test_the_wanted_page_comes_after_signing_in(client, customer) -> None:
    answer = client.post(LOGIN, {"login": "13800138000", "password": PASSWORD, "next": "/zh-hans/help/"})
    assert answer["Location"] == "/zh-hans/help/"


@pytest.mark.parametrize("address", [LOGIN, ASK, "/accounts/signup/", "/accounts/password/reset/", "/accounts/logout/"])
def test_without_the_csrf_proof_nothing_is_done(address) -> None:
    answer = Client(enforce_csrf_checks=True).post(
        address, {"login": "13800138000", "password": "x", "phone": "13800138000", "consent": "on"}
    )
    assert answer.status_code == 403 and not OutboundMessage.objects.exists() and not User.objects.exists()


def test_signing_out_needs_a_post_and_ends_the_session(customer, signed_in) -> None:
    client = signed_in(customer)
    client.get("/accounts/logout/")
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)


def test_a_new_password_is_chosen_with_a_code(client, other_customer) -> None:
    answer = client.post("/accounts/password/reset/", {"email": "tom@example.com"})
    assert answer["Location"] == "/accounts/password/reset/confirm/"
    answer = client.post("/accounts/password/reset/confirm/", {"code": mail_code()})
    assert answer["Location"] == "/accounts/password/reset/complete/"
    client.post("/accounts/password/reset/complete/", {"password1": "another-Good-1", "password2": "another-Good-1"})
    other_customer.refresh_from_db()
    assert other_customer.check_password("another-Good-1") and not is_signed_in(client)
    send()
    assert "tom@example.com" in mail.outbox[-1].to and len(mail.outbox) == 2


def test_asking_a_new_password_for_an_unknown_address_looks_the_same(client, other_customer) -> None:
    known = client.post("/accounts/password/reset/", {"email": "tom@example.com"})
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_the_page_for_a_new_password_opens_only_after_the_code(client, other_customer) -> None:
    client.post("/accounts/password/reset/", {"email": "tom@example.com"})
    answer = client.post("/accounts/password/reset/complete/", {"password1": "another-Good-1", "password2": "another-Good-1"})
    other_customer.refresh_from_db()
    assert answer.status_code == 302 and other_customer.check_password(PASSWORD)


def _with_app(user: User) -> str:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def _digits(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_with_an_app_set_up_the_password_alone_is_not_enough(client, agent) -> None:
    secret = _with_app(agent)
    answer = client.post(LOGIN, {"login": agent.email, "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/" and not is_signed_in(client)
    assert client.get("/accounts/2fa/authenticate/").status_code == 200
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200 and not is_signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": _digits(secret)})
    assert is_signed_in(client)


def test_a_recovery_code_lets_in_once(client, agent) -> None:
    _with_app(agent)
    code = Authenticator.objects.get(user=agent, type="recovery_codes").wrap().get_unused_codes()[0]
    client.post(LOGIN, {"login": agent.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert is_signed_in(client)
    again = Client()
    cache.clear()
    again.post(LOGIN, {"login": agent.email, "password": PASSWORD})
    again.post("/accounts/2fa/authenticate/", {"code": code})
    assert not is_signed_in(again)


def test_the_app_s_secret_is_unreadable_in_the_database(agent) -> None:
    secret = _with_app(agent)
    stored = Authenticator.objects.get(user=agent, type="totp").data
    assert secret not in str(stored)


def test_setting_up_an_app_in_the_pages(agent, signed_in) -> None:
    client = Client()
    client.post(LOGIN, {"login": agent.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'class="mono keep"[^>]*>([A-Z2-7]{16,})<', page).group(1)
    answer = client.post("/accounts/2fa/totp/activate/", {"code": _digits(secret)})
    assert answer.status_code == 302 and Authenticator.objects.filter(user=agent, type="totp").exists()
    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200
    assert client.get("/accounts/2fa/").status_code == 200
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200
    assert client.get("/accounts/2fa/webauthn/").status_code == 200


def test_options_for_a_passkey_come_as_json(client) -> None:
    answer = client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    assert answer.status_code == 200 and answer.json()["request_options"]["publicKey"]["challenge"]


CREDENTIALS = ["", "x", "{}", "[]", "null", '{"id": "x"}', '{"id": "eA", "rawId": "eA", "response": {}}', '{"id": 5, "rawId": []}']


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_a_made_up_passkey_is_refused_where_one_is_added(customer, signed_in, credential) -> None:
    customer.set_unusable_password()
    customer.save()
    client = signed_in(customer)
    client.get("/accounts/2fa/webauthn/add/")
    answer = client.post("/accounts/2fa/webauthn/add/", {"credential": credential, "name": "x"})
    assert answer.status_code == 200 and not Authenticator.objects.exists()


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_a_made_up_passkey_is_refused(client, credential) -> None:
    client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert answer.status_code in (200, 302, 400) and not is_signed_in(client)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "address", [LOGIN, ASK, "/accounts/signup/", "/accounts/password/reset/", "/accounts/inactive/", "/accounts/password/reset/done/"]
)
def test_every_open_page_is_served_in_both_languages_without_inline_style(client, address, language) -> None:
    answer = client.get(address, headers={"accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == 200 and "style=" not in page and "onclick" not in page
    assert f'<html lang="{"en" if language == "en" else "zh-Hans"}"' in page


@pytest.mark.parametrize("address", ["email/", "phone/change/", "password/change/", "2fa/", "logout/", "reauthenticate/"])
def test_every_page_of_one_s_own_account_is_served(customer, signed_in, address) -> None:
    assert signed_in(customer).get(f"/accounts/{address}").status_code == 200
    assert Client().get(f"/accounts/{address}").status_code in (302, 200)


def test_a_member_without_a_password_can_set_one(customer, signed_in) -> None:
    customer.set_unusable_password()
    customer.save()
    client = signed_in(customer)
    assert client.get("/accounts/password/change/")["Location"] == "/accounts/password/set/"
    client.post("/accounts/password/set/", {"password1": "another-Good-1", "password2": "another-Good-1"})
    customer.refresh_from_db()
    assert customer.check_password("another-Good-1")


def test_a_member_adds_and_proves_a_phone_number(other_customer, signed_in) -> None:
    client = signed_in(other_customer)
    answer = client.post("/accounts/phone/change/", {"phone": "138 0013 8000"})
    assert answer["Location"] == "/accounts/phone/verify/"
    other_customer.refresh_from_db()
    assert other_customer.phone is None
    client.post("/accounts/phone/verify/", {"code": sms_code()})
    other_customer.refresh_from_db()
    assert str(other_customer.phone) == "+8613800138000" and other_customer.phone_verified_at


def test_a_number_of_another_member_cannot_be_taken(customer, other_customer, signed_in) -> None:
    client = signed_in(other_customer)
    client.post("/accounts/phone/change/", {"phone": "138 0013 8000"})
    client.post("/accounts/phone/verify/", {"code": sms_code()})
    customer.refresh_from_db()
    other_customer.refresh_from_db()
    assert str(customer.phone) == "+8613800138000" and other_customer.phone is None


def test_a_member_adds_and_proves_a_mail_address(customer, signed_in) -> None:
    client = signed_in(customer)
    client.post("/accounts/email/", {"email": "lin@example.com", "action_add": ""})
    client.post("/accounts/confirm-email/", {"code": mail_code()})
    customer.refresh_from_db()
    assert customer.email == "lin@example.com"


def test_who_has_a_phone_alone_is_told_by_sms_that_the_account_was_changed(customer, other_customer, signed_in) -> None:
    for person in (customer, other_customer):
        data = {"oldpassword": PASSWORD, "password1": "another-Good-1", "password2": "another-Good-1"}
        signed_in(person).post("/accounts/password/change/", data)
    send()
    assert [(message.number, "密码已修改" in message.text) for message in sms.outbox] == [("+8613800138000", True)]
    assert [message.to for message in mail.outbox] == [["tom@example.com"]]
