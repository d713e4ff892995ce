"""Internal notes beside a chat: a table and numbers of their own, so that none can be sent by mistake or leave a gap."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.actions.base import as_client_id, lock_conversation
from chat.frames import note_frame
from chat.models import ChatNote, Conversation
from chat.permissions import works_chat
from core.errors import InvalidInput, NotAllowed
from core.events import emit
from core.text import plain_text

MAX_NOTE = 4000


def add_note(conversation: Conversation, *, by: Any, text: str, client_id: Any) -> ChatNote:
    """Write a note among colleagues; the same `client_id` again returns the first one. Raises NotAllowed, InvalidInput."""
    if not works_chat(by):
        raise NotAllowed()
    words, number = plain_text(text or ""), as_client_id(client_id)
    if not words:
        raise InvalidInput(_("Write something first."), field="note", code="empty")
    if len(words) > MAX_NOTE:
        raise InvalidInput(_("This is too long: at most %(limit)s characters.") % {"limit": MAX_NOTE}, field="note", code="too_long")
    with transaction.atomic():
        locked = lock_conversation(conversation)
        earlier = ChatNote.objects.filter(conversation=locked, client_id=number).first()
        return earlier or _write(locked, words, author=by, client_id=number)


def system_note(locked: Conversation, *, text: str) -> ChatNote:
    """Write what happened among colleagues beside a locked conversation, in the desk's language."""
    return _write(locked, text, author=None)


def _write(locked: Conversation, text: str, *, author: Any, **fields: Any) -> ChatNote:
    locked.last_note_seq += 1
    Conversation.objects.filter(pk=locked.pk).update(last_note_seq=locked.last_note_seq)
    note = ChatNote.objects.create(conversation=locked, seq=locked.last_note_seq, author=author, text=text, at=timezone.now(), **fields)
    emit("chat.noted", conversation_id=locked.pk, note_id=note.pk, frame=note_frame(note))
    return note
