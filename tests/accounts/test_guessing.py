"""A code is not found by trying: three tries in a row, ten in ten minutes however they are sent, few codes for one number."""

import copy

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from core import sms
from tests.accounts.walk import ASK, CONFIRM, SIGNUP, VERIFY_PHONE, ask_for_code, is_signed_in, sms_code

pytestmark = pytest.mark.django_db


def others_than(code: str, count: int) -> list[str]:
    """Six digits that are not the code."""
    return [f"{(int(code) + step) % 1_000_000:06d}" for step in range(1, count + 1)]


def rewind(kept: Session) -> None:
    """Put a session back as it was: what a request sees that is sent at the same moment as the one before."""
    Session.objects.filter(pk=kept.pk).update(session_data=kept.session_data)


def test_guesses_sent_at_the_same_moment_are_stopped_after_ten(client, customer) -> None:
    ask_for_code(client, "13800138000")
    code = sms_code()
    kept = copy.copy(Session.objects.get())
    answers = []
    for guess in others_than(code, 14):
        rewind(kept)
        answers.append(client.post(CONFIRM, {"code": guess}).status_code)
    assert answers == [200] * 10 + [429] * 4
    rewind(kept)
    last = client.post(CONFIRM, {"code": code})
    assert last.status_code == 429 and int(last["Retry-After"]) > 0 and not is_signed_in(client)


def test_guesses_at_the_proof_of_a_new_phone_number_are_stopped_too(client) -> None:
    client.post(SIGNUP, {"phone": "13800138000", "consent": "on"})
    code = sms_code()
    kept = copy.copy(Session.objects.get())
    for guess in others_than(code, 10):
        rewind(kept)
        client.post(VERIFY_PHONE, {"code": guess})
    rewind(kept)
    assert client.post(VERIFY_PHONE, {"code": code}).status_code == 429
    assert not is_signed_in(client) and User.objects.get().phone_verified_at is None


def test_from_many_browsers_a_number_gives_nine_guesses_in_five_minutes(customer) -> None:
    guesses = 0
    for number in range(6):
        browser = Client(REMOTE_ADDR=f"198.51.100.{number}")
        if ask_for_code(browser, "13800138000").status_code != 302:
            continue
        for guess in others_than(sms_code(), 3):
            browser.post(CONFIRM, {"code": guess})
            guesses += 1
        assert browser.post(CONFIRM, {"code": sms_code()})["Location"] == ASK
        assert not is_signed_in(browser)
    assert guesses == 9 and len(sms.outbox) == 3


def test_ten_tries_in_one_session_do_not_shut_out_another(client, customer) -> None:
    for _round in range(11):
        client.post(CONFIRM, {"code": "000000"})
    other = Client(REMOTE_ADDR="198.51.100.8")
    ask_for_code(other, "13800138000")
    other.post(CONFIRM, {"code": sms_code()})
    assert is_signed_in(other)
