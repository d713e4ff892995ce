"""Live chat on the real server, in either mode: nothing lost, nothing doubled, in order; who does not belong there is turned away."""

import asyncio
import json
import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from channels.db import database_sync_to_async
from websockets.asyncio.client import connect

from accounts.models import UserSession
from benchmarks.chat_client import ChatClient
from chat.frames import FORBIDDEN, NOT_FOUND, SIGNED_OUT, TOO_FAST
from chat.models import ChatMessage, Conversation
from tests.factories.chat import say, start_chat, taken_by
from tests.services.chat_servers import Network, Redis, Web, post, session_cookie, visit, visitor_cookie

in_db = database_sync_to_async
pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def web(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Web]:
    """One web process; with a Redis of its own in services mode."""
    redis = Redis() if os.environ.get("REDIS_URL") else None
    if redis:
        redis.start()
    with django_db_blocker.unblock():
        server = Web(tmp_path_factory.mktemp("web"), redis.url if redis else "")
        server.start()
    yield server
    server.stop()
    if redis:
        redis.stop()


def at(web: Web, key: str, headers: dict[str, str], **fields: Any) -> ChatClient:
    return ChatClient(lambda: web.socket_of(key), headers, web.origin, **fields)


def kept(conversation: Conversation) -> list[tuple[int, str]]:
    return list(ChatMessage.objects.filter(conversation=conversation).order_by("seq").values_list("seq", "text"))


async def test_two_tabs_at_once_lose_and_double_nothing(web) -> None:
    chat = await in_db(start_chat)()
    async with at(web, chat.key, visitor_cookie()) as one, at(web, chat.key, visitor_cookie()) as two:
        for number in range(15):
            one.write(f"甲{number}")
            two.write(f"乙{number}")
        for tab in (one, two):
            await tab.until(lambda tab=tab: len(tab.log) == 32)
    rows = await in_db(kept)(chat)
    assert [seq for seq, _text in rows] == list(range(1, 33))
    for tab in (one, two):
        assert [(seq, text) for seq, _client, text in tab.log] == rows and (tab.gaps, tab.doubled) == (0, 0)
    for mark in "甲乙":
        assert [text for _seq, text in rows if text.startswith(mark)] == [f"{mark}{number}" for number in range(15)]


async def test_the_same_frame_twice_is_kept_once(web) -> None:
    chat = await in_db(start_chat)()
    async with at(web, chat.key, visitor_cookie()) as tab, at(web, chat.key, visitor_cookie()) as other:
        await tab.until(lambda: tab.last == 2 and other.last == 2)
        number = str(uuid.uuid4())
        frame = json.dumps({"type": "message.send", "client_id": number, "kind": "text", "text": "一次"})
        await asyncio.gather(tab.raw(frame), other.raw(frame), tab.raw(frame))
        await tab.until(lambda: number in tab.acked and number in other.acked)
        assert tab.acked == other.acked == {number: 3}
    assert await in_db(kept)(chat) == [(1, chat.question), (2, (await in_db(kept)(chat))[1][1]), (3, "一次")]


async def test_who_was_away_gets_everything_in_order_and_what_was_written_meanwhile_goes_out(web, agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    phone = at(web, chat.key, visitor_cookie())
    async with phone:
        await phone.until(lambda: phone.last == 2)
    # The network is gone: the other side goes on writing, and so does the visitor.
    for number in range(30):
        await in_db(say)(chat, f"客服{number}", sender="agent", by=agent)
    for number in range(3):
        phone.write(f"访客{number}")
    assert phone.socket is None or phone.connects == 1
    async with phone:
        await phone.until(lambda: len(phone.acked) == 3 and len(phone.log) == 35)
    rows = await in_db(kept)(chat)
    assert [(seq, text) for seq, _client, text in phone.log] == rows
    assert [text for _seq, text in rows[-3:]] == ["访客0", "访客1", "访客2"] and (phone.gaps, phone.doubled) == (0, 0)


@pytest.mark.parametrize("given_up", [False, True], ids=["short", "past the server's patience"])
async def test_a_lost_network_loses_and_doubles_nothing_on_either_side(web, agent, given_up) -> None:
    """A phone in a lift: no byte passes and nothing is closed. HEARTH_OFFLINE_SECONDS=60 waits as long as people do."""
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    seconds = float(os.environ.get("HEARTH_OFFLINE_SECONDS", "0.5"))
    desk_cookie = await in_db(session_cookie)(agent)
    async with Network(web) as network:
        phone = ChatClient(lambda: network.socket_of(chat.key), visitor_cookie(), web.origin)
        async with phone, at(web, chat.key, desk_cookie) as desk:
            await phone.until(lambda: phone.last == 2 and desk.last == 2)
            network.lose()
            phone.write("访客0")  # goes out into nothing
            for number in range(10):
                desk.write(f"客服{number}")
            await desk.until(lambda: len(desk.acked) == 10)
            phone.write("访客1")
            await asyncio.sleep(seconds)
            assert phone.last == 2 and not phone.acked and desk.last == 12
            if given_up:
                network.server_gives_up()
            network.come_back()
            for side in (phone, desk):
                await side.until(lambda side=side: len(side.log) == 14)
    rows = await in_db(kept)(chat)
    assert [text for _seq, text in rows[2:]] == [*(f"客服{number}" for number in range(10)), "访客0", "访客1"]
    for side in (phone, desk):
        assert [(seq, text) for seq, _client, text in side.log] == rows and (side.gaps, side.doubled) == (0, 0)
    assert phone.connects == (2 if given_up or seconds > 30 else 1)


async def test_cut_lines_lose_and_double_nothing(web, agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    desk_cookie = await in_db(session_cookie)(agent)
    async with at(web, chat.key, visitor_cookie()) as phone, at(web, chat.key, desk_cookie) as desk:
        for number in range(20):
            phone.write(f"访客{number}")
            desk.write(f"客服{number}")
            await asyncio.sleep(0.03)
            if number % 5 == 4:
                await (phone if number % 2 else desk).cut()
        for side in (phone, desk):
            await side.until(lambda side=side: len(side.log) == 42)
    rows = await in_db(kept)(chat)
    assert phone.connects > 1 and desk.connects > 1
    for side in (phone, desk):
        assert [(seq, text) for seq, _client, text in side.log] == rows and (side.gaps, side.doubled) == (0, 0)
    for mark in ("访客", "客服"):
        assert [text for _seq, text in rows if text.startswith(mark)] == [f"{mark}{number}" for number in range(20)]


async def test_a_frame_of_a_megabyte_closes_the_socket_and_nothing_else(web) -> None:
    chat = await in_db(start_chat)()
    async with at(web, chat.key, visitor_cookie()) as big, at(web, chat.key, visitor_cookie()) as other:
        await big.until(lambda: big.last == 2 and other.last == 2)
        await big.raw(json.dumps({"type": "message.send", "client_id": str(uuid.uuid4()), "text": "x" * 1_000_000}))
        await big.until(lambda: big.closed_with == 1009)
        other.write("还在")
        await other.until(lambda: other.last == 3)
        await big.until(lambda: big.last == 3)
    assert len(await in_db(kept)(chat)) == 3


async def test_a_flood_is_refused_with_words_closed_and_no_accepted_message_is_lost(web) -> None:
    chat = await in_db(start_chat)()
    async with at(web, chat.key, visitor_cookie()) as flood, at(web, chat.key, visitor_cookie()) as other:
        await flood.until(lambda: flood.last == 2 and other.last == 2)
        for number in range(200):
            frame = {"type": "message.send", "client_id": str(uuid.uuid4()), "kind": "text", "text": f"flut {number}"}
            await flood.raw(json.dumps(frame))
        for _burst in range(300):
            # Frames that cost the server nothing: however slow the machine, these are too many.
            for _frame in range(50):
                await flood.raw('{"type": "typing"}')
            await asyncio.sleep(0.1)
            if flood.closed_with == TOO_FAST:
                break
        await flood.until(lambda: flood.closed_with == TOO_FAST)
        accepted = set(flood.acked)
        refused = [error for error in flood.errors if error["code"] == "too_fast"]
        assert refused and all(error["text"] and error["retry_after"] >= 0 for error in refused)
        other.write("别人照常")
        await other.until(lambda: other.acked)
    numbers = set(map(str, await in_db(lambda: list(ChatMessage.objects.filter(conversation=chat).values_list("client_id", flat=True)))()))
    assert accepted <= numbers and {error["client_id"] for error in refused if error["client_id"]}.isdisjoint(numbers)
    assert [seq for seq, _text in await in_db(kept)(chat)] == list(range(1, len(numbers) + 1))


async def test_outsiders_are_closed_without_learning_whether_it_exists(web, customer) -> None:
    chat = await in_db(start_chat)()
    stranger, member = visitor_cookie("somebody-else"), await in_db(session_cookie)(customer)
    for key, headers in ((chat.key, stranger), (chat.key, {}), (chat.key, member), ("guessed-address", visitor_cookie())):
        async with at(web, key, headers) as outsider:
            await outsider.until(lambda outsider=outsider: outsider.closed_with)
        assert outsider.closed_with == NOT_FOUND and not outsider.log and [error["code"] for error in outsider.errors] == ["not_found"]


async def test_a_page_of_another_site_cannot_open_the_socket(web) -> None:
    chat = await in_db(start_chat)()
    async with ChatClient(lambda: web.socket_of(chat.key), visitor_cookie(), "https://elsewhere.example") as foreign:
        await asyncio.sleep(1)
    assert not foreign.log and not foreign.connects


async def test_the_session_of_a_closed_account_is_turned_away(web, customer, agent) -> None:
    chat = await in_db(lambda: start_chat(contact=customer.contacts.get(), visitor_key="", by=customer))()
    cookie = await in_db(session_cookie)(customer)
    async with at(web, chat.key, cookie) as member:
        await member.until(lambda: member.last == 2)
        await in_db(type(customer).objects.filter(pk=customer.pk).update)(is_active=False)
        member.write("还有问题")
        await member.until(lambda: member.closed_with == FORBIDDEN)
    async with at(web, chat.key, cookie) as again:
        await again.until(lambda: again.closed_with)
    assert again.closed_with == NOT_FOUND and not again.log
    assert len(await in_db(kept)(chat)) == 2


async def test_a_device_that_is_signed_out_from_another_one_hears_nothing_more(web, customer, agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(contact=customer.contacts.get(), visitor_key="", by=customer), agent))()
    phone, computer = await in_db(session_cookie)(customer), await in_db(session_cookie)(customer)
    async with at(web, chat.key, phone) as lost, at(web, chat.key, computer) as kept_on:
        await lost.until(lambda: lost.last == 2 and kept_on.last == 2)
        # Visiting a page notes the device; its row has the key that signs it out.
        await asyncio.to_thread(visit, web, "/zh-hans/my/", phone)
        device = await in_db(lambda: UserSession.objects.get(session_key=phone["Cookie"].partition("=")[2]).key)()
        assert await asyncio.to_thread(post, web, f"/zh-hans/my/settings/devices/{device}/end/", computer) == 302
        await lost.until(lambda: lost.closed_with == NOT_FOUND)
        kept_on.write("这台还在")
        await kept_on.until(lambda: kept_on.last == 3)
    # Told once that it is signed out, it knocks once more and finds the door shut.
    assert lost.codes[0] == SIGNED_OUT and lost.last == 2 and lost.errors[0]["code"] == "signed_out"
    assert kept_on.codes == [] or SIGNED_OUT not in kept_on.codes


async def test_who_signs_out_at_the_desk_is_cut_from_chats_console_and_desk(web, agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    cookie = await in_db(session_cookie)(agent)
    origin = web.origin.replace("http", "ws", 1)
    async with (
        at(web, chat.key, cookie) as desk,
        connect(f"{origin}/ws/desk-chat/", additional_headers=cookie, origin=web.origin) as console,
        connect(f"{origin}/ws/desk/", additional_headers=cookie, origin=web.origin) as notices,
    ):
        await desk.until(lambda: desk.last == 2)
        for socket in (console, notices):
            assert json.loads(await socket.recv())["type"] == "ready"
        assert await asyncio.to_thread(post, web, "/accounts/logout/", cookie) == 302
        await desk.until(lambda: SIGNED_OUT in desk.codes)
        for socket in (console, notices):
            async with asyncio.timeout(20):
                await socket.wait_closed()
            assert socket.close_code == SIGNED_OUT
        await desk.until(lambda: desk.closed_with == NOT_FOUND)


async def test_an_agent_whose_role_is_taken_is_turned_out_with_the_next_word(web, agent) -> None:
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    async with at(web, chat.key, await in_db(session_cookie)(agent)) as desk:
        await desk.until(lambda: desk.last == 2)
        await in_db(agent.groups.clear)()
        desk.write("我还能写吗")
        await desk.until(lambda: desk.closed_with == FORBIDDEN)
    assert len(await in_db(kept)(chat)) == 2


async def test_fifty_tabs_of_one_visitor_share_one_conversation(web) -> None:
    chat = await in_db(start_chat)()
    tabs = [at(web, chat.key, visitor_cookie()) for _number in range(50)]
    async with asyncio.TaskGroup() as group:
        for tab in tabs:
            group.create_task(tab.__aenter__())
    try:
        for tab in tabs:
            await tab.until(lambda tab=tab: tab.last == 2, seconds=60)
        tabs[0].write("大家好")
        for tab in tabs:
            await tab.until(lambda tab=tab: tab.last == 3)
    finally:
        for tab in tabs:
            await tab.__aexit__()
    assert all(tab.log[-1][2] == "大家好" and (tab.gaps, tab.doubled) == (0, 0) for tab in tabs)
    assert await in_db(Conversation.objects.count)() == 1
