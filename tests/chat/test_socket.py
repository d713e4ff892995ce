"""The socket's contract: who gets in, one acknowledged message a client id, order without gaps, limits with words."""

import uuid
from typing import Any
from unittest.mock import patch

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts.actions import sessions, staff
from chat import actions
from chat.consumers import ChatConsumer
from chat.entry import GRANTS
from chat.frames import FORBIDDEN, NOT_FOUND, SIGNED_OUT, message_frame
from chat.models import ChatMessage, Conversation
from chat.queries.doors import grant_mark
from chat.realtime import conversation_group, staff_frame
from chat.throttle import Bucket
from core.channel_layer import LISTENING
from core.visitors import COOKIE
from portal.privacy import anonymise
from tests.factories.chat import VISITOR, Socket, say, start_chat, taken_by

pytestmark = pytest.mark.django_db(transaction=True)
in_db = database_sync_to_async


def cookies(key: str = VISITOR) -> dict[str, str]:
    return {COOKIE: signing.Signer(salt="hearth.visitor").sign(key)}


async def opened(chat: Conversation | str, *, user: Any = None, query: str = "", **scope: Any) -> Socket:
    """Return a socket after its handshake; without more the chat's own visitor."""
    key = chat if isinstance(chat, str) else chat.key
    known = {"cookies": cookies()} if user is None and not scope else {"cookies": {}}
    socket = Socket(
        ChatConsumer.as_asgi(),
        {
            "type": "websocket",
            "path": f"/ws/chat/{key}/",
            "url_route": {"kwargs": {"key": key}},
            "query_string": query.encode(),
            "headers": [],
            "user": user or AnonymousUser(),
            "session": {},
            **known,
            **scope,
        },
    )
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(timeout=5))["type"] == "websocket.accept"
    return socket


async def closed_with(socket: Socket) -> int:
    """Return the code the socket is closed with, whatever is said before."""
    while True:
        try:
            await socket.frame()
        except ConnectionError as closing:
            return closing.args[0]


async def messages(socket: Socket, count: int) -> list[dict[str, Any]]:
    return [await socket.frame("message") for _number in range(count)]


def nothing_is_pushed() -> Any:
    """Lose every push, as while Redis is away."""
    return patch("chat.realtime.send", lambda *args, **kwargs: None)


def new_text(text: str, client_id: str = "") -> dict[str, str]:
    return {"type": "message.send", "client_id": client_id or str(uuid.uuid4()), "kind": "text", "text": text}


async def test_a_guessed_address_is_closed_whoever_asks(customer, agent) -> None:
    chat = await in_db(start_chat)()
    for key, scope in ((chat.key, {"cookies": cookies("stranger")}), ("guessed", {}), (chat.key, {"cookies": {COOKIE: VISITOR}})):
        assert await closed_with(await opened(key, **scope)) == NOT_FOUND
    assert await closed_with(await opened(chat, user=customer)) == NOT_FOUND
    assert await closed_with(await opened(chat, query="token=" + "x" * 32, cookies={})) == NOT_FOUND
    assert await closed_with(await opened(chat, cookies={}, session={GRANTS: {chat.key: "0" * 32}})) == NOT_FOUND
    assert await closed_with(await opened("guessed", user=agent)) == NOT_FOUND


async def test_the_visitor_the_member_a_grant_a_link_and_the_agent_get_in(customer, agent) -> None:
    chat = await in_db(lambda: start_chat(contact=customer.contacts.get()))()
    mark = {GRANTS: {chat.key: grant_mark(chat)}}
    for way in (
        {},
        {"user": customer},
        {"session": mark, "cookies": {}},
        {"query": f"token={chat.secret}", "cookies": {}},
        {"user": agent},
    ):
        socket = await opened(chat, **way)
        state = await socket.frame()
        assert (state["type"], state["status"], state["place"]) == ("state", "waiting", 1)
        assert [frame["seq"] for frame in await messages(socket, 2)] == [1, 2]
        await socket.leave()


async def test_joining_sends_what_comes_after_a_number() -> None:
    chat = await in_db(start_chat)()
    await in_db(say)(chat, "三")
    socket = await opened(chat, query="after=2")
    assert [frame["seq"] for frame in await messages(socket, 1)] == [3]
    await socket.up(type="sync", after=0)
    assert [frame["seq"] for frame in await messages(socket, 3)] == [1, 2, 3]
    assert await socket.frame("synced") == {"type": "synced", "last_seq": 3}
    await socket.leave()


async def test_a_message_is_acknowledged_once_kept_and_reaches_the_other_side_and_the_second_tab(agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    visitor, tab, desk = (
        await opened(chat, query="after=2"),
        await opened(chat, query="after=2"),
        await opened(chat, user=agent, query="after=2"),
    )
    for socket in (visitor, tab, desk):
        await socket.frame("state")
    sent = new_text("水泵不响")
    await visitor.up(**sent)
    ack = await visitor.frame("ack")
    assert (ack["client_id"], ack["seq"]) == (sent["client_id"], 3)
    for socket in (visitor, tab, desk):
        frame = await socket.frame("message")
        assert (frame["seq"], frame["client_id"], frame["sender"], frame["text"]) == (3, sent["client_id"], "visitor", "水泵不响")
    await desk.up(**new_text("请稍等"))
    answer = await visitor.frame("message")
    assert (answer["seq"], answer["sender"], answer["name"]) == (4, "agent", agent.name)
    for socket in (visitor, tab, desk):
        await socket.leave()


async def test_the_same_frame_twice_is_one_message_and_the_same_ack() -> None:
    chat = await in_db(start_chat)()
    socket, sent = await opened(chat, query="after=2"), new_text("一次")
    await socket.up(**sent)
    await socket.up(**sent)
    assert await socket.frame("ack") == await socket.frame("ack")
    assert await in_db(ChatMessage.objects.filter(conversation=chat).count)() == 3
    await socket.leave()


async def test_a_lost_or_late_push_leaves_no_gap_and_no_double() -> None:
    chat = await in_db(start_chat)()
    socket = await opened(chat, query="after=2")
    await socket.frame("state")
    layer = get_channel_layer()

    def write(*texts: str) -> list[dict[str, Any]]:
        return [message_frame(say(chat, text).message) for text in texts]

    with nothing_is_pushed():
        frames = await in_db(write)("三", "四", "五")
    for frame in (frames[2], frames[0], frames[2], frames[1]):
        await layer.group_send(conversation_group(chat.pk), {"type": "chat.message", "frame": frame})
    assert [frame["seq"] for frame in await messages(socket, 3)] == [3, 4, 5]
    assert await socket.receive_nothing()
    await socket.leave()


async def test_typing_and_receipts_reach_the_other_side_and_not_oneself(agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    visitor, desk = await opened(chat, query="after=2"), await opened(chat, user=agent, query="after=2")
    await visitor.frame("state")
    await desk.frame("state")
    await desk.up(type="typing")
    assert await visitor.frame("typing") == {"type": "typing", "party": "agent", "name": agent.name}
    await visitor.up(type="receipt", kind="read", upto=2)
    receipt = {"type": "receipt", "party": "visitor", "delivered": 2, "read": 2}
    assert await desk.frame("receipt") == receipt
    for socket in (visitor, desk):
        await socket.leave()


async def test_who_only_listens_leaves_no_trace(agent, supervisor) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    visitor, listener = await opened(chat, query="after=2"), await opened(chat, user=supervisor, query="after=2")
    await visitor.frame("state")
    await listener.frame("state")
    await listener.up(type="typing")
    await listener.up(type="receipt", kind="read", upto=2)
    await listener.up(**new_text("我在听"))
    assert (await listener.frame("error"))["code"] == "not_allowed"
    assert await visitor.receive_nothing()
    await listener.up(type="sync", after=2)
    assert (await listener.frame("synced"))["last_seq"] == 2
    for socket in (visitor, listener):
        await socket.leave()


async def test_internal_frames_reach_staff_only(agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    visitor, desk = await opened(chat, query="after=2"), await opened(chat, user=agent, query="after=2")
    await visitor.frame("state")
    await desk.frame("state")
    await in_db(staff_frame)(chat.pk, {"type": "note", "text": "客户很急"})
    assert (await desk.frame("note"))["text"] == "客户很急"
    assert await visitor.receive_nothing()
    for socket in (visitor, desk):
        await socket.leave()


async def test_the_end_is_told_and_nothing_more_is_taken(agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    visitor = await opened(chat, query="after=2")
    await visitor.frame("state")
    await in_db(lambda: actions.end_conversation(chat, party="agent", by=agent))()
    assert (await visitor.frame("message"))["data"]["event"] == "ended"
    state = await visitor.frame("state")
    assert (state["status"], state["ended"]["by"], state["rating_asked"]) == ("ended", "agent", True)
    await visitor.up(**new_text("等等"))
    refusal = await visitor.frame("error")
    assert refusal["code"] == "ended" and refusal["text"]
    await visitor.leave()


async def test_an_agent_who_lost_the_account_is_closed(agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    desk = await opened(chat, user=agent, query="after=2")
    await desk.frame("state")
    await in_db(type(agent).objects.filter(pk=agent.pk).update)(is_active=False)
    await desk.up(**new_text("还在"))
    assert (await desk.frame("error"))["code"] == "not_allowed"
    assert await closed_with(desk) == FORBIDDEN
    assert await in_db(ChatMessage.objects.filter(sender="agent").count)() == 0


async def test_the_session_of_a_closed_account_is_closed(customer) -> None:
    chat = await in_db(lambda: start_chat(contact=customer.contacts.get(), visitor_key=""))()
    socket = await opened(chat, user=customer, query="after=2")
    await socket.frame("state")
    await in_db(type(customer).objects.filter(pk=customer.pk).update)(is_active=False)
    await socket.up(**new_text("还有问题"))
    assert (await socket.frame("error"))["code"] == "not_allowed"
    assert await closed_with(socket) == FORBIDDEN


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("{not json", "bad_frame"),
        ("[1, 2]", "bad_frame"),
        ('{"type": "delete.everything"}', "unknown_type"),
        ('{"type": "message.send", "client_id": "x", "text": "y"}', "bad_client_id"),
        ('{"type": "receipt", "kind": "seen", "upto": 1}', "bad_receipt"),
        ('{"type": "message.send", "client_id": "8d4c1b3a-1111-4111-8111-111111111111", "text": ["y"]}', "bad_text"),
    ],
)
async def test_a_strange_frame_is_refused_and_the_socket_lives(sent: str, code: str) -> None:
    chat = await in_db(start_chat)()
    socket = await opened(chat, query="after=2&lang=en")
    await socket.frame("state")
    await socket.raw(text=sent)
    assert (await socket.frame("error"))["code"] == code
    await socket.raw(bytes=b"\x00\xff")
    assert (await socket.frame("error"))["code"] == "bad_frame"
    await socket.up(**new_text("still here"))
    assert (await socket.frame("ack"))["seq"] == 3
    await socket.leave()


async def test_a_flood_is_refused_with_words_and_what_was_acknowledged_is_kept() -> None:
    chat = await in_db(start_chat)()
    with patch("chat.consumers.Bucket", lambda: Bucket(size=20, rate=0.5)):
        socket = await opened(chat, query="after=2&lang=en")
        await socket.frame("state")
    sent = [new_text(f"n{number}") for number in range(40)]
    for frame in sent:
        await socket.up(**frame)
    acked, refused = set(), {}
    while len(acked) + len(refused) < len(sent):
        frame = await socket.frame()
        if frame["type"] == "ack":
            acked.add(frame["client_id"])
        elif frame["type"] == "error":
            refused[frame["client_id"]] = frame
    assert refused and all(frame["code"] == "too_fast" and "again" in frame["text"] for frame in refused.values())
    kept = set(map(str, await in_db(lambda: list(ChatMessage.objects.filter(text__startswith="n").values_list("client_id", flat=True)))()))
    assert kept == acked
    await socket.leave()


async def test_places_move_when_somebody_ahead_leaves() -> None:
    first = await in_db(start_chat)()
    second = await in_db(lambda: start_chat(visitor_key="next-one"))()
    socket = await opened(second, query="after=2", cookies=cookies("next-one"))
    assert (await socket.frame("state"))["place"] == 2
    await in_db(lambda: actions.end_conversation(first, party="visitor"))()
    assert (await socket.frame("state"))["place"] == 1
    await socket.leave()


async def test_after_redis_was_away_each_socket_catches_up() -> None:
    chat, others = await in_db(start_chat)(), set(LISTENING)
    socket = await opened(chat, query="after=2")
    await socket.frame("state")
    with nothing_is_pushed():
        await in_db(say)(chat, "没推到")
    for name in LISTENING - others:
        await get_channel_layer().send(name, {"type": "layer.reconnected"})
    assert (await socket.frame("message"))["text"] == "没推到"
    await socket.leave()
    assert set(LISTENING) == others


# --- The right ends while the socket is open ---------------------------------------------------------------------------
def session_of(user: Any) -> Any:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.session


async def settled(socket: Socket, count: int) -> None:
    """Read what every socket is told first."""
    await socket.frame("state")
    await messages(socket, count)


async def test_ending_a_session_cuts_its_own_sockets_and_no_others(customer) -> None:
    chat = await in_db(lambda: start_chat(contact=customer.contacts.get(), visitor_key="", by=customer))()
    one, two = await in_db(session_of)(customer), await in_db(session_of)(customer)
    cut, stays = await opened(chat, user=customer, session=one), await opened(chat, user=customer, session=two)
    for socket in (cut, stays):
        await settled(socket, 2)
    await in_db(sessions.end_other_sessions)(user=customer, but=two.session_key, by=customer)
    assert await closed_with(cut) == SIGNED_OUT
    await in_db(say)(chat, "还在吗")
    assert (await stays.frame("message"))["text"] == "还在吗"
    await stays.leave()


async def test_disabling_a_colleague_or_taking_the_role_cuts_their_sockets(agent, second_agent, admin, roles) -> None:
    chat = await in_db(start_chat)()
    disabled, moved = await opened(chat, user=agent), await opened(chat, user=second_agent)
    for socket in (disabled, moved):
        await settled(socket, 2)
    await in_db(staff.disable_staff)(user=agent, by=admin)
    assert await closed_with(disabled) == FORBIDDEN
    await in_db(staff.change_roles)(user=second_agent, roles=[roles["editor"]], by=admin)
    assert await closed_with(moved) == FORBIDDEN


async def test_closing_the_account_cuts_its_sockets(customer) -> None:
    chat = await in_db(lambda: start_chat(contact=customer.contacts.get(), visitor_key="", by=customer))()
    socket = await opened(chat, user=customer, session=await in_db(session_of)(customer))
    await settled(socket, 2)
    await in_db(anonymise)(customer, now=timezone.now())
    assert await closed_with(socket) in {SIGNED_OUT, FORBIDDEN}


async def test_a_right_taken_without_a_word_is_found_out_before_anything_more_is_said(agent) -> None:
    chat = await in_db(start_chat)()
    socket = await opened(chat, user=agent)
    await settled(socket, 2)
    await in_db(agent.groups.clear)()
    with patch("chat.consumers.CHECK_EVERY", 0.0):
        await in_db(say)(chat, "这句不该到")
        with pytest.raises(ConnectionError) as closing:
            await socket.frame("message")
    assert closing.value.args[0] == FORBIDDEN


@pytest.mark.parametrize("path", ["/ws/", "/ws/nothing/", "/ws/desk/chat/", "/ws/chat/", "/favicon.ico"])
async def test_a_socket_at_no_address_is_refused_and_is_no_failure(path) -> None:
    from portal.asgi import application

    scope = {
        "type": "websocket",
        "path": path,
        "headers": [(b"host", b"testserver"), (b"origin", b"http://testserver")],
        "subprotocols": [],
    }
    socket = Socket(application, scope)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(timeout=5))["type"] == "websocket.close"
