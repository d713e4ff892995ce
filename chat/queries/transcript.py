"""What was said, for people to keep: a conversation's messages in order, without internal notes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from chat.models import ChatMessage, Conversation


@dataclass(frozen=True)
class Line:
    """One line of a transcript: when, who (empty for the system), what."""

    at: datetime
    who: str
    sender: str
    text: str


def transcript_lines(conversation: Conversation) -> list[Line]:
    """Return the whole conversation in the language in force; notes are in a table of their own and never here."""
    return [_line(message) for message in conversation.messages.order_by("seq")]


def _line(message: ChatMessage) -> Line:
    who = message.sender_name
    if message.sender == ChatMessage.Sender.SYSTEM:
        return Line(message.at, "", message.sender, message.text)
    if not who:
        who = pgettext("transcript", "Visitor") if message.sender == ChatMessage.Sender.VISITOR else pgettext("transcript", "Service")
    return Line(message.at, who, message.sender, "\n".join(part for part in (message.text, _extra(message)) if part))


def _extra(message: ChatMessage) -> str:
    if message.kind == ChatMessage.Kind.FILE:
        return _("[File: %(name)s]") % {"name": message.data.get("name", "")}
    if message.kind == ChatMessage.Kind.ARTICLE:
        return f"{message.data.get('title', '')} {settings.SITE_ORIGIN}{message.data.get('url', '')}".strip()
    return ""


def transcript_text(lines: Iterable[Line], *, with_day: bool = True) -> str:
    """Return a transcript as plain text: one paragraph a message with its time and who said it."""
    form = "SHORT_DATETIME_FORMAT" if with_day else "TIME_FORMAT"
    paragraphs = []
    for line in lines:
        time = formats.date_format(timezone.localtime(line.at), form)
        paragraphs.append(f"{time} {line.who}: {line.text}" if line.who else f"{time} – {line.text}")
    return "\n".join(paragraphs)
