"""A customer's chats: what the copy of their data holds, what is emptied when the account is closed, what is still going on."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from chat.actions import end_conversation
from chat.models import ChatMessage, ChatNote, ChatOffer, Conversation
from core.forgetting import files_of, forget_files, forget_history, forget_messages
from core.models import Attachment

EMPTY = "—"
BLANK = {"question": EMPTY, "visitor_name": "", "product_text": "", "page_url": "", "rating_comment": "", "visitor_key": ""}


def _conversations(user: Any) -> list[Conversation]:
    return list(Conversation.objects.filter(contact__user=user).select_related("model", "ticket").order_by("pk"))


def export(user: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the person's chats with everything said; notes among colleagues are ours and stay out."""
    conversations = _conversations(user)
    said: dict[int, list[dict[str, Any]]] = {}
    for message in ChatMessage.objects.filter(conversation__in=conversations).order_by("seq"):
        said.setdefault(message.conversation_id, []).append(
            {
                "number": message.seq,
                "from": message.sender,
                "name": message.sender_name,
                "kind": message.kind,
                "text": message.text,
                "file": message.data.get("name", "") if message.kind == ChatMessage.Kind.FILE else "",
                "at": message.at,
            }
        )
    return {
        "chats": [
            {
                "reference": row.reference,
                "question": row.question,
                "name": row.visitor_name,
                "status": row.status,
                "language": row.language,
                "product": row.model.number if row.model else row.product_text,
                "page": row.page_url,
                "request": row.ticket.reference if row.ticket else "",
                "started_at": row.created_at,
                "ended_at": row.ended_at,
                "solved": row.solved,
                "rating": row.rating,
                "comment": row.rating_comment,
                "messages": said.get(row.pk, []),
            }
            for row in conversations
        ]
    }


def files(user: Any) -> list[Attachment]:
    """Return the files of the person's chats."""
    return files_of(ChatMessage.objects.filter(conversation__in=_conversations(user), kind=ChatMessage.Kind.FILE))


def open_cases(user: Any) -> list[dict[str, Any]]:
    """Return the chats that have not ended: named on the page of closing, ended with the account, no obstacle."""
    found = Conversation.objects.filter(contact__user=user).exclude(status=Conversation.Status.ENDED).order_by("-created_at")
    return [
        {"reference": row.reference, "title": row.question, "url": reverse("chat:conversation", args=[row.key]), "blocks": False}
        for row in found
    ]


def anonymise(user: Any, *, now: datetime) -> dict[str, int]:
    """End what goes on and blank every word of the person's chats; product, times, rating and status stay for the figures."""
    conversations = _conversations(user)
    going_on = [row for row in conversations if row.status != Conversation.Status.ENDED]
    for row in going_on:
        end_conversation(row, party="system")
    return {"chats_ended": len(going_on), **_blank(conversations, user=user)}


def outlived(*, before: datetime) -> QuerySet[Conversation]:
    """Return the chats of people without an open account that ended before a moment and still say something."""
    nobody = Q(contact=None) | Q(contact__user=None) | Q(contact__user__is_active=False)
    return Conversation.objects.filter(nobody, status=Conversation.Status.ENDED, ended_at__lt=before).exclude(**BLANK)


def let_go(rows: Sequence[Conversation], *, now: datetime) -> int:
    """Blank every word of these chats, as on closing an account. Returns how many rows changed, files included."""
    return sum(_blank(rows, user=None).values())


def _blank(conversations: Sequence[Conversation], *, user: Any) -> dict[str, int]:
    messages = ChatMessage.objects.filter(conversation__in=conversations)
    counts = {
        "files": forget_files(user=user, subjects=messages.filter(kind=ChatMessage.Kind.FILE)),
        "messages": forget_messages(subjects=conversations),
        "history": forget_history(conversations, user=user),
        "chat_messages": messages.exclude(text=EMPTY, data={}).update(text=EMPTY, data={}),
        "chat_notes": ChatNote.objects.filter(conversation__in=conversations).exclude(text=EMPTY).update(text=EMPTY),
        "chats": Conversation.objects.filter(pk__in=[row.pk for row in conversations]).exclude(**BLANK).update(**BLANK),
    }
    messages.filter(sender=ChatMessage.Sender.VISITOR).exclude(sender_name="").update(sender_name="")
    ChatOffer.objects.filter(conversation__in=conversations).exclude(note="").update(note="")
    if counts["chats"]:
        for row in conversations:  # the links that were given away open nothing any more
            Conversation.objects.filter(pk=row.pk).update(secret=secrets.token_urlsafe(24))
    return counts
