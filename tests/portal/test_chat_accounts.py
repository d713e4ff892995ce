"""A chat begun signed in belongs to the account: the browser alone opens it no more."""

import pytest
import time_machine

from tests.factories.chat import on_duty
from tests.portal.chatting import CHAT, MORNING, started

pytestmark = pytest.mark.django_db


def test_what_a_member_begins_signed_in_is_closed_to_the_browser_once_signed_out(customer, signed_in, shop, agent) -> None:
    with time_machine.travel(MORNING, tick=True):
        on_duty(agent)
        client = signed_in(customer)
        chat = started(client)
        assert (chat.visitor_key, chat.contact.user_id) == ("", customer.pk)
        assert client.get(f"{CHAT}{chat.key}/").status_code == 200
        client.logout()
        assert client.get(f"{CHAT}{chat.key}/").status_code == 404
