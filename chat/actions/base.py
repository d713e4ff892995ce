"""What every action of live chat shares: the lock, the next number, one written message."""

import uuid
from typing import Any

from django.utils import timezone

from chat.frames import message_frame
from chat.models import ChatMessage, Conversation
from chat.words import system_words
from core.errors import InvalidInput
from core.events import emit

Kind, Sender, Status = ChatMessage.Kind, ChatMessage.Sender, Conversation.Status


def lock_conversation(conversation: Conversation) -> Conversation:
    """Return the conversation as it is now, locked until the end of the transaction (SQLite: the transaction is the lock)."""
    return Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)


def as_client_id(value: Any) -> uuid.UUID:
    """Return a message's own number as a UUID. Raises InvalidInput for anything else."""
    if isinstance(value, uuid.UUID):
        return value
    try:
        return uuid.UUID(str(value))
    except ValueError as error:
        raise InvalidInput(field="client_id", code="bad_client_id") from error


def write_message(locked: Conversation, **fields: Any) -> ChatMessage:
    """Write the next message of a locked conversation and tell both sides after the commit.

    The number is taken under the lock, so numbers have neither gaps nor doubles.
    """
    now = fields.pop("at", None) or timezone.now()
    locked.last_seq += 1
    locked.last_message_at = now
    Conversation.objects.filter(pk=locked.pk).update(last_seq=locked.last_seq, last_message_at=now)
    message = ChatMessage.objects.create(conversation=locked, seq=locked.last_seq, at=now, **fields)
    return message


def tell_message(message: ChatMessage) -> None:
    """Tell whoever has the conversation open, once the transaction is committed."""
    emit("chat.message_sent", conversation_id=message.conversation_id, message_id=message.pk, frame=message_frame(message))


def system_message(locked: Conversation, *, event: str, **data: Any) -> ChatMessage:
    """Write what happened into the locked conversation, in its visitor's language."""
    message = write_message(
        locked,
        sender=Sender.SYSTEM,
        kind=Kind.SYSTEM,
        text=system_words(event, data, language=locked.language),
        data={"event": event, **data},
    )
    tell_message(message)
    return message
