"""A client of the chat's socket that keeps the contract of docs/chat.md: an outbox, numbers, coming back. For the soak and the tests."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

LOST = (ConnectionClosed, InvalidHandshake, OSError, asyncio.TimeoutError, EOFError)
ANSWER_SECONDS = 10.0


@dataclass
class ChatClient:
    """One side of one conversation.

    Attributes:
        address: returns the socket's address to try next, so that a client can move to another process.
        headers: of the handshake (cookies).
        origin: of the page.
    """

    address: Callable[[], str]
    headers: dict[str, str]
    origin: str
    last: int = 0
    log: list[tuple[int, str, str]] = field(default_factory=list)  # (seq, client_id, text) in the order of arrival
    acked: dict[str, int] = field(default_factory=dict)
    outbox: dict[str, str] = field(default_factory=dict)  # client_id → text, in the order of writing
    echo: list[float] = field(default_factory=list)  # seconds from writing to the message coming back
    errors: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    connects: int = 0
    closed_with: int | None = None
    codes: list[int] = field(default_factory=list)  # every code the server has closed with
    gaps: int = 0
    doubled: int = 0

    def __post_init__(self) -> None:
        """Start without a connection."""
        self.written: dict[str, float] = {}
        self.socket: ClientConnection | None = None
        self.flying: str | None = None
        self.changed = asyncio.Event()
        self.runner: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "ChatClient":
        """Connect and stay connected."""
        self.runner = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Hang up."""
        if self.runner:
            self.runner.cancel()
            await asyncio.gather(self.runner, return_exceptions=True)
        await self.cut()

    async def cut(self) -> None:
        """Lose the connection without a word, as a network does; the client comes back by itself."""
        if self.socket is not None:
            self.socket.transport.abort()

    def write(self, text: str, *, client_id: str = "") -> str:
        """Put a message into the outbox; it goes out as soon as it can. Returns its number."""
        number = client_id or str(uuid.uuid4())
        self.outbox[number] = text
        self.written[number] = time.monotonic()
        self._nudge()
        return number

    async def until(self, what: Callable[[], Any], *, seconds: float = 30) -> Any:
        """Wait until something is so. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not (found := what()):
                self.changed.clear()
                try:
                    await asyncio.wait_for(self.changed.wait(), 0.25)
                except TimeoutError:
                    continue
        return found

    async def _run(self) -> None:
        attempt = 0
        while True:
            try:
                # The server's cap is tested on purpose, the client's own must not hide it.
                async with connect(
                    f"{self.address()}?after={self.last}&lang=en",
                    additional_headers=self.headers,
                    origin=self.origin,  # type: ignore[arg-type]
                    max_size=2**22,
                    open_timeout=ANSWER_SECONDS,
                    ping_interval=None,
                ) as socket:
                    self.socket, self.flying = socket, None
                    self.connects += 1
                    async for raw in socket:
                        attempt = 0
                        self._take(json.loads(raw))
                    raise ConnectionClosed(None, None)
            except LOST:
                code = self.socket.close_code if self.socket is not None else None
                self.socket, self.flying = None, None
                self.codes += [code] if code else []
                if code in {4403, 4404}:
                    self.closed_with = code
                    self.changed.set()
                    return
                self.closed_with = code if code not in {1000, 1006, None} else self.closed_with
                self.changed.set()
                attempt += 1
                await asyncio.sleep(min(5.0, 0.1 * 2 ** min(attempt, 5)) * (0.5 + random.random()))

    def _take(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "message":
            self._message(frame)
        elif kind == "ack":
            self.acked[frame["client_id"]] = frame["seq"]
            self.outbox.pop(frame["client_id"], None)
            self._landed(frame["client_id"])
        elif kind == "error":
            self.errors.append(frame)
            if frame["client_id"] and frame["code"] not in {"too_fast", "server"}:
                self.outbox.pop(frame["client_id"], None)
            self._landed(frame["client_id"], wait=frame.get("retry_after", 0.3))
        elif kind == "state":
            self.state = frame
        self.changed.set()
        self._nudge()

    def _message(self, frame: dict[str, Any]) -> None:
        if frame["seq"] <= self.last:
            self.doubled += 1
            return
        if frame["seq"] != self.last + 1:
            self.gaps += 1
        self.last = frame["seq"]
        self.log.append((frame["seq"], frame["client_id"], frame["text"]))
        if began := self.written.pop(frame["client_id"], None):
            self.echo.append(time.monotonic() - began)
        self.outbox.pop(frame["client_id"], None)

    def _landed(self, client_id: str | None, *, wait: float = 0) -> None:
        if client_id and self.flying == client_id:
            if wait:
                asyncio.get_running_loop().call_later(wait, self._free, client_id)
            else:
                self.flying = None

    def _free(self, client_id: str) -> None:
        if self.flying == client_id:
            self.flying = None
            self._nudge()

    def _nudge(self) -> None:
        """Send the next message of the outbox when none is on its way: the order of writing is the order of keeping."""
        if self.socket is None or self.flying or not self.outbox or not self.connects:
            return
        number, text = next(iter(self.outbox.items()))
        self.flying = number
        frame = {"type": "message.send", "client_id": number, "kind": "text", "text": text}
        task = asyncio.ensure_future(self.raw(json.dumps(frame)))
        task.add_done_callback(lambda done: done.exception())

    async def raw(self, text: str) -> None:
        """Send something as it is; a lost connection is no error here."""
        try:
            if self.socket is not None:
                await self.socket.send(text)
        except LOST:
            pass
