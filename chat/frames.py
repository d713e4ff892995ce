"""What goes over a chat's socket, as JSON: the words of the contract in one place (docs/chat.md). Pure."""

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import NoReverseMatch, reverse

from chat.models import ChatMessage, ChatNote, ChatReceipt

MAX_TEXT = 4000  # characters of one message
MAX_FRAME = 65536  # bytes; the server itself closes with 1009 above it
SIGNED_OUT, FORBIDDEN, NOT_FOUND, TOO_FAST = 4401, 4403, 4404, 4429


def message_frame(message: ChatMessage) -> dict[str, Any]:
    """Return a message as both sides see it."""
    return {
        "type": "message",
        "seq": message.seq,
        "client_id": str(message.client_id),
        "sender": message.sender,
        "name": message.sender_name,
        "kind": message.kind,
        "text": message.text,
        "at": message.at.isoformat(),
        "data": shown_data(message),
    }


def shown_data(message: ChatMessage) -> dict[str, Any]:
    """Return a message's data with what only the reader needs: a file's address and its size in words."""
    data = dict(message.data or {})
    if message.kind == ChatMessage.Kind.FILE and data.get("reference"):
        data["size_text"] = filesizeformat(data.get("size", 0))
        try:
            data["url"] = reverse("site:private_media", args=[data["reference"]])
        except NoReverseMatch:
            data["url"] = ""
    return data


def ack_frame(message: ChatMessage) -> dict[str, Any]:
    """Return the answer to a sent message: it is kept, under this number."""
    return {"type": "ack", "client_id": str(message.client_id), "seq": message.seq, "at": message.at.isoformat()}


def receipt_frame(receipt: ChatReceipt) -> dict[str, Any]:
    """Return how far one side has received and read."""
    return {"type": "receipt", "party": receipt.party, "delivered": receipt.delivered_upto, "read": receipt.read_upto}


def note_frame(note: ChatNote) -> dict[str, Any]:
    """Return an internal note as staff see it; it goes to the group of staff alone."""
    return {"type": "note", "seq": note.seq, "name": str(note.author or ""), "text": note.text, "at": note.at.isoformat()}


def error_frame(code: str, text: Any = "", *, client_id: Any = None, **extra: Any) -> dict[str, Any]:
    """Return a refusal: a code for machines, a sentence for the person, the message it is about."""
    return {"type": "error", "code": code, "client_id": str(client_id) if client_id else None, "text": str(text), **extra}
