"""Template tags of the chat console: who the visitor is, the state as a tag, how long somebody has waited."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from chat.console.forms import AWAY_REASONS
from core.templatetags.look import tag

register = template.Library()
TONES = {"waiting": "care", "active": "info", "ended": ""}
LONG_WAIT = 5  # minutes


@register.filter
def visitor(chat: Any) -> str:
    """The visitor's name, or that it is a visitor."""
    return str(chat.visitor_name or (chat.contact.name if chat.contact else "") or _("Visitor"))


@register.simple_tag
def chat_tag(chat: Any) -> SafeString:
    """The chat's state as a tag."""
    return tag(chat.get_status_display(), TONES.get(chat.status, ""))


@register.simple_tag
def waited(since: datetime, now: datetime | None = None) -> SafeString:
    """How long somebody has waited, in words; long waits stand out."""
    minutes = int(((now or timezone.now()) - since).total_seconds() // 60)
    words = ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes} if minutes else _("just now")
    return tag(words, "care") if minutes >= LONG_WAIT else format_html('<span class="muted">{}</span>', words)


@register.filter
def away_words(reason: str) -> str:
    """Why an agent is away."""
    return str(dict(AWAY_REASONS).get(reason, reason))


@register.filter
def last_words(chat: Any) -> str:
    """What was said last in a chat with its news: words, the title of an article, or that it was a file."""
    if chat.last_text or chat.last_kind != "file":
        return str(chat.last_text or chat.last_title or "…")
    return pgettext("chat", "File")
