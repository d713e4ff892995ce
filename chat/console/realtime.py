"""Pushes to open consoles: ids only; a page that misses one catches up by its own polling."""

from typing import Any

from chat.models import Conversation
from chat.realtime import send, staff_group

CONSOLES = "chat-consoles"


def agent_group(user_id: int) -> str:
    """Return the name of the group of a person's own consoles."""
    return f"chat-console-{user_id}"


def _push(group: str, **payload: Any) -> None:
    send(group, "console.push", payload=payload)


def offered(agent_id: int, **ids: Any) -> None:
    """Tell an agent that an offer came or went (push handler)."""
    _push(agent_group(agent_id), type="offer")


def chat_changed(conversation_id: int, **ids: Any) -> None:
    """Tell every console that a chat came, was taken, handed on or ended (push handler)."""
    key = Conversation.objects.filter(pk=conversation_id).values_list("key", flat=True).first()
    _push(CONSOLES, type="chat", key=key)


def crew_changed(user_id: int, **ids: Any) -> None:
    """Tell every console that somebody came, went or changed their state (push handler)."""
    _push(CONSOLES, type="crew")


def noted(conversation_id: int, frame: dict[str, Any], **ids: Any) -> None:
    """Push an internal note to the staff who have the chat open, never to the visitor (push handler)."""
    send(staff_group(conversation_id), "chat.frame", frame=frame)


def viewed(conversation_id: int, **ids: Any) -> None:
    """Tell the consoles which show a chat that somebody came to it, left it or writes there (push handler)."""
    key = Conversation.objects.filter(pk=conversation_id).values_list("key", flat=True).first()
    _push(CONSOLES, type="viewers", key=key)
