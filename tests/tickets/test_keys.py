"""Single letters as shortcuts: switched off by the person, they stay off in every browser."""

import pytest

from core.history import history_of

pytestmark = pytest.mark.django_db
KEYS = "/desk/keys/"


def test_the_switch_is_kept_with_the_account(agent, second_agent, signed_in):
    client = signed_in(agent)
    assert '<body data-keys="on">' in client.get("/desk/").content.decode()
    assert client.post(KEYS, {"on": "0"}).status_code == 204
    for browser in (client, signed_in(agent)):
        page = browser.get("/desk/").content.decode()
        assert '<body data-keys="off">' in page and f'data-keys-switch="{KEYS}">' in page
    assert '<body data-keys="on">' in signed_in(second_agent).get("/desk/").content.decode()
    client.post(KEYS, {"on": "0"})
    assert [entry.data["on"] for entry in history_of(agent) if entry.verb == "single_keys_changed"] == [False]
    client.post(KEYS, {"on": "1"})
    assert '<body data-keys="on">' in signed_in(agent).get("/desk/").content.decode()


def test_it_is_the_desk_s_and_wants_a_post(agent, customer, client, signed_in):
    assert client.post(KEYS, {"on": "0"}).status_code == 302
    assert signed_in(customer).post(KEYS, {"on": "0"}).status_code == 403
    assert signed_in(agent).get(KEYS).status_code == 405
    assert signed_in(agent, enforce_csrf_checks=True).post(KEYS, {"on": "0"}).status_code == 403
    customer.refresh_from_db()
    agent.refresh_from_db()
    assert customer.single_keys and agent.single_keys
