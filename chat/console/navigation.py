"""The console's entry in the desk's navigation, with the number of visitors who wait."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from chat.permissions import works_chat
from chat.queries.console import waiting_count


def entry(request: HttpRequest) -> dict[str, Any] | None:
    """Return the entry for staff of live chat."""
    if not works_chat(request.user):
        return None
    match = request.resolver_match
    current = bool(match and match.namespace == "chatdesk")
    shown = {"label": _("Chats"), "url": reverse("chatdesk:console"), "current": current, "count": waiting_count()}
    # Agents count as present on every page of the desk, not in the console alone.
    return {**shown, "script": "chat/presence.js", "style": "chat/console.css"}
