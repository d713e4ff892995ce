"""A web process reads its dictionaries before it answers, so that the first customer after a start does not wait for them."""

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.urls import get_resolver

from search import queries

logger = logging.getLogger(__name__)
Message = MutableMapping[str, Any]


def warm_up() -> None:
    """Ask what a customer would ask, in each language; whatever is away then is left to the first customer."""
    try:
        get_resolver()._populate()  # type: ignore[attr-defined]
        for language, words in (("zh-hans", "洗衣机不排水"), ("en", "washer E2")):
            queries.search(words, language=language)
            queries.suggest(words, language=language)
    except Exception:
        logger.exception("not warm")
    finally:
        connections.close_all()


async def lifespan(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
    """The start and end of a web server (ASGI): it opens its door when the process is warm."""
    while (await receive())["type"] == "lifespan.startup":
        await sync_to_async(warm_up, thread_sensitive=False)()
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
