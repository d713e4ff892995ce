"""One way to push an event to a group of sockets: it may be lost, and nobody's answer waits for it."""

import asyncio
import logging
from typing import Any

from asgiref.sync import SyncToAsync, async_to_sync
from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)


def send(group: str, kind: str, **values: Any) -> None:
    """Send an event to a group; `kind` is the consumer's method, such as `chat.frame`."""
    layer = get_channel_layer()
    if layer is None:
        return
    event = {"type": kind, **values}
    loop = getattr(SyncToAsync.threadlocal, "main_event_loop", None)
    if loop is not None and loop.is_running():
        # A thread of the server: the push goes out by itself, nobody's answer waits for Redis.
        asyncio.run_coroutine_threadsafe(_send(layer, group, event), loop)
    else:
        async_to_sync(layer.group_send)(group, event)


async def _send(layer: Any, group: str, event: dict[str, Any]) -> None:
    try:
        await layer.group_send(group, event)
    except Exception:
        logger.exception("a push to %s is lost", group)
