"""All socket addresses in one list; an address of none is closed without a word in the log."""

from collections.abc import Awaitable, Callable, MutableMapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import re_path


async def no_such_socket(
    scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Refuse the handshake: the caller gets 403."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


websocket_urlpatterns: list = []
for name in ("tickets.routing", "chat.routing", "chat.console.routing"):
    if find_spec(name):
        websocket_urlpatterns += import_module(name).websocket_urlpatterns
websocket_urlpatterns.append(re_path(r"", no_such_socket))  # type: ignore[arg-type]
