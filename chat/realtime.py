"""Pushes of live chat: told after the commit, may be lost; whoever misses one catches up by number from the database."""

from typing import Any

from core.realtime import send

QUEUE_GROUP = "chat-queue"  # the sockets of visitors who wait: their place may have changed


def conversation_group(conversation_id: int) -> str:
    """Return the name of the group of everybody who has a conversation open, visitor and staff."""
    return f"chat-{conversation_id}"


def staff_group(conversation_id: int) -> str:
    """Return the name of the group of the staff who have a conversation open: what must never reach the visitor."""
    return f"chat-staff-{conversation_id}"


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
