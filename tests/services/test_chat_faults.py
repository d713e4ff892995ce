"""Live chat while servers die: Redis is restarted, one of two web processes is killed; nothing is lost, doubled or out of order."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from channels.db import database_sync_to_async

from benchmarks.chat_client import ChatClient
from chat.models import ChatMessage, Conversation
from tests.factories.chat import start_chat, taken_by
from tests.services.chat_servers import Redis, Web, session_cookie, visitor_cookie

in_db = database_sync_to_async
pytestmark = [pytest.mark.services, pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def redis() -> Iterator[Redis]:
    """A Redis of this test's own."""
    server = Redis()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def webs(redis, tmp_path, transactional_db) -> Iterator[list[Web]]:
    """Two web processes that share it."""
    servers = [Web(tmp_path / name, redis.url) for name in ("one", "two")]
    for server in servers:
        server.start()
    yield servers
    for server in servers:
        server.stop()


def kept(conversation: Conversation) -> list[tuple[int, str]]:
    return list(ChatMessage.objects.filter(conversation=conversation).order_by("seq").values_list("seq", "text"))


def check(side: ChatClient, rows: list[tuple[int, str]], mark: str, count: int) -> None:
    assert [(seq, text) for seq, _client, text in side.log] == rows
    assert [seq for seq, _text in rows] == list(range(1, len(rows) + 1))
    assert [text for _seq, text in rows if text.startswith(mark)] == [f"{mark}{number}" for number in range(count)]
    assert (side.gaps, side.doubled) == (0, 0)


async def pair(webs: list[Web], agent: Any) -> tuple[Conversation, ChatClient, ChatClient]:
    """Return a conversation with its visitor on the first process and its agent on the second."""
    chat = await in_db(lambda: taken_by(start_chat(), agent))()
    cookie = await in_db(session_cookie)(agent)
    visitor = ChatClient(lambda: webs[0].socket_of(chat.key), visitor_cookie(), webs[0].origin)
    desk = ChatClient(lambda: webs[1].socket_of(chat.key), cookie, webs[1].origin)
    return chat, visitor, desk


async def test_a_restart_of_redis_loses_nothing_and_both_sides_go_on(webs, redis, agent) -> None:
    chat, visitor, desk = await pair(webs, agent)
    async with visitor, desk:
        await visitor.until(lambda: visitor.last == 2 and desk.last == 2)
        for number in range(30):
            visitor.write(f"访客{number}")
            desk.write(f"客服{number}")
            await asyncio.sleep(0.05)
            if number == 10:
                redis.stop()
            if number == 20:
                redis.start()
        for side in (visitor, desk):
            await side.until(lambda side=side: len(side.log) == 62, seconds=60)
        assert desk.connects == 1, "the socket need not fall with Redis"
        rows = await in_db(kept)(chat)
        check(visitor, rows, "访客", 30)
        check(desk, rows, "客服", 30)
        # And pushes arrive again by themselves, without anybody asking.
        desk.write("又通了")
        await visitor.until(lambda: visitor.log[-1][2] == "又通了")


async def test_what_was_pushed_into_a_dead_redis_is_caught_up_without_a_word_from_the_client(webs, redis, agent) -> None:
    chat, visitor, desk = await pair(webs, agent)
    async with visitor, desk:
        await visitor.until(lambda: visitor.last == 2 and desk.last == 2)
        redis.stop()
        desk.write("没推到")
        await desk.until(lambda: desk.acked)
        assert visitor.last == 2
        redis.start()
        await visitor.until(lambda: visitor.last == 3, seconds=30)
    assert visitor.log[-1][2] == "没推到" and len(await in_db(kept)(chat)) == 3


async def test_a_killed_web_process_loses_nothing_and_its_people_move_to_the_other(webs, agent) -> None:
    chat, visitor, desk = await pair(webs, agent)
    alive = [webs[0]]
    visitor.address = lambda: alive[-1].socket_of(chat.key)
    async with visitor, desk:
        await visitor.until(lambda: visitor.last == 2 and desk.last == 2)
        for number in range(30):
            visitor.write(f"访客{number}")
            desk.write(f"客服{number}")
            await asyncio.sleep(0.05)
            if number == 12:
                webs[0].kill()
                alive.append(webs[1])
        for side in (visitor, desk):
            await side.until(lambda side=side: len(side.log) == 62, seconds=60)
    rows = await in_db(kept)(chat)
    check(visitor, rows, "访客", 30)
    check(desk, rows, "客服", 30)
    assert visitor.connects > 1
