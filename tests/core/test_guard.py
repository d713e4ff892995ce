"""Limits count what they say, robots are kept out of forms, and people are never shut out by it."""

import base64
import json

import altcha
import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory

from core import guard
from core.errors import LimitReached
from core.masking import masked_address, masked_email, masked_phone
from core.visitors import COOKIE, VisitorMiddleware, known_visitor_key, visitor_key


class HelpForm(guard.BotCheckMixin, forms.Form):
    """Some public form."""

    question = forms.CharField(max_length=50)


def ask(ip: str = "203.0.113.1", **extra):
    request = RequestFactory().get("/", REMOTE_ADDR=ip, **extra)
    request.user = AnonymousUser()
    return request


def times(count: int, request, group: str = "test", rate: str = "3/m", **more) -> list[bool]:
    passed = []
    for _attempt in range(count):
        try:
            guard.limit(request, group, rate, **more)
            passed.append(True)
        except LimitReached as reached:
            assert 0 < reached.retry_after <= 86400
            passed.append(False)
    return passed


def test_three_a_minute_are_three() -> None:
    assert times(5, ask()) == [True, True, True, False, False]


def test_addresses_groups_and_keys_are_counted_apart() -> None:
    assert times(3, ask("203.0.113.1")) == times(3, ask("203.0.113.2")) == times(3, ask("203.0.113.1"), group="other") == [True] * 3
    assert times(4, ask("203.0.113.3"), group="k", key="13800138000")[-1] is False
    assert times(1, ask("203.0.113.4"), group="k", key="13800138000") == [False]
    assert times(1, ask("203.0.113.4"), group="k", key="13800138001") == [True]


def test_looking_does_not_count() -> None:
    assert times(9, ask(), increment=False) == [True] * 9


def test_one_ipv6_network_is_one_address() -> None:
    assert times(2, ask("2001:db8::1")) == [True, True]
    assert times(2, ask("2001:db8::ffff:1")) == [True, False]


def test_an_account_is_counted_wherever_it_is(db, customer) -> None:
    first, second = ask("203.0.113.1"), ask("203.0.113.2")
    first.user = second.user = customer
    assert times(2, first, by="account") == [True, True] and times(2, second, by="account") == [True, False]


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "198.51.100.9", "203.0.113.1"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "1.2.3.4, 198.51.100.9", "198.51.100.9"),
        (2, "1.2.3.4, 198.51.100.9, 10.0.0.1", "198.51.100.9"),
        (2, "198.51.100.9", "203.0.113.1"),
        (1, "", "203.0.113.1"),
    ],
)
def test_the_client_s_address_is_looked_up_behind_as_many_proxies_as_there_are(settings, proxies, header, expected) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert guard.client_ip(ask(HTTP_X_FORWARDED_FOR=header)) == expected


@pytest.mark.parametrize("nonsense", ["not-an-address", "999.1.1.1", "a" * 5000, ""])
def test_a_nonsense_address_is_no_crash(settings, nonsense) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert times(4, ask(HTTP_X_FORWARDED_FOR=nonsense), group=f"n{len(nonsense)}")[-1] is False


def test_limits_stay_open_when_the_cache_is_down(settings, monkeypatch) -> None:
    from django.core.cache import cache

    monkeypatch.setattr(
        type(cache._connections["default"]) if hasattr(cache, "_connections") else type(cache), "add", lambda *a, **k: None, raising=False
    )
    monkeypatch.setattr(
        "django_ratelimit.core.caches", {"default": type("Down", (), {"add": lambda *a, **k: None, "incr": lambda *a, **k: None})()}
    )
    assert times(6, ask()) == [True] * 6


# --- visitors -----------------------------------------------------------------------------------------------------------
def test_a_visitor_gets_a_key_only_when_one_is_needed() -> None:
    plain = VisitorMiddleware(lambda request: HttpResponse())(ask())
    assert COOKIE not in plain.cookies
    made = VisitorMiddleware(lambda request: HttpResponse(visitor_key(request)))(ask())
    cookie = made.cookies[COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    again = ask()
    again.COOKIES[COOKIE] = cookie.value
    assert known_visitor_key(again) == made.content.decode() and len(known_visitor_key(again)) >= 20


@pytest.mark.parametrize("forged", ["", "x", "key:signature", "a" * 9000, "😀:x", ":::"])
def test_a_forged_visitor_cookie_counts_as_none(forged) -> None:
    request = ask()
    request.COOKIES[COOKIE] = forged
    assert known_visitor_key(request) == ""


# --- the bot check ------------------------------------------------------------------------------------------------------
@pytest.fixture
def checked(settings):
    """The check switched on."""
    settings.BOT_CHECK = True


def stamp(age: float) -> str:
    import time

    return signing.dumps({"t": int(time.time() - age), "n": "x"}, salt="hearth.stamp")


def errors(data: dict, request=None) -> list[str]:
    form = HelpForm({"question": "Why?", **data}, request=request or ask())
    form.is_valid()
    return [error.code for error in form.non_field_errors().as_data()]


def test_a_person_who_takes_a_moment_passes_without_noticing(checked) -> None:
    assert errors({guard.STAMP: stamp(5)}) == []


@pytest.mark.parametrize(
    "data",
    [
        {},
        {guard.STAMP: ""},
        {guard.STAMP: "forged"},
        {guard.STAMP: 0},
        {guard.STAMP: 60 * 60 * 25},
        {guard.STAMP: 5, guard.TRAP: "Acme Ltd"},
    ],
)
def test_a_robot_is_stopped(checked, data) -> None:
    made = {name: stamp(value) if isinstance(value, int) else value for name, value in data.items()}
    assert errors(made) == ["bot_check"]


def test_a_form_sent_too_fast_passes_at_the_second_try_and_keeps_what_was_typed(checked) -> None:
    request = ask()
    form = HelpForm({"question": "Why?", guard.STAMP: stamp(0)}, request=request)
    assert not form.is_valid() and form["question"].value() == "Why?"
    page = Template("{% load guard %}{% bot_check form %}").render(Context({"form": form}))
    assert form.data[guard.STAMP] in page


def test_many_forms_from_one_address_are_asked_for_a_proof_of_work(checked) -> None:
    for _form in range(7):
        assert errors({guard.STAMP: stamp(5)}) == []
    assert guard.is_suspicious(ask()) and not guard.is_suspicious(ask("198.51.100.1"))
    assert errors({guard.STAMP: stamp(5)}) == ["bot_check"]
    shown = Template("{% load guard %}{% bot_check form %}").render(Context({"form": HelpForm(request=ask())}))
    assert "hearth-proof" in shown and "style=" not in shown
    quiet = Template("{% load guard %}{% bot_check form %}").render(Context({"form": HelpForm(request=ask("198.51.100.1"))}))
    assert "hearth-proof" not in quiet


def _suspect() -> None:
    for _form in range(8):
        errors({guard.STAMP: stamp(5)})


def _proof() -> str:
    challenge = json.loads(guard.new_challenge())
    solution = altcha.solve_challenge_v1(challenge["challenge"], challenge["salt"], challenge["algorithm"], guard.PROOF_NUMBERS)
    answer = {key: challenge[key] for key in ("algorithm", "challenge", "salt", "signature")} | {"number": solution.number}
    return base64.b64encode(json.dumps(answer).encode()).decode()


def test_the_proof_opens_the_form_once(checked) -> None:
    _suspect()
    proof = _proof()
    assert errors({guard.STAMP: stamp(3), guard.PROOF: proof}) == []
    assert errors({guard.STAMP: stamp(3), guard.PROOF: proof}) == ["bot_check"]


def test_without_scripts_a_pause_does_instead(checked) -> None:
    _suspect()
    assert errors({guard.STAMP: stamp(16)}) == []


@pytest.mark.parametrize(
    "payload", ["", "x", "e30=", base64.b64encode(b"[]").decode(), base64.b64encode(b'{"number": {}}').decode(), "a" * 5000, "😀"]
)
def test_a_made_up_proof_does_not_hold(checked, payload) -> None:
    assert not guard.proof_holds(payload)


def test_another_installation_s_proof_does_not_hold(checked, settings) -> None:
    proof = _proof()
    settings.SECRET_KEY = "another"
    assert not guard.proof_holds(proof)


@pytest.mark.django_db
def test_the_public_account_forms_carry_the_check(checked, client) -> None:
    for address in ("/accounts/login/", "/accounts/login/code/", "/accounts/signup/", "/accounts/password/reset/"):
        page = client.get(address).content.decode()
        assert guard.STAMP in page and guard.TRAP in page
    refused = client.post("/accounts/signup/", {"phone": "13800138000", "consent": "on", guard.TRAP: "x"})
    assert refused.status_code == 200 and "13800138000" in refused.content.decode()
    from accounts.models import User

    assert not User.objects.exists()


# --- masking ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "shown"),
    [("+8613800138000", "138****8000"), ("13800138000", "138****8000"), ("+4915112345678", "+491****78"), ("", ""), ("12", "****")],
)
def test_a_phone_number_is_shown_without_its_middle(number, shown) -> None:
    assert masked_phone(number) == shown


def test_a_mail_address_is_shown_without_its_name() -> None:
    assert masked_email("lin@example.com") == "l***@example.com" and masked_email("nonsense") == ""
    assert masked_address("lin@example.com") == "l***@example.com" and masked_address("+8613800138000") == "138****8000"
