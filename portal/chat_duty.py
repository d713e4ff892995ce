"""Whether a chat can be started now, and when else: the setting, the service calendar, who is there, how many wait."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chat.models import Conversation
from chat.queries.crew import agents_on_duty, estimate_minutes
from chat.queries.settings import chat_settings
from core.brand import brand_of
from portal.hours import service_hours

CLOSED, HOURS, NOBODY, FULL = "closed", "hours", "nobody", "full"
GLANCE_SECONDS = 10


@dataclass(frozen=True)
class Duty:
    """Chat at this moment.

    Attributes:
        open: a visitor may join the queue.
        why: while not open: closed (by the setting), hours (out of hours), nobody (is there), full (queue).
        words: one line for the visitor.
        note: what becomes of a message left instead; empty while open.
        minutes: about how long it takes, where known.
        waiting: how many wait already.
        opens_at: the next opening, out of hours.
    """

    open: bool
    why: str
    words: str
    note: str = ""
    minutes: int | None = None
    waiting: int = 0
    opens_at: datetime | None = None


def duty(request: HttpRequest, *, now: datetime | None = None) -> Duty:
    """Return whether somebody can be reached by chat now, with the words for it."""
    now, settings = now or timezone.now(), chat_settings()
    hours = service_hours(brand_of(request), now=now)
    left = _("Your message becomes a request with a number. We answer every one.")
    if hours is not None and not hours.open:
        return Duty(False, HOURS, hours.words, left, opens_at=hours.opens_at)
    if not settings.is_open:
        return Duty(False, CLOSED, _("Live chat is closed at the moment"), left)
    if not agents_on_duty(now=now):
        return Duty(False, NOBODY, _("Nobody is at the chat just now"), left)
    waiting = Conversation.objects.filter(status=Conversation.Status.WAITING).count()
    if waiting >= settings.most_waiting:
        return Duty(False, FULL, _("Too many people are waiting at the moment"), left, waiting=waiting)
    minutes = estimate_minutes(now=now)
    if minutes is None:
        words = _("We are online now")
    elif minutes <= 1:
        words = _("We are online now, hardly any wait")
    else:
        words = _("We are online now, about %(minutes)s minutes’ wait") % {"minutes": minutes}
    return Duty(True, "", words, minutes=minutes, waiting=waiting)


def duty_at_a_glance(request: HttpRequest) -> Duty:
    """Return `duty` as it was at most ten seconds ago: for pages that only offer the chat beside something else."""
    key = f"portal:chat-duty:{get_language()}"
    known: Duty | None = cache.get(key)
    if known is None:
        known = duty(request)
        cache.set(key, known, GLANCE_SECONDS)
    return known
