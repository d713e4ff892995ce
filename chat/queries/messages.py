"""Reading what was said, in order and after a number."""

from typing import Any

from chat.frames import message_frame
from chat.models import ChatMessage, Conversation
from core.files import attachments_by_subject
from core.models import Attachment

PAGE = 200


def messages_after(conversation: Conversation, after: int, *, limit: int = PAGE) -> list[ChatMessage]:
    """Return the messages with a number above `after`, in order, at most `limit`."""
    return list(ChatMessage.objects.filter(conversation=conversation, seq__gt=max(0, after)).order_by("seq")[:limit])


def frames_after(conversation: Conversation, after: int, *, limit: int = PAGE) -> list[dict[str, Any]]:
    """Return the same as frames."""
    return [message_frame(message) for message in messages_after(conversation, after, limit=limit)]


def files_said(conversation: Conversation) -> list[Attachment]:
    """Return the files both sides sent, in the order they were sent; what is for staff only is left out (two queries)."""
    said = list(ChatMessage.objects.filter(conversation=conversation, kind=ChatMessage.Kind.FILE).order_by("seq"))
    found = attachments_by_subject(said, public_only=True)
    return [item for message in said for item in found.get(str(message.pk), ())]
