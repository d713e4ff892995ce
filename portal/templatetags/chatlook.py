"""Template filters of the visitor's chat."""

import json
from typing import Any

from django import template
from django.utils import timezone

from chat.frames import shown_data
from chat.models import ChatMessage

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """Return a value as JSON for a data attribute; the template escapes it."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def chat_data(message: ChatMessage) -> dict[str, Any]:
    """Return a message's data with its file's address and size in words."""
    return shown_data(message)


@register.filter
def with_days(messages: list[ChatMessage]) -> list[ChatMessage]:
    """Give each message its local day, for the lines between days."""
    for message in messages:
        message.day = timezone.localdate(message.at)  # type: ignore[attr-defined]
    return messages
