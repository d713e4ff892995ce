"""What is said in a conversation: written first, numbered without gaps, once per client id; told after the commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from chat.actions.base import as_client_id, lock_conversation, system_message, tell_message, write_message
from chat.actions.writing import write_at_once
from chat.frames import MAX_TEXT, receipt_frame
from chat.models import ChatMessage, ChatReceipt, Conversation
from chat.permissions import still_active, still_answers
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import emit
from core.files import attach_uploads
from core.models import Attachment
from core.text import plain_text

Kind, Sender, Party = ChatMessage.Kind, ChatMessage.Sender, ChatReceipt.Party


@dataclass(frozen=True)
class Sent:
    """A message that is kept; `created` is False where the same client id had brought it before."""

    message: ChatMessage
    created: bool


def send_message(
    conversation: Conversation,
    *,
    sender: str,
    client_id: Any,
    by: Any = None,
    kind: str = Kind.TEXT,
    text: str = "",
    article: Mapping[str, str] | None = None,
    attachment: str = "",
    visitor_key: str = "",
) -> Sent:
    """Keep one message of the visitor or of the conversation's agent; the same `client_id` again returns the first one.

    Args:
        sender: `visitor` (the door has checked who it is) or `agent`.
        client_id: the sender's own UUID of the message.
        by: the signed-in person: the member, or the agent; asked for afresh, since a socket outlives a dismissal.
        kind: text, file or article.
        text: the words, at most 4 000 characters; with a file or an article they may be missing.
        article: {key, title, url, summary} of a page of this site.
        attachment: reference of the sender's uploaded draft.
        visitor_key: whose draft it is, for guests.
    Raises:
        NotAllowed: a closed account, or not the agent of this conversation (any more).
        Conflict (code `ended`), InvalidInput, InvalidUpload. Nothing is written then.
    """
    number = as_client_id(client_id)
    words = _words(text, kind)
    data: dict[str, Any] = _article(article) if kind == Kind.ARTICLE else {}
    user_id = getattr(by, "pk", None)
    if kind != Kind.FILE:
        written = write_at_once(conversation.pk, sender=sender, by=by, client_id=number, kind=kind, text=words, data=data)
        if written is not None:
            return Sent(written, created=True)
    with transaction.atomic():
        locked = lock_conversation(conversation)
        earlier = ChatMessage.objects.filter(conversation=locked, client_id=number).first()
        if earlier is not None:
            return _again(earlier, sender)
        _demand(locked, sender=sender, user_id=user_id)
        message = write_message(
            locked,
            client_id=number,
            sender=sender,
            agent_id=user_id if sender == Sender.AGENT else None,
            sender_name=str(by)[:80] if sender == Sender.AGENT else locked.visitor_name,
            kind=kind,
            text=words,
            data=data,
        )
        if kind == Kind.FILE:
            _bind(message, attachment, by=by, visitor_key=visitor_key)
        tell_message(message)
    return Sent(message, created=True)


def _again(earlier: ChatMessage, sender: str) -> Sent:
    if earlier.sender != sender:
        raise Conflict(code="client_id_taken")
    return Sent(earlier, created=False)


def _demand(locked: Conversation, *, sender: str, user_id: int | None) -> None:
    if sender not in {Sender.VISITOR, Sender.AGENT}:
        raise NotAllowed()
    allowed = still_answers(user_id, locked) if sender == Sender.AGENT else still_active(user_id)
    if not allowed:
        raise NotAllowed()
    if locked.status == Conversation.Status.ENDED:
        raise Conflict(_("This chat has ended."), code="ended")


def _words(text: str, kind: str) -> str:
    if kind not in {Kind.TEXT, Kind.FILE, Kind.ARTICLE}:
        raise InvalidInput(field="kind", code="bad_kind")
    if not isinstance(text, str):
        raise InvalidInput(field="text", code="bad_text")
    words = plain_text(text)
    if not words and kind == Kind.TEXT:
        raise InvalidInput(_("Write something first."), field="text", code="empty")
    if len(words) > MAX_TEXT:
        raise InvalidInput(_("This is too long: at most %(limit)s characters.") % {"limit": MAX_TEXT}, field="text", code="too_long")
    return words


def _article(article: Mapping[str, str] | None) -> dict[str, Any]:
    found = article or {}
    url = str(found.get("url", ""))
    if not url.startswith("/") or url.startswith("//") or "\\" in url:
        raise InvalidInput(_("This article cannot be inserted."), field="article", code="bad_article")
    limits = {"key": 120, "title": 255, "url": 300, "summary": 300}
    return {name: plain_text(str(found.get(name, "")), lines=False)[:size] for name, size in limits.items()}


def _bind(message: ChatMessage, reference: str, *, by: Any, visitor_key: str) -> None:
    bound = attach_uploads([reference], subject=message, by=by, visitor_key=visitor_key)
    if not bound:
        raise InvalidInput(_("No file arrived. Choose it again."), field="file", code="no_file")
    message.data = file_data(bound[0])
    message.save(update_fields=["data"])


def file_data(item: Attachment) -> dict[str, Any]:
    """Return what a message keeps of its file."""
    return {
        "reference": item.reference,
        "name": item.original_name,
        "size": item.size,
        "kind": item.kind,
        "content_type": item.content_type,
        "width": item.width,
        "height": item.height,
    }


def add_system_message(conversation: Conversation, *, event: str, **data: Any) -> ChatMessage:
    """Write what happened (joined, transferred, requeued …) into the conversation; words come from chat.words."""
    with transaction.atomic():
        return system_message(lock_conversation(conversation), event=event, **data)


def note_receipt(conversation: Conversation, *, party: str, kind: str, upto: int) -> ChatReceipt | None:
    """Note how far a side has received (`delivered`) or read (`read`); only ever forward, never beyond what was said.

    Returns the receipt when it moved, else None. Raises InvalidInput.
    """
    if party not in Party.values or kind not in {"delivered", "read"} or not isinstance(upto, int) or isinstance(upto, bool):
        raise InvalidInput(field="upto", code="bad_receipt")
    with transaction.atomic():
        last = Conversation.objects.filter(pk=conversation.pk).values_list("last_seq", flat=True).first() or 0
        reached = min(upto, last)
        if reached <= 0:
            return None
        receipt, _created = ChatReceipt.objects.get_or_create(conversation_id=conversation.pk, party=party)
        field = f"{kind}_upto"
        values: dict[str, Any] = {field: reached}
        if kind == "read":
            values["delivered_upto"] = Greatest(F("delivered_upto"), reached)
        if not ChatReceipt.objects.filter(pk=receipt.pk, **{f"{field}__lt": reached}).update(**values):
            return None
        receipt.refresh_from_db()
        emit("chat.receipt_noted", conversation_id=conversation.pk, frame=receipt_frame(receipt))
    return receipt
