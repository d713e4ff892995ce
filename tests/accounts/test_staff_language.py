"""After signing in, desk and CMS speak the language of the member of staff; a customer keeps the one being read."""

import pytest
from django.conf import settings
from django.test import Client

from tests.factories.accounts import PASSWORD, MemberFactory, StaffFactory

pytestmark = pytest.mark.django_db


def sign_in(person, *, reading: str) -> Client:
    client = Client(headers={"accept-language": reading})
    answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[:500]
    return client


def test_a_chinese_agent_gets_a_chinese_desk_in_an_english_browser(roles):
    agent = StaffFactory(email="lin@heyan.example", role="agent", language="zh-hans")
    client = sign_in(agent, reading="en")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    assert 'lang="zh-Hans"' in client.get("/desk/").content.decode()


def test_a_customer_keeps_the_language_of_the_page():
    member = MemberFactory(email="tom@example.com", phone=None, language="zh-hans")
    assert settings.LANGUAGE_COOKIE_NAME not in sign_in(member, reading="en").cookies
