"""What protects people from the first day: production settings, headers, forms without their proof."""

import os
import re
import secrets
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from tickets.defaults import load_defaults
from tickets.models import Ticket

ROOT = Path(__file__).resolve().parents[2]


def check_deploy(*command: str, **variables: str) -> subprocess.CompletedProcess:
    keep = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    environment = {
        **keep,
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "HEARTH_DATA_DIR": "/nonexistent-is-fine",
        "DATABASE_URL": "postgres://hearth:its-own-password@db/hearth",
        "REDIS_URL": "redis://redis:6379/0",
        "ELASTICSEARCH_URL": "http://search:9200",
        "HEARTH_ALLOWED_HOSTS": "service.example.com",
        "HEARTH_ORIGIN": "https://service.example.com",
        "SECRET_KEY": secrets.token_urlsafe(50),
        **variables,
    }
    command = command or (str(ROOT / "manage.py"), "check", "--deploy", "--fail-level", "WARNING")
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_production_settings_are_clean():
    done = check_deploy()
    assert done.returncode == 0, done.stderr


def test_production_does_not_start_with_example_values():
    done = check_deploy(SECRET_KEY="change-me", HEARTH_DEMO="1", HEARTH_ALLOWED_HOSTS="*")
    assert done.returncode != 0
    for code in ("portal.E010", "portal.E011", "portal.E013"):
        assert code in done.stderr


def test_a_web_server_of_its_own_does_not_start_with_them_either():
    done = check_deploy("-c", "import portal.asgi", DATABASE_URL="postgres://hearth:hearth@db/hearth")
    assert done.returncode != 0 and "portal.E012: DATABASE_URL carries no password or a default one." in done.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/zh-hans/", "/en/help/", "/accounts/login/"])
def test_public_pages_carry_a_strict_policy(client, address):
    answer = client.get(address)
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if " " in part.strip())
    assert "unsafe" not in policy["script-src"] and "unsafe" not in policy["style-src"]
    assert policy["default-src"] == "'self'" and policy["object-src"] == "'none'" and policy["frame-ancestors"] == "'self'"
    assert "http" not in answer["Content-Security-Policy"], "nothing from another host"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"], "the page of registration alone may ask for it"


@pytest.mark.django_db
def test_the_looser_policy_is_for_the_cms_alone(admin_client_of_the_house):
    assert "unsafe-inline" in admin_client_of_the_house.get("/cms/")["Content-Security-Policy"]
    assert "unsafe" not in admin_client_of_the_house.get("/desk/")["Content-Security-Policy"]


@pytest.fixture
def admin_client_of_the_house(admin):
    client = Client()
    client.force_login(admin)
    return client


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("zh-hans", "表单已过期"), ("en", "The form has expired")])
def test_a_form_without_its_proof_is_refused_in_words(language, words):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(f"/{language}/help/", {"subject": "E2"})
    assert answer.status_code == 403
    assert words in answer.content.decode()


HERE = {"HTTP_ORIGIN": "http://testserver"}


def sent_again(page: str) -> dict[str, list[str]]:
    """Read the form of the page back, as a browser would send it."""
    found: dict[str, list[str]] = {}
    page = page[page.index('<form method="post" action="/en/help/"') :].partition("</form>")[0]
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page):
        found.setdefault(unescape(name), []).append(unescape(value))
    return found


@pytest.mark.django_db
def test_what_was_typed_into_an_expired_form_goes_out_at_the_second_press():
    load_defaults()
    strict = Client(enforce_csrf_checks=True)
    typed = {"subject": 'It "leaks" <b>a lot</b>', "description": "Since Monday\nand again today", "email": "ann@example.com"}
    refused = strict.post("/en/help/", {**typed, "attachments": ["a1", "b2"], "still": "1"}, **HERE)
    assert refused.status_code == 403 and "Nothing you typed is lost" in refused.content.decode()
    again = sent_again(refused.content.decode())
    assert again.pop("csrfmiddlewaretoken")
    assert again == {**{name: [value] for name, value in typed.items()}, "attachments": ["a1", "b2"], "still": ["1"]}
    token = sent_again(refused.content.decode())["csrfmiddlewaretoken"]
    assert strict.post("/en/help/", {**again, "csrfmiddlewaretoken": token}, **HERE).status_code == 302
    assert Ticket.objects.get().subject == 'It "leaks" <b>a lot</b>'


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "headers", "data"),
    [
        ("/en/help/", {"HTTP_ORIGIN": "https://elsewhere.example"}, {"subject": "filled in elsewhere"}),
        ("/en/help/", {"HTTP_ORIGIN": "null"}, {"subject": "filled in elsewhere"}),
        ("/en/help/", {}, {"subject": "filled in elsewhere"}),
        ("/en/help/", HERE, {"subject": "x" * 200_001}),
        ("/en/help/", HERE, {"new_password": "filled in elsewhere"}),
        ("/accounts/login/", HERE, {"login": "filled in elsewhere"}),
    ],
)
def test_an_expired_form_gives_back_nothing_of_others_and_no_secret(address, headers, data):
    refused = Client(enforce_csrf_checks=True).post(address, data, **headers)
    page = refused.content.decode()
    assert refused.status_code == 403
    assert "filled in elsewhere" not in page and "xxxxxx" not in page and 'method="post" action="' + address not in page


@pytest.mark.django_db
def test_the_way_back_from_an_expired_sign_in_leads_to_its_page_and_nowhere_else():
    strict = Client(enforce_csrf_checks=True)
    before = strict.post("/accounts/login/", {}, HTTP_ORIGIN="null", HTTP_REFERER="http://testserver/accounts/login/?next=/en/my/")
    assert 'href="/accounts/login/?next=/en/my/"' in before.content.decode()
    foreign = strict.post("/accounts/login/", {}, HTTP_ORIGIN="null", HTTP_REFERER="https://elsewhere.example/trap")
    assert "trap" not in foreign.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/en/search/?q=%00drain", "/en/products/?q=%00", "/en/help/?subject=a%00b", "/en/track/?number=%00"])
def test_nul_characters_in_a_query_are_ignored(client, address):
    assert client.get(address).status_code == 200
