"""What somebody may send in one request: more is answered with words before it fills the disk.

Django keeps the whole of a request in a temporary file before the first line of ours runs, so the limit stands in front of it.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

MEGABYTE = 1024 * 1024
MOST = 150 * MEGABYTE
"""A form without scripts carries five files of the largest kind (25 MB) at once."""
MOST_OF_CMS = 1024 * MEGABYTE
"""Editors send films."""


def most_for(path: str) -> int:
    """Return how many bytes a request to this address may have."""
    return MOST_OF_CMS if path.startswith("/cms/") else MOST


class BodyLimit:
    """Around the pages' application (ASGI): a request that is too long gets 413 and `answer`, and is kept nowhere.

    Args:
        app: the application.
        answer: gives the page to answer with, as bytes of HTML; called when it is needed.
    """

    def __init__(self, app: App, *, answer: Callable[[], bytes]) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most, seen, begun, too_long = most_for(scope["path"]), 0, False, False
        if _declared(scope) > most:
            await self._refuse(receive, send, left=most)
            return

        async def counted() -> Message:
            nonlocal seen, too_long
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                too_long = True
                return {"type": "http.disconnect"}  # the application lets go of what it has kept
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        await self.app(scope, counted, noted)
        if too_long and not begun:
            await self._refuse(receive, send, left=most)

    async def _refuse(self, receive: Receive, send: Send, *, left: int) -> None:
        """Answer; first take in and drop a while what is still coming, for a browser reads no answer before it has sent all."""
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        page = self.answer()
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(page)).encode()), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": page})


def _declared(scope: MutableMapping[str, Any]) -> int:
    length = dict(scope.get("headers", ())).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0
