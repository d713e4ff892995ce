"""Signed-in devices: one row a sign-in, in words; what is ended opens nothing at the very next request and socket."""

from datetime import timedelta

import pytest
import time_machine
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.actions import sessions
from accounts.actions.staff import disable_staff
from accounts.devices import device_words, is_phone
from accounts.models import User, UserSession
from accounts.queries import devices_of
from core.errors import NotFound
from core.history import history_of
from tests.accounts.walk import LOGIN, is_signed_in
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"
DEVICES = "/zh-hans/my/settings/devices/"


def opens_pages(client: Client) -> bool:
    """Whether a page behind the sign-in opens."""
    return client.get(DEVICES).status_code == 200


def sign_in(user, agent: str = IPHONE) -> Client:
    client = Client(HTTP_USER_AGENT=agent)
    client.post(LOGIN, {"login": user.email or str(user.phone), "password": PASSWORD})
    assert is_signed_in(client)
    return client


def key_of(client: Client) -> str:
    return UserSession.objects.get(session_key=client.cookies["hearth_session"].value).key


@pytest.mark.parametrize(
    ("agent", "words", "phone"),
    [
        (IPHONE, "iPhone 上的 Safari", True),
        (WECHAT, "Android 上的 微信 WeChat", True),
        (WINDOWS, "Windows 上的 Edge", False),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0", "Linux 上的 Firefox", False),
        ("curl/8.5", "未知设备", False),
        ("", "未知设备", False),
    ],
)
def test_a_device_is_called_what_people_call_it(agent, words, phone) -> None:
    assert device_words(agent) == words and is_phone(agent) is phone


def test_every_sign_in_is_a_device_and_signing_out_removes_it(customer) -> None:
    phone, desk = sign_in(customer), sign_in(customer, WINDOWS)
    assert {row.user_agent for row in devices_of(customer)} == {IPHONE, WINDOWS}
    page = desk.get(DEVICES).content.decode()
    assert "iPhone 上的 Safari" in page and page.count("这台设备") == 1
    phone.post("/accounts/logout/")
    assert [row.user_agent for row in devices_of(customer)] == [WINDOWS]


def test_an_ended_device_is_a_stranger_at_its_next_request(customer) -> None:
    lost, here = sign_in(customer), sign_in(customer, WINDOWS)
    here.post(f"{DEVICES}{key_of(lost)}/end/")
    assert lost.get(DEVICES).status_code == 302 and not opens_pages(lost)
    assert opens_pages(here) and Session.objects.count() == 1
    assert history_of(customer).filter(verb="device_signed_out").count() == 1


def test_all_other_devices_are_ended_and_this_one_stays(customer) -> None:
    others, here = [sign_in(customer), sign_in(customer, WECHAT)], sign_in(customer, WINDOWS)
    here.post(f"{DEVICES}others/end/")
    assert [opens_pages(client) for client in (*others, here)] == [False, False, True]
    assert history_of(customer).get(verb="devices_signed_out").data == {"count": 2}


def test_nobody_ends_somebody_else_s_device(customer, other_customer) -> None:
    theirs, stranger = sign_in(customer), sign_in(other_customer)
    assert stranger.post(f"{DEVICES}{key_of(theirs)}/end/").status_code == 404
    assert opens_pages(theirs)
    with pytest.raises(NotFound):
        sessions.end_session(user=other_customer, key=key_of(theirs))
    assert Client().post(f"{DEVICES}{key_of(theirs)}/end/").status_code == 302 and opens_pages(theirs)


def test_a_get_ends_nothing(customer) -> None:
    here = sign_in(customer)
    assert here.get(f"{DEVICES}{key_of(here)}/end/").status_code == 405 and here.get(f"{DEVICES}others/end/").status_code == 405
    assert opens_pages(here)


def test_a_new_password_keeps_this_device_in_the_list_and_ends_the_others(customer) -> None:
    other, here = sign_in(customer), sign_in(customer, WINDOWS)
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "another-Good-1", "password2": "another-Good-1"})
    customer.refresh_from_db()
    assert customer.check_password("another-Good-1") and opens_pages(here) and not opens_pages(other)
    assert key_of(here) in [row.key for row in devices_of(customer)]


def test_last_seen_is_written_every_five_minutes_not_at_every_request(customer, django_assert_num_queries) -> None:
    here = sign_in(customer)
    before = UserSession.objects.get().seen_at
    here.get(DEVICES)
    assert UserSession.objects.get().seen_at == before
    later = timezone.now() + timedelta(minutes=6)
    cache.clear()
    with time_machine.travel(later, tick=False):
        here.get(DEVICES)
    assert UserSession.objects.get().seen_at == later


def test_a_session_older_than_this_list_gets_its_row(customer) -> None:
    here = sign_in(customer)
    UserSession.objects.all().delete()
    cache.clear()
    here.get(DEVICES)
    assert [row.user_agent for row in devices_of(customer)] == [IPHONE]


def test_the_sweep_forgets_what_is_over(customer) -> None:
    sign_in(customer)
    stays = sign_in(customer, WINDOWS)
    Session.objects.exclude(pk=stays.cookies["hearth_session"].value).update(expire_date=timezone.now() - timedelta(days=1))
    assert len(devices_of(customer)) == 1
    assert sessions.sweep_sessions() == 1 and UserSession.objects.count() == Session.objects.count() == 1


def test_a_disabled_account_opens_nothing_from_that_moment(customer, agent, admin) -> None:
    theirs, desk = sign_in(customer), sign_in(agent)
    User.objects.filter(pk=customer.pk).update(is_active=False)
    disable_staff(user=agent, by=admin)
    assert not opens_pages(theirs) and not opens_pages(desk)
    assert desk.get("/desk/").status_code == 302


@pytest.mark.django_db(transaction=True)
async def test_the_socket_of_an_ended_device_or_disabled_account_does_not_open(agent) -> None:
    from portal.asgi import application

    client = await database_sync_to_async(sign_in)(agent)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value

    async def opens() -> bool:
        cookie = f"{settings.SESSION_COOKIE_NAME}={key}".encode()
        headers = [(b"cookie", cookie), (b"origin", b"http://localhost"), (b"host", b"localhost")]
        scope = {"type": "websocket", "path": "/ws/desk/", "headers": headers, "query_string": b"", "subprotocols": []}
        socket = ApplicationCommunicator(application, scope)
        await socket.send_input({"type": "websocket.connect"})
        assert (await socket.receive_output(timeout=5))["type"] == "websocket.accept"
        second = await socket.receive_output(timeout=5)  # "ready", or the door is shut again
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await socket.wait(timeout=5)
        return second["type"] == "websocket.send"

    assert await opens()
    await User.objects.filter(pk=agent.pk).aupdate(is_active=False)
    assert not await opens()
    await User.objects.filter(pk=agent.pk).aupdate(is_active=True)
    assert await opens()
    row = await UserSession.objects.aget()
    await database_sync_to_async(sessions.end_session)(user=agent, key=row.key)
    assert not await opens()
