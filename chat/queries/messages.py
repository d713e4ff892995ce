"""Reading what was said, in order and after a number."""

from typing import Any

from chat.frames import message_frame
from chat.models import ChatMessage, Conversation

PAGE = 200


def messages_after(conversation: Conversation, after: int, *, limit: int = PAGE) -> list[ChatMessage]:
    """Return the messages with a number above `after`, in order, at most `limit`."""
    return list(ChatMessage.objects.filter(conversation=conversation, seq__gt=max(0, after)).order_by("seq")[:limit])


def frames_after(conversation: Conversation, after: int, *, limit: int = PAGE) -> list[dict[str, Any]]:
    """Return the same as frames."""
    return [message_frame(message) for message in messages_after(conversation, after, limit=limit)]
