"""A case belongs to a contact; proving an address brings one's own earlier cases, and nobody else's."""

import pytest
from django.utils import translation

from accounts.actions import contacts
from accounts.models import Consent, Contact
from accounts.phones import normal_phone, shown_phone
from accounts.queries import same_person, search_contacts
from core.errors import InvalidInput
from core.history import history_of
from tests.factories.accounts import ContactFactory, MemberFactory, UserFactory, verify

pytestmark = pytest.mark.django_db


def test_a_guest_s_contact_is_made_and_found_again() -> None:
    first = contacts.find_or_create_contact(name="林晓云", phone="138 0013 8000", language="zh-hans")
    again = contacts.find_or_create_contact(name="林晓云", phone="+8613800138000")
    assert first == again and str(first.phone) == "+8613800138000"
    assert [entry.verb for entry in history_of(first)] == ["created"]


def test_nobody_redirects_another_s_answers_by_typing_their_phone_number() -> None:
    mine = contacts.find_or_create_contact(name="林晓云", phone="13800138000", email="lin@example.com")
    theirs = contacts.find_or_create_contact(name="X", phone="13800138000", email="thief@example.com")
    mine.refresh_from_db()
    assert mine != theirs and mine.email == "lin@example.com"


def test_a_guest_never_lands_in_a_member_s_contact(customer) -> None:
    guest = contacts.find_or_create_contact(name="林晓云", phone="13800138000")
    assert guest.user is None and guest.pk != customer.contacts.get().pk


def test_a_member_has_one_contact_and_blanks_are_filled(customer) -> None:
    contact = contacts.find_or_create_contact(user=customer, email="lin@example.com", phone="13900000000")
    assert contact == customer.contacts.get() and contact.email == "lin@example.com"
    assert str(contact.phone) == "+8613800138000"
    assert contacts.find_or_create_contact(user=customer, email="other@example.com").email == "lin@example.com"


@pytest.mark.parametrize("data", [{}, {"name": "X"}, {"phone": "12"}, {"phone": "call me"}, {"phone": " ", "email": " "}])
def test_a_guest_without_a_usable_address_is_refused_and_nothing_is_kept(data) -> None:
    with pytest.raises(InvalidInput):
        contacts.find_or_create_contact(**data)
    assert not Contact.objects.exists()


def test_proving_a_mail_address_attaches_earlier_cases_whatever_the_case_of_letters() -> None:
    earlier, stranger = ContactFactory(phone="", email="Tom@Example.com"), ContactFactory(phone="", email="tim@example.com")
    user = UserFactory(email="tom@example.com")
    assert contacts.attach_cases_on_verification(user) == []
    verify(user)
    assert contacts.attach_cases_on_verification(user) == [earlier.pk]
    assert contacts.attach_cases_on_verification(user) == []
    earlier.refresh_from_db()
    stranger.refresh_from_db()
    assert earlier.user == user and earlier.email_verified_at and stranger.user is None
    assert [entry.verb for entry in history_of(earlier)] == ["attached"]


def test_the_news_of_an_attached_contact_names_it(monkeypatch) -> None:
    told = []
    monkeypatch.setattr(contacts, "emit", lambda name, **ids: told.append((name, ids)))
    earlier, user = ContactFactory(phone="+8613800138000"), UserFactory(email="")
    contacts.set_phone(user=user, phone="+8613800138000", verified=True)
    assert told == [("contact.verified", {"contact_id": earlier.pk, "user_id": user.pk})]


def test_a_typed_number_attaches_nothing() -> None:
    earlier, user = ContactFactory(phone="+8613800138000"), UserFactory()
    contacts.set_phone(user=user, phone="+8613800138000", verified=False)
    earlier.refresh_from_db()
    assert earlier.user is None


def test_a_contact_that_belongs_to_somebody_stays_theirs() -> None:
    owner, newcomer = MemberFactory(phone="+8613800138001", email=""), UserFactory(email="")
    shared = ContactFactory(phone="+8613800138002", user=owner)
    contacts.set_phone(user=newcomer, phone="+8613800138002", verified=True)
    shared.refresh_from_db()
    assert shared.user == owner


def test_consent_is_on_record_with_its_version_and_can_be_withdrawn(customer) -> None:
    given = contacts.record_consent(purpose="account", text_version="3", source="sign-up", user=customer)
    assert (given.text_version, given.withdrawn_at) == ("3", None)
    assert contacts.withdraw_consent(purpose="account", user=customer) == 1
    assert contacts.withdraw_consent(purpose="account", user=customer) == 0
    assert Consent.objects.get().withdrawn_at


def test_a_consent_belongs_to_somebody(db) -> None:
    with pytest.raises(InvalidInput):
        contacts.record_consent(purpose="account", text_version="1", source="x")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13800138000", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("0086138 0013 8000", "+8613800138000"),
        ("１３８ ００１３ ８０００", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("(+86)138 0013 8000", "+8613800138000"),
        ("＋８６－１３８－００１３－８０００", "+8613800138000"),
        ("021-62345678", "+862162345678"),
        ("（010）6552 1234", "+861065521234"),
        ("400-820-8888", "+864008208888"),
        ("+852 9123 4567", "+85291234567"),
        ("00886 912 345 678", "+886912345678"),
        ("+1 415 555 2671", "+14155552671"),
        ("+49 151 12345678", "+4915112345678"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_phone_number_is_understood_as_people_write_it(typed, stored) -> None:
    assert normal_phone(typed) == stored


@pytest.mark.parametrize("typed", ["1", "1380013800", "138001380001", "abc", "+1", "13800138000 转 12", "0" * 20, "+" * 5, "٣٣٣"])
def test_a_wrong_phone_number_is_refused(typed) -> None:
    with pytest.raises(InvalidInput):
        normal_phone(typed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1380013800", "1 digit short"),
        ("+86 138 0013 80", "2 digits short"),
        ("0086 138 0013 80000", "1 digit too many"),
        ("86 138 0013 800", "1 digit short"),
        ("+1 415 555 267", "not a phone number"),
        ("9123 4567", "country code"),
    ],
)
def test_a_wrong_phone_number_is_told_what_is_wrong_with_it(typed, words) -> None:
    with translation.override("en"):
        with pytest.raises(InvalidInput) as refusal:
            normal_phone(typed)
        assert words in str(refusal.value.message)


def test_a_number_is_shown_as_people_read_it() -> None:
    assert shown_phone("+8613800138000") == "138 0013 8000" and shown_phone("+4915112345678").startswith("+49 ") and shown_phone("x") == "x"


@pytest.mark.parametrize("text", ["晓云", "0138 000", "138 0013 8000", "+86 138 0013 8000", "lin@exam", "LIN@EXAMPLE.COM"])
def test_a_contact_is_found_by_name_number_or_mail(text) -> None:
    wanted = ContactFactory(name="林晓云", phone="+8613800138000", email="lin@example.com")
    ContactFactory(name="Tom", email="tom@example.com")
    assert search_contacts(text) == [wanted]


@pytest.mark.parametrize("text", ["", " ", "a", "%%", "' OR 1=1", "x" * 10_000, "__"])
def test_nonsense_finds_nobody(text) -> None:
    ContactFactory(name="林晓云")
    assert search_contacts(text) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_finding_more_contacts_asks_the_database_no_more(rows, django_assert_num_queries) -> None:
    for _row in range(rows):
        ContactFactory(name="林晓云", user=UserFactory())
    with django_assert_num_queries(1):
        assert len([contact.user.name for contact in search_contacts("晓云")]) == rows


def test_the_same_person_s_other_contacts_share_an_address(customer) -> None:
    guest = ContactFactory(phone="+8613800138000")
    assert list(same_person(guest)) == [customer.contacts.get()]
    assert not same_person(ContactFactory(phone="", email="")).exists()


def test_somebody_without_a_name_is_not_called_by_their_whole_number() -> None:
    assert str(ContactFactory(name="", phone="+8613800138000", email="")) == "138****8000"
    assert str(ContactFactory(name="", phone="", email="lin@example.com")) == "l***@example.com"
    assert str(ContactFactory(name="林晓云", phone="+8613800138000")) == "林晓云"
