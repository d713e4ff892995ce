"""The console's socket: rows that say who is there, pushes that carry ids, and who stays outside."""

from typing import Any

import pytest
from channels.auth import UserLazyObject
from channels.db import database_sync_to_async as in_db
from django.contrib.auth.models import AnonymousUser

from chat import actions
from chat.actions import notes, offers, presence
from chat.console.consumers import ConsoleConsumer
from chat.consumers import ChatConsumer
from chat.frames import FORBIDDEN
from chat.models import AgentProfile, AgentSocket, ChatOffer
from chat.queries.console import viewers_of
from tests.factories.chat import Socket, on_duty, say, start_chat, taken_by

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


def lazy(user: Any) -> UserLazyObject:
    """Return a user as a socket's scope carries it."""
    wrapped = UserLazyObject()
    wrapped._wrapped = user
    return wrapped


async def console(user: Any) -> Socket:
    """Return a console's socket after its handshake; the user is lazy, as the session's middleware hands it over."""
    socket = Socket(ConsoleConsumer.as_asgi(), {"type": "websocket", "path": "/ws/desk-chat/", "user": lazy(user), "headers": []})
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(timeout=5))["type"] == "websocket.accept"
    return socket


async def sockets() -> list[int]:
    return [pk async for pk in AgentSocket.objects.values_list("user_id", flat=True)]


async def test_strangers_customers_and_staff_without_the_permission_are_closed(customer, editor) -> None:
    for person in (AnonymousUser(), customer, editor):
        socket = await console(person)
        answer = await socket.receive_output(timeout=5)
        assert (answer["type"], answer["code"]) == ("websocket.close", FORBIDDEN)
    assert await sockets() == []


async def test_an_open_console_is_a_row_and_a_closed_one_is_none(agent) -> None:
    socket = await console(agent)
    assert (await socket.frame())["type"] == "ready"
    assert await sockets() == [agent.pk]
    assert await AgentProfile.objects.filter(user=agent, seen_at__isnull=False).aexists()
    await socket.leave()
    assert await sockets() == []


async def test_a_sign_of_life_brings_back_a_row_that_was_swept(agent) -> None:
    socket = await console(agent)
    await socket.frame("ready")
    await AgentSocket.objects.all().adelete()
    await socket.up(type="here")
    await socket.raw(text="{nonsense")
    await socket.up(type="unknown")
    for _try in range(50):
        if await sockets():
            break
        await socket.receive_nothing(timeout=0.05)
    assert await sockets() == [agent.pk]
    await socket.leave()


async def test_an_agent_who_lost_the_permission_is_closed_at_the_next_sign_of_life(agent) -> None:
    socket = await console(agent)
    await socket.frame("ready")
    await in_db(agent.groups.clear)()
    await socket.up(type="here")
    with pytest.raises(ConnectionError, match=str(FORBIDDEN)):
        await socket.frame("never")


async def test_an_offer_reaches_its_agent_alone_and_a_new_chat_everybody(agent, second_agent) -> None:
    mine, other = await console(agent), await console(second_agent)
    for socket in (mine, other):
        await socket.frame("ready")
    await in_db(presence.set_state)(agent, state="available")
    chat = await in_db(start_chat)()
    assert await ChatOffer.objects.filter(conversation=chat, agent=agent, state="pending").aexists()
    assert await mine.frame("offer") == {"type": "offer"}
    assert (await other.frame("chat"))["key"] == chat.key
    assert await other.receive_nothing(timeout=0.1)
    await mine.leave()
    await other.leave()


async def test_an_agent_who_becomes_free_is_offered_the_next_chat_at_once(agent) -> None:
    await in_db(on_duty)(agent, capacity=1)
    first, second = await in_db(start_chat)(visitor_key="a"), await in_db(start_chat)(visitor_key="b")
    offer = await ChatOffer.objects.select_related("conversation").aget(conversation=first)
    await in_db(offers.accept_offer)(offer, by=agent)
    assert not await ChatOffer.objects.filter(conversation=second).aexists()
    await in_db(actions.end_conversation)(first, party="visitor")
    assert await ChatOffer.objects.filter(conversation=second, agent=agent, state="pending").aexists()


async def test_a_colleague_who_lost_the_permission_is_put_out_of_a_chat_s_line(agent, second_agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    listener = await line(chat, second_agent)
    await listener.frame("state")
    await in_db(second_agent.groups.clear)()
    await in_db(actions.end_conversation)(chat, party="visitor")
    with pytest.raises(ConnectionError, match=str(FORBIDDEN)):
        await listener.frame("never")


async def test_a_note_reaches_staff_who_have_the_chat_open_and_never_the_visitor(agent, supervisor) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    staff, visitor = await line(chat, supervisor), await line(chat, None)
    for socket in (staff, visitor):
        await socket.frame("state")
    await in_db(notes.add_note)(chat, by=agent, text="客户情绪激动", client_id="8b6f3a52-5f3c-4f5e-9b57-0c9f8d7f9a11")
    assert (await staff.frame("note"))["text"] == "客户情绪激动"
    await in_db(say)(chat, "请稍等", sender="agent", by=agent)
    heard: list[dict[str, Any]] = []
    while not heard or heard[-1].get("text") != "请稍等":
        heard.append(await visitor.frame())
    assert not any(frame["type"] == "note" or "客户情绪激动" in str(frame) for frame in heard)
    await staff.leave()
    await visitor.leave()


async def test_a_supervisor_hears_without_being_seen_and_cannot_write(agent, supervisor) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    visitor = await line(chat, None)
    while not await visitor.receive_nothing(timeout=0.2):
        await visitor.receive_output()
    listener = await line(chat, supervisor)
    await listener.up(type="typing")
    await listener.up(type="receipt", kind="read", upto=2)
    await listener.up(type="message.send", client_id="8b6f3a52-5f3c-4f5e-9b57-0c9f8d7f9a12", text="我是主管")
    assert (await listener.frame("error"))["code"] == "not_allowed"
    assert await visitor.receive_nothing(timeout=0.2)
    assert await chat.messages.filter(sender="agent").acount() == 0
    assert await chat.receipts.acount() == 0
    await listener.leave()
    await visitor.leave()


async def line(chat: Any, user: Any) -> Socket:
    """Return a socket at a chat: staff, or its visitor by the link's secret."""
    query = b"" if user else f"token={chat.secret}".encode()
    scope = {
        "type": "websocket",
        "path": f"/ws/chat/{chat.key}/",
        "url_route": {"kwargs": {"key": chat.key}},
        "user": lazy(user or AnonymousUser()),
        "headers": [],
        "query_string": query,
    }
    socket = Socket(ChatConsumer.as_asgi(), scope)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(timeout=5))["type"] == "websocket.accept"
    return socket


async def test_colleagues_see_who_looks_and_who_writes_until_the_tab_is_closed(agent, second_agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    mine, other = await console(agent), await console(second_agent)
    await mine.frame("ready")
    await other.frame("ready")
    await other.up(type="show", key=chat.key, writing=False)
    assert (await mine.frame("viewers"))["key"] == chat.key
    assert await in_db(viewers_of)(chat, but=agent) == [{"name": "孙丽", "writing": False}]
    await other.up(type="show", key=chat.key, writing=True)
    await mine.frame("viewers")
    assert await in_db(viewers_of)(chat, but=agent) == [{"name": "孙丽", "writing": True}]
    assert await in_db(viewers_of)(chat, but=second_agent) == []
    await other.leave()
    await mine.frame("viewers")
    assert await in_db(viewers_of)(chat, but=agent) == []
    await mine.leave()
