"""Who knocks at the real server and by which way: the cookies of browsers, and a network that may be lost."""

import asyncio
import http.client
from typing import Any

from django.core import signing
from django.test import Client

from benchmarks.servers import Redis, Web
from core.visitors import COOKIE
from tests.factories.chat import VISITOR

__all__ = ["Network", "Redis", "Web", "post", "session_cookie", "visit", "visitor_cookie"]


def visitor_cookie(key: str = VISITOR) -> dict[str, str]:
    """Return the headers of a browser with this visitor key."""
    return {"Cookie": f"{COOKIE}={signing.Signer(salt='hearth.visitor').sign(key)}"}


def session_cookie(user: Any) -> dict[str, str]:
    """Return the headers of a browser in which somebody is signed in."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return {"Cookie": f"hearth_session={client.cookies['hearth_session'].value}"}


def visit(web: Web, path: str, headers: dict[str, str]) -> str:
    """Open a page of the real server and return the cookie of its form token."""
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
    line.request("GET", path, headers={**headers, "Host": web.origin.partition("//")[2]})
    answer = line.getresponse()
    answer.read()
    line.close()
    kept = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie" and "csrf" in value.lower()]
    return kept[0] if kept else ""


def post(web: Web, path: str, headers: dict[str, str]) -> int:
    """Press a button of the real server as the browser with these cookies does; returns the status."""
    token = visit(web, "/zh-hans/help/", {})
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
    cookies = {"Cookie": f"{headers['Cookie']}; {token}", "Host": web.origin.partition("//")[2], "Origin": web.origin}
    line.request("POST", path, body="", headers={**headers, **cookies, "X-CSRFToken": token.partition("=")[2]})
    status = line.getresponse().status
    line.close()
    return status


class Network:
    """The way between a browser and the server, which may be lost: nothing passes, nothing is closed, nobody new gets through."""

    def __init__(self, web: Web) -> None:
        self.web, self.port = web, 0
        self.whole = asyncio.Event()
        self.whole.set()
        self.lines: list[asyncio.StreamWriter] = []
        self.work: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> "Network":
        """Take connections on a port of its own."""
        self.server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Let go of everything."""
        self.server.close()
        for task in self.work:
            task.cancel()

    def socket_of(self, key: str) -> str:
        """Return the address of a conversation's socket by this way."""
        return self.web.socket_of(key).replace(str(self.web.port), str(self.port))

    def lose(self) -> None:
        """From now on nothing passes."""
        self.whole.clear()

    def server_gives_up(self) -> None:
        """The server has had no sign of life for too long (uvicorn: 40 seconds) and closes its ends; nobody here learns of it yet."""
        for line in self.lines:
            line.transport.abort()

    def come_back(self) -> None:
        """What was closed meanwhile is closed here now, the rest goes on."""
        self.whole.set()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole.is_set():
            writer.transport.abort()
            return
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.web.port)
        self.lines.append(to_server)
        for pair in ((reader, to_server), (from_server, writer)):
            self.work.add(asyncio.create_task(self._carry(*pair)))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self.whole.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        await self.whole.wait()
        writer.close()
