"""A new account needs a phone number or an e-mail address, one of them, and its proof."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import Consent, Contact, User
from core import sms
from core.models import HistoryEntry, OutboundMessage
from tests.accounts.walk import SIGNUP, VERIFY_EMAIL, VERIFY_PHONE, is_signed_in, mail_code, send, sms_code
from tests.factories.accounts import ContactFactory, MemberFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed", ["138 0013 8000", "13800138000", "+86 138-0013-8000", "0086 13800138000", "１３８００１３８０００", "(138)00138000"]
)
def test_a_phone_number_alone_makes_an_account(client, typed) -> None:
    answer = client.post(SIGNUP, {"phone": typed, "name": " 林 晓云 ", "consent": "on"})
    assert answer.status_code == 302 and answer["Location"] == VERIFY_PHONE
    assert not is_signed_in(client)
    code = sms_code()
    assert len(code) == 6 and code in sms.outbox[0].text and sms.outbox[0].number == "+8613800138000"
    assert sms.outbox[0].text.startswith(("【", "["))
    page = client.get(VERIFY_PHONE).content.decode()
    assert 'autocomplete="one-time-code"' in page and "138 0013 8000" in page
    answer = client.post(VERIFY_PHONE, {"code": f" {code[:3]} {code[3:]} "})
    assert answer.status_code == 302 and is_signed_in(client)
    user = User.objects.get()
    assert (str(user.phone), user.email, user.name) == ("+8613800138000", "", "林 晓云")
    assert user.phone_verified_at is not None
    assert Consent.objects.get(user=user).purpose == "account"
    assert HistoryEntry.objects.filter(subject_type="accounts.user", verb="phone_verified").count() == 1


def test_a_second_code_within_half_a_minute_is_refused_with_words(client) -> None:
    client.post(SIGNUP, {"phone": "13800138000", "consent": "on"})
    User.objects.all().delete()
    client.cookies.clear()
    answer = client.post(SIGNUP, {"phone": "13800138000", "consent": "on"})
    assert answer.status_code == 429
    send()
    assert len(sms.outbox) == 1


def test_two_accounts_with_a_phone_alone_do_not_collide_on_the_empty_mail_address(client) -> None:
    for number in ("13800138000", "13800138001"):
        client.post(SIGNUP, {"phone": number, "consent": "on"})
        client.post(VERIFY_PHONE, {"code": sms_code()})
        assert is_signed_in(client)
        client.logout()
        client.cookies.clear()
    assert User.objects.filter(email="").count() == 2


def test_an_e_mail_address_alone_makes_an_account(client) -> None:
    answer = client.post(SIGNUP, {"email": "Tom@Example.com", "consent": "on"}, headers={"accept-language": "en"})
    assert answer["Location"] == VERIFY_EMAIL
    code = mail_code()
    assert mail.outbox[0].to == ["tom@example.com"] and "confirms your address" in mail.outbox[0].subject
    answer = client.post(VERIFY_EMAIL, {"code": code})
    assert answer.status_code == 302 and is_signed_in(client)
    user = User.objects.get()
    assert user.email == "tom@example.com" and user.phone is None
    assert EmailAddress.objects.get(user=user).verified


def test_who_gives_both_proves_both(client) -> None:
    client.post(SIGNUP, {"phone": "13800138000", "email": "tom@example.com", "consent": "on"})
    answer = client.post(VERIFY_PHONE, {"code": sms_code()})
    assert answer["Location"] == VERIFY_EMAIL and not is_signed_in(client)
    client.post(VERIFY_EMAIL, {"code": mail_code()})
    assert is_signed_in(client)


def test_an_empty_form_makes_no_account_and_says_what_is_missing(client) -> None:
    answer = client.post(SIGNUP, {"consent": "on"})
    assert answer.status_code == 200 and not User.objects.exists() and not is_signed_in(client)
    assert "error-summary" in answer.content.decode()


def test_without_consent_there_is_no_account_and_nothing_typed_is_lost(client) -> None:
    answer = client.post(SIGNUP, {"phone": "138 0013 8000", "name": "林晓云"})
    page = answer.content.decode()
    assert not User.objects.exists() and "138 0013 8000" in page and "林晓云" in page


@pytest.mark.parametrize(
    ("typed", "language", "words"),
    [
        ("1380013800", "en", "1 digit short"),
        ("138001380000", "en", "1 digit too many"),
        ("1380013800", "zh-hans", "少了 1 位"),
        ("12345678901", "en", "not a phone number"),
        ("call me", "en", "not a phone number"),
        ("+999 123 456 789", "en", "not a phone number"),
        ("1" * 400, "en", ""),
        ("'; DROP TABLE users; --", "en", "not a phone number"),
    ],
)
def test_a_wrong_phone_number_is_explained(client, typed, language, words) -> None:
    answer = client.post(SIGNUP, {"phone": typed, "consent": "on"}, headers={"accept-language": language})
    assert answer.status_code == 200 and words in answer.content.decode()
    assert not User.objects.exists() and not OutboundMessage.objects.exists()


def test_a_known_phone_number_gets_the_same_answer_as_a_new_one(client, customer) -> None:
    known = client.post(SIGNUP, {"phone": "13800138000", "consent": "on"})
    known_page = client.get(VERIFY_PHONE)
    client.cookies.clear()
    fresh = client.post(SIGNUP, {"phone": "13800138999", "consent": "on"})
    fresh_page = client.get(VERIFY_PHONE)
    assert (known.status_code, known["Location"]) == (fresh.status_code, fresh["Location"])
    assert known_page.status_code == fresh_page.status_code == 200
    known_text, fresh_text = known_page.content.decode(), fresh_page.content.decode()
    assert known_text.count("<button") == fresh_text.count("<button") and known_text.count("<form") == fresh_text.count("<form")
    send()
    assert User.objects.filter(phone="+8613800138000").count() == 1
    assert [len(message.text) > 0 for message in sms.outbox] == [True, True]


def test_a_known_mail_address_gets_the_same_answer_and_a_mail_that_says_so(client, other_customer) -> None:
    answer = client.post(SIGNUP, {"email": "tom@example.com", "consent": "on"}, headers={"accept-language": "en"})
    assert answer["Location"] == VERIFY_EMAIL and client.get(VERIFY_EMAIL).status_code == 200
    send()
    assert "already" in mail.outbox[0].subject and User.objects.filter(email="tom@example.com").count() == 1


def test_a_number_somebody_only_typed_can_still_be_signed_up_by_its_owner(client) -> None:
    stranger = UserFactory(phone="+8613800138000")
    client.post(SIGNUP, {"phone": "13800138000", "consent": "on"})
    client.post(VERIFY_PHONE, {"code": sms_code()})
    stranger.refresh_from_db()
    assert is_signed_in(client) and stranger.phone is None
    assert User.objects.get(phone="+8613800138000").pk == int(client.session["_auth_user_id"])


def test_earlier_requests_with_the_number_belong_to_the_new_account_and_only_those(client) -> None:
    mine, also_mine = ContactFactory(phone="+8613800138000"), ContactFactory(phone="+8613800138000", email="x@example.com")
    stranger, member = ContactFactory(phone="+8613800138999"), MemberFactory(phone="+8613900000001")
    client.post(SIGNUP, {"phone": "13800138000", "consent": "on"})
    client.post(VERIFY_PHONE, {"code": sms_code()})
    user = User.objects.get(phone="+8613800138000")
    assert set(Contact.objects.filter(user=user).values_list("pk", flat=True)) >= {mine.pk, also_mine.pk}
    stranger.refresh_from_db()
    assert stranger.user is None and member.contacts.count() == 1


def test_three_wrong_codes_end_the_attempt(client) -> None:
    client.post(SIGNUP, {"phone": "13800138000", "consent": "on"})
    code = sms_code()
    wrong = "000000" if code != "000000" else "111111"
    first = client.post(VERIFY_PHONE, {"code": wrong})
    assert first.status_code == 200 and "error" in first.content.decode()
    client.post(VERIFY_PHONE, {"code": wrong})
    assert client.post(VERIFY_PHONE, {"code": wrong}).status_code == 302
    client.post(VERIFY_PHONE, {"code": code})
    assert not is_signed_in(client)
    assert User.objects.get().phone_verified_at is None


def test_the_same_form_sent_twice_makes_one_usable_account(client) -> None:
    client.post(SIGNUP, {"phone": "13800138000", "consent": "on"})
    again = client.post(SIGNUP, {"phone": "13800138000", "consent": "on"})
    assert again.status_code == 302
    client.post(VERIFY_PHONE, {"code": sms_code()})
    assert is_signed_in(client) and User.objects.filter(phone="+8613800138000").count() == 1


def test_a_number_that_another_request_just_took_is_treated_as_known(client, monkeypatch) -> None:
    from accounts.adapter import AccountAdapter

    MemberFactory(phone="+8613800138000")
    real = AccountAdapter.get_user_by_phone
    monkeypatch.setattr(AccountAdapter, "get_user_by_phone", lambda self, phone: None)
    answer = client.post(SIGNUP, {"phone": "13800138000", "consent": "on"})
    monkeypatch.setattr(AccountAdapter, "get_user_by_phone", real)
    assert answer.status_code == 302 and User.objects.filter(phone="+8613800138000").count() == 1
    assert User.objects.count() == 1


def test_a_new_code_can_be_asked_for_but_not_at_once(client) -> None:
    client.post(SIGNUP, {"phone": "13800138000", "consent": "on"})
    client.post(VERIFY_PHONE, {"action": "resend"})
    send()
    assert len(sms.outbox) == 1
