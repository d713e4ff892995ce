"""Pushes of live chat: told after the commit, may be lost; whoever misses one catches up by number from the database."""

import asyncio
import logging
from typing import Any

from asgiref.sync import SyncToAsync, async_to_sync
from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

QUEUE_GROUP = "chat-queue"  # the sockets of visitors who wait: their place may have changed


def conversation_group(conversation_id: int) -> str:
    """Return the name of the group of everybody who has a conversation open, visitor and staff."""
    return f"chat-{conversation_id}"


def staff_group(conversation_id: int) -> str:
    """Return the name of the group of the staff who have a conversation open: what must never reach the visitor."""
    return f"chat-staff-{conversation_id}"


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


def message_sent(conversation_id: int, message_id: int, frame: dict[str, Any]) -> None:
    """Push a message to both sides (push handler). Its number lets each socket see whether it missed one."""
    send(conversation_group(conversation_id), "chat.message", frame=frame)


def receipt_noted(conversation_id: int, frame: dict[str, Any]) -> None:
    """Push how far a side has received and read (push handler)."""
    send(conversation_group(conversation_id), "chat.frame", frame=frame)


def state_changed(conversation_id: int, **ids: Any) -> None:
    """Tell the open sockets that the conversation's state changed; each fetches it afresh (push handler)."""
    send(conversation_group(conversation_id), "chat.state")


def queue_moved(**ids: Any) -> None:
    """Tell everybody who waits that places may have changed (push handler)."""
    send(QUEUE_GROUP, "chat.state")


def staff_frame(conversation_id: int, frame: dict[str, Any]) -> None:
    """Push a frame to the staff who have the conversation open (internal notes)."""
    send(staff_group(conversation_id), "chat.frame", frame=frame)
