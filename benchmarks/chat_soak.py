"""`python -m benchmarks.chat_soak`: live chat under load and under fire, on the real server, Redis and PostgreSQL.

    soak    N conversations of two talk for M seconds while sockets are cut, Redis is restarted twice and a web process is killed;
            prints what was lost, doubled or out of order (all must be 0)
    echo    p50/p95 from writing to the message coming back, at `--sockets` open sockets
    rate    messages a second, beside a raw consumer (chat_raw.py) on the same layer, database and number of processes;
            `--as agent` lets the agent of each conversation write (session, permission and whose chat it is are asked each time),
            `--as guest` (the default) its visitor, `--as both` one of each
    idle    idle sockets held, and the memory each takes

Needs DATABASE_URL (a scratch database: it is migrated and filled) and `redis-server` on the path; the Redis is its own.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import time
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
os.environ.setdefault("HEARTH_LOG_LEVEL", "ERROR")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import Permission  # noqa: E402
from django.core import signing  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.chat_client import ChatClient  # noqa: E402
from benchmarks.servers import Redis, Web, memory_of  # noqa: E402
from chat.actions import start_conversation  # noqa: E402
from chat.models import ChatMessage, Conversation  # noqa: E402
from core.visitors import COOKIE  # noqa: E402


def visitor(key: str) -> dict[str, str]:
    """Return the headers of a browser with this visitor key."""
    return {"Cookie": f"{COOKIE}={signing.Signer(salt='hearth.visitor').sign(key)}"}


def make_conversations(count: int) -> list[tuple[int, str, str]]:
    """Start conversations; return (pk, key, visitor key). Two browsers with one key are its two sides."""
    from wagtail.models import Site

    from chat.models import ChatSettings
    from core.models import BusinessCalendar
    from tickets.defaults import load_defaults

    if not BusinessCalendar.objects.exists():
        load_defaults()
    ChatSettings.objects.update_or_create(site=Site.objects.get(is_default_site=True), defaults={"most_waiting": 30_000})
    made = []
    for _number in range(count):
        key = uuid.uuid4().hex
        row = start_conversation(question="soak", visitor_key=key)
        made.append((row.pk, row.key, key))
    # Nobody waits: the queue's figures are another question.
    agent = _agent()
    Conversation.objects.filter(pk__in=[pk for pk, _key, _visitor in made]).update(status="active", agent=agent, accepted_at=timezone.now())
    return made


def _agent() -> Any:
    from accounts.models import User

    found = User.objects.filter(email="soak@example.com").first()
    if found is None:
        found = User(name="Soak", email="soak@example.com", is_staff=True)
        found.set_unusable_password()
        found.save()
        found.user_permissions.add(*Permission.objects.filter(codename__in=["work_desk", "work_chat"]))
    return found


def agent_session() -> dict[str, str]:
    """Return the headers of a browser in which the agent of every conversation is signed in."""
    client = Client()
    client.force_login(_agent(), backend="allauth.account.auth_backends.AuthenticationBackend")
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


def side(webs: list[Web], key: str, browser: str) -> ChatClient:
    """Return one side of a conversation; it goes to any process that is alive."""

    def address() -> str:
        alive = [web for web in webs if web.process is not None]
        return random.choice(alive or webs).socket_of(key)

    return ChatClient(address, visitor(browser), webs[0].origin)


async def open_all(clients: list[ChatClient], *, at_once: int = 50) -> None:
    """Connect many clients, a few at a time, and wait until each has its history."""
    for begin in range(0, len(clients), at_once):
        batch = clients[begin : begin + at_once]
        await asyncio.gather(*(client.__aenter__() for client in batch))
        await asyncio.gather(*(client.until(lambda client=client: client.last >= 2, seconds=120) for client in batch))


async def close_all(clients: list[ChatClient]) -> None:
    """Hang up everywhere."""
    await asyncio.gather(*(client.__aexit__() for client in clients))


async def soak(webs: list[Web], redis: Redis, *, pairs: int, seconds: int, pause: float) -> dict[str, Any]:
    """Let pairs talk while things break; return the count of what went wrong."""
    rooms = await asyncio.to_thread(make_conversations, pairs)
    clients = [(side(webs, key, browser), side(webs, key, browser)) for _pk, key, browser in rooms]
    everybody = [client for pair in clients for client in pair]
    await open_all(everybody)
    began, written = time.monotonic(), {id(client): [] for client in everybody}

    async def talk(client: ChatClient, name: str) -> None:
        number = 0
        while time.monotonic() - began < seconds:
            written[id(client)].append(client.write(f"{name}{number}"))
            number += 1
            await asyncio.sleep(pause * (0.5 + random.random()))

    async def cut() -> None:
        while time.monotonic() - began < seconds:
            await asyncio.sleep(max(0.02, 4 / len(everybody)))
            await random.choice(everybody).cut()

    async def break_servers() -> None:
        restart = min(3.0, seconds * 0.05)
        for share in (0.25, 0.2):
            await asyncio.sleep(seconds * share)
            await asyncio.to_thread(redis.stop)
            await asyncio.sleep(restart)
            await asyncio.to_thread(redis.start)
        await asyncio.sleep(seconds * 0.15)
        if len(webs) > 1:
            await asyncio.to_thread(webs[-1].kill)
            await asyncio.sleep(min(5.0, seconds * 0.1))
            await asyncio.to_thread(webs[-1].start)

    talkers = [talk(client, "ab"[index]) for pair in clients for index, client in enumerate(pair)]
    await asyncio.gather(*talkers, cut(), break_servers())
    waited = time.monotonic()
    for pair, (_pk, key, _browser) in zip(clients, rooms, strict=True):
        total = 2 + sum(len(written[id(client)]) for client in pair)
        for client in pair:
            try:
                await client.until(lambda client=client, total=total: client.last >= total and not client.outbox, seconds=90)
            except TimeoutError:
                print(f"  {key}: {client.last} of {total}, {len(client.outbox)} not sent, errors {client.errors[-1:]}")
    settled = time.monotonic() - waited
    await close_all(everybody)
    return {**await asyncio.to_thread(judge, rooms, clients, written), "seconds_to_settle": round(settled, 1)}


def judge(rooms: list[Any], clients: list[Any], written: dict[int, list[str]]) -> dict[str, Any]:
    """Compare what was written, what is kept and what each side saw."""
    found = {"written": 0, "lost": 0, "doubled": 0, "out_of_order": 0, "not_seen": 0, "gaps": 0, "reconnects": 0}
    for (pk, _key, _browser), pair in zip(rooms, clients, strict=True):
        rows = list(ChatMessage.objects.filter(conversation_id=pk).order_by("seq").values_list("seq", "client_id", "text"))
        kept = [str(number) for _seq, number, _text in rows]
        found["gaps"] += [seq for seq, _number, _text in rows] != list(range(1, len(rows) + 1))
        found["doubled"] += len(kept) - len(set(kept))
        for client in pair:
            mine = written[id(client)]
            found["written"] += len(mine)
            found["lost"] += len(set(mine) - set(kept))
            found["out_of_order"] += [number for number in kept if number in set(mine)] != mine
            seen = [number for _seq, number, _text in client.log]
            found["not_seen"] += len(set(kept) - set(seen))
            found["doubled"] += len(seen) - len(set(seen)) + client.doubled
            found["out_of_order"] += seen != sorted(seen, key=dict(zip(kept, range(len(kept)), strict=True)).get)
            found["gaps"] += client.gaps
            found["reconnects"] += client.connects - 1
    return found


async def echo(webs: list[Web], *, sockets: int, seconds: int) -> dict[str, Any]:
    """Measure writing to coming back while `sockets` are open and each writes every few seconds."""
    rooms = await asyncio.to_thread(make_conversations, max(1, sockets // 2))
    clients = [side(webs, key, browser) for _pk, key, browser in rooms for _side in range(2)][:sockets]
    await open_all(clients)
    began = time.monotonic()

    async def talk(client: ChatClient) -> None:
        await asyncio.sleep(random.random() * 4)
        while time.monotonic() - began < seconds:
            client.write("echo")
            await asyncio.sleep(3 + 2 * random.random())

    await asyncio.gather(*(talk(client) for client in clients))
    await asyncio.sleep(1)
    times = sorted(value * 1000 for client in clients for value in client.echo)
    await close_all(clients)
    return {"sockets": len(clients), "messages": len(times), "p50_ms": quantile(times, 0.5), "p95_ms": quantile(times, 0.95)}


def quantile(ordered: list[float], share: float) -> float:
    """Return the value below which this share lies."""
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else 0.0


async def rate(webs: list[Web], *, pairs: int, seconds: int, raw: bool, writers: str = "guest") -> float:
    """Return messages a second that are acknowledged when every client keeps one on its way.

    Args:
        writers: who they are in the product: `guest`, `agent` or `both` (one of each a conversation).
    """
    agent = {} if raw or writers == "guest" else await asyncio.to_thread(agent_session)
    rooms = [(0, uuid.uuid4().hex, "raw") for _pair in range(pairs)] if raw else await asyncio.to_thread(make_conversations, pairs)
    from websockets.asyncio.client import connect

    counted = 0
    until = 0.0

    async def run(key: str, headers: dict[str, str], web: Web, ready: asyncio.Event, go: asyncio.Event) -> None:
        nonlocal counted
        address = f"{web.socket_of(key)}?after=2"
        async with connect(address, additional_headers=headers, origin=web.origin, ping_interval=None) as socket:  # type: ignore[arg-type]
            ready.set()
            await go.wait()
            while time.monotonic() < until:
                number = str(uuid.uuid4())
                await socket.send(json.dumps({"type": "message.send", "client_id": number, "kind": "text", "text": "rate"}))
                while (frame := json.loads(await socket.recv()))["type"] not in {"ack", "error"} or frame["client_id"] != number:
                    pass
                if frame["type"] == "ack":
                    counted += 1
                else:
                    await asyncio.sleep(frame.get("retry_after", 0.05))

    go, waits, tasks = asyncio.Event(), [], []
    for index, (_pk, key, browser) in enumerate(rooms):
        for half in range(2):
            ready = asyncio.Event()
            waits.append(ready.wait())
            desk = bool(agent) and (writers == "agent" or half == 1)
            headers = agent if desk else visitor(browser)
            tasks.append(asyncio.create_task(run(key, headers, webs[(index + half) % len(webs)], ready, go)))
    await asyncio.gather(*waits)
    until = time.monotonic() + seconds
    go.set()
    await asyncio.gather(*tasks)
    return round(counted / seconds, 1)


async def idle(webs: list[Web], *, sockets: int) -> dict[str, Any]:
    """Hold idle sockets and weigh them."""
    rooms = await asyncio.to_thread(make_conversations, max(1, sockets // 2))
    clients = [side(webs, key, browser) for _pk, key, browser in rooms for _side in range(2)][:sockets]
    warm = [side(webs, key, browser) for _pk, key, browser in rooms[:40]]  # what a process loads once is not a socket's
    await open_all(warm)
    await close_all(warm)
    before = sum(memory_of(web) for web in webs)
    await open_all(clients)
    await asyncio.sleep(3)
    held = sum(client.socket is not None for client in clients)
    after = sum(memory_of(web) for web in webs)
    await close_all(clients)
    return {"asked": len(clients), "held": held, "kib_per_socket": round((after - before) / max(1, held), 1)}


def prepare(folder: Path) -> None:
    """Migrate the scratch database and make the raw consumer's table."""
    call_command("migrate", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS chat_raw (id BIGSERIAL PRIMARY KEY, room TEXT, number TEXT, text TEXT)")
    connections.close_all()
    folder.mkdir(parents=True, exist_ok=True)


def main() -> int:
    """Run the parts that were asked for; return 1 when something was lost, doubled or out of order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["soak", "echo", "rate", "idle"], help="soak, echo, rate, idle (all by default)")
    parser.add_argument("--pairs", type=int, default=50, help="conversations of two")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two messages of one side in the soak")
    parser.add_argument("--sockets", type=int, default=200, help="open sockets while the echo is measured")
    parser.add_argument("--idle", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--as", dest="writers", choices=["guest", "agent", "both"], default="guest", help="who writes in `rate`")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if connection.vendor != "postgresql":
        parser.error("DATABASE_URL must name a PostgreSQL scratch database")
    folder = ROOT / "var" / "chat-soak"
    prepare(folder)
    redis = Redis()
    redis.start()
    results: dict[str, Any] = {}
    try:
        webs = [Web(folder / str(number), redis.url) for number in range(options.processes)]
        for web in webs:
            web.start()
        for part in options.parts:
            print(f"{part} …", flush=True)
            if part == "soak":
                results[part] = asyncio.run(soak(webs, redis, pairs=options.pairs, seconds=options.seconds, pause=options.pause))
            elif part == "echo":
                results[part] = asyncio.run(echo(webs, sockets=options.sockets, seconds=min(options.seconds, 60)))
            elif part == "idle":
                results[part] = asyncio.run(idle(webs, sockets=options.idle))
            elif part == "rate":
                seconds = min(options.seconds, 20)
                results[part] = compare(webs, folder, redis, pairs=options.pairs, seconds=seconds, writers=options.writers)
            print(f"  {json.dumps(results[part])}", flush=True)
        for web in webs:
            web.stop()
    finally:
        redis.stop()
    if options.json:
        print(json.dumps({"machine": f"{os.cpu_count()} cores", **results}))
    wrong = results.get("soak", {})
    return int(any(wrong.get(name, 0) for name in ("lost", "doubled", "out_of_order", "not_seen", "gaps")))


def compare(webs: list[Web], folder: Path, redis: Redis, *, pairs: int, seconds: int, writers: str = "guest") -> dict[str, Any]:
    """Measure the product and the raw consumer in turn, three times each, on as many processes."""
    raw = [Web(folder / f"raw{number}", redis.url, application="benchmarks.chat_raw:application") for number in range(len(webs))]
    for web in raw:
        web.start()
    ours, theirs = [], []
    try:
        for _round in range(3):
            ours.append(asyncio.run(rate(webs, pairs=pairs, seconds=seconds, raw=False, writers=writers)))
            theirs.append(asyncio.run(rate(raw, pairs=pairs, seconds=seconds, raw=True)))
    finally:
        for web in raw:
            web.stop()
    mine, other = statistics.median(ours), statistics.median(theirs)
    figures = {"per_second": mine, "raw_per_second": other, "share_of_raw": round(mine / max(1, other), 2)}
    return {"processes": len(webs), "as": writers, **figures}


if __name__ == "__main__":
    sys.exit(main())
