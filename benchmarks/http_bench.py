"""`make bench`: requests a second and p50/p95 of the product's pages on one uvicorn process, beside a bare page and a bare view.

All addresses are asked in turn, in several rounds, so that a busy moment of the machine touches all of them alike. Throughput is
taken with several connections that are kept busy, latency with a single one.
"""

import argparse
import asyncio
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"


@dataclass
class Target:
    """One address to measure, and what was measured of it."""

    name: str
    path: str
    cookie: str = ""
    latencies: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    size: int = 0

    @property
    def rate(self) -> float:
        """Median requests a second of all rounds."""
        return statistics.median(self.rates)

    def quantile(self, share: float) -> float:
        """Latency in milliseconds below which this share of the requests stayed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


class Connection:
    """A kept-alive HTTP/1.1 connection that counts bytes and throws them away."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def get(self, target: Target) -> int:
        """Ask once; return the size of the body. Raises RuntimeError for anything but 200."""
        if self.writer is None or self.writer.is_closing():
            self.reader, self.writer = await asyncio.open_connection(HOST, self.port)
        lines = [f"GET {target.path} HTTP/1.1", f"Host: localhost:{self.port}", "Accept: text/html", "Accept-Language: zh-CN"]
        if target.cookie:
            lines.append(f"Cookie: {target.cookie}")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in head.split("\r\n")[1:])}
        body = await self._body(headers)
        if headers.get("connection", "").lower() == "close":
            self.close()
        if status != 200:
            raise RuntimeError(f"{target.name}: {target.path} answered {status} {headers.get('location', '')}")
        return len(body)

    async def _body(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return await self.reader.readexactly(int(headers["content-length"]))
        parts = []
        while size := int(await self.reader.readline(), 16):
            parts.append(await self.reader.readexactly(size))
            await self.reader.readline()
        await self.reader.readline()
        return b"".join(parts)

    def close(self) -> None:
        """Close; the next request opens anew."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None


async def measure_round(target: Target, port: int, *, single: int, seconds: float, connections: int) -> None:
    """Add one round to a target: `single` requests one after the other, then `connections` busy for `seconds`."""
    one = Connection(port)
    target.size = await one.get(target)
    for _ in range(single):
        began = time.perf_counter()
        await one.get(target)
        target.latencies.append(time.perf_counter() - began)
    one.close()
    done = 0
    began = time.perf_counter()

    async def busy() -> None:
        nonlocal done
        connection = Connection(port)
        while time.perf_counter() - began < seconds:
            await connection.get(target)
            done += 1
        connection.close()

    await asyncio.gather(*(busy() for _ in range(connections)))
    target.rates.append(done / (time.perf_counter() - began))


def prepare() -> list[Target]:
    """Make the demo where it is missing and choose what to measure: the longest guide, a common question, an agent's queue."""
    subprocess.run([sys.executable, "manage.py", "start", "--prepare-only"], cwd=ROOT, check=True)
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore

    from kb.models import GuidePage
    from portal.demo.data import read

    guides = GuidePage.objects.live().filter(locale__language_code="zh-hans")
    guide = max(guides, key=lambda page: len(json.dumps(page.body.get_prep_value())))
    path = guide.url.split("://")[-1]
    path = path[path.index("/") :]
    inner = path.removeprefix("/zh-hans/")
    agent_mail = next(row["email"] for row in read("people")["staff"] if row["role"] == "agent")
    agent = get_user_model().objects.get(email=agent_mail)
    session = SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.save()
    question = quote("洗衣机不排水")
    return [
        Target("bare Django view", "/bare/view/"),
        Target("bare Wagtail page", f"/bare/page/{inner}", cookie=f"{settings.LANGUAGE_COOKIE_NAME}=zh-hans"),
        Target("article", path),
        Target("article built anew", f"{path}?q={question}"),
        Target("home", "/zh-hans/"),
        Target("results", f"/zh-hans/search/?q={question}"),
        Target("suggest", f"/zh-hans/search/suggest/?q={question}"),
        Target("help form", "/zh-hans/help/"),
        Target("queue", "/desk/queue/", cookie=f"{settings.SESSION_COOKIE_NAME}={session.session_key}"),
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _wait(port: int, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise SystemExit("the server stopped; see its messages above")
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("the server did not start within 60 s")


def table(targets: list[Target]) -> str:
    """Return the figures as a Markdown table, with each page's rate against the bare page."""
    bare = next(target.rate for target in targets if target.name == "bare Wagtail page")
    lines = ["| page | requests/s | p50 ms | p95 ms | KB | × bare page |", "|---|--:|--:|--:|--:|--:|"]
    lines += [
        f"| {target.name} | {target.rate:.0f} | {target.quantile(0.5):.1f} | {target.quantile(0.95):.1f} "
        f"| {target.size / 1024:.0f} | {target.rate / bare:.2f} |"
        for target in targets
    ]
    return "\n".join(lines)


async def run(targets: list[Target], port: int, options: argparse.Namespace) -> None:
    """Warm everything up, then measure in rounds."""
    for target in targets:
        warm = Connection(port)
        for _ in range(15):
            await warm.get(target)
        warm.close()
    for _ in range(options.rounds):
        for target in targets:
            await measure_round(target, port, single=options.single, seconds=options.seconds, connections=options.connections)


def main() -> None:
    """Prepare, serve, measure, print; `--json FILE` keeps the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--single", type=int, default=40, help="requests one after the other in a round")
    parser.add_argument("--seconds", type=float, default=1.5, help="seconds of full load in a round")
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--pages", default="", help="only these, with commas (the bare ones always run)")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ.setdefault("HEARTH_DEMO", "1")
    os.environ.setdefault("HEARTH_DATA_DIR", str(ROOT / "var" / "bench"))
    os.environ.setdefault("HEARTH_LOG_LEVEL", "WARNING")
    wanted = {name.strip() for name in options.pages.split(",") if name.strip()}
    targets = [target for target in prepare() if not wanted or target.name in wanted or target.name.startswith("bare")]
    port = _free_port()
    command = ["uvicorn", "portal.asgi:application", "--host", HOST, "--port", str(port), "--log-level", "warning", "--lifespan", "off"]
    server = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT)
    try:
        _wait(port, server)
        asyncio.run(run(targets, port, options))
    finally:
        server.terminate()
        server.wait(timeout=20)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, one process, {options.connections} connections")
    print(table(targets))
    if options.json:
        figures = {t.name: {"rate": t.rate, "p50_ms": t.quantile(0.5), "p95_ms": t.quantile(0.95), "bytes": t.size} for t in targets}
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
