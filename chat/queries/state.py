"""What a conversation looks like from outside at this moment: status, place, estimate, agent, receipts. The `state` frame."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, Count, F, Q
from django.utils import timezone

from chat.estimates import estimate_minutes
from chat.models import AgentProfile, ChatReceipt, ChatSettings, Conversation
from chat.queries.settings import chat_settings

Status = Conversation.Status
LENGTH_CACHE = "chat.minutes_per_chat"


@dataclass(frozen=True)
class Hands:
    """Who is there: agents who take chats now, the chats they take at once, and how many of these are free."""

    agents: int
    slots: int
    free: int


def hands(settings: ChatSettings, *, now: datetime | None = None) -> Hands:
    """Return the available agents with a living connection and what they can take."""
    seen = (now or timezone.now()) - timedelta(seconds=settings.lost_seconds)
    profiles = (
        AgentProfile.objects.filter(state=AgentProfile.State.AVAILABLE, user__is_active=True, user__chat_sockets__seen_at__gte=seen)
        .distinct()
        .values_list("user_id", "capacity")
    )
    capacity = {user: settings.default_capacity if own is None else own for user, own in profiles}
    if not capacity:
        return Hands(0, 0, 0)
    taken = Conversation.objects.filter(status=Status.ACTIVE, agent_id__in=capacity).values("agent_id").annotate(count=Count("pk"))
    busy = {row["agent_id"]: row["count"] for row in taken}
    free = sum(max(0, most - busy.get(user, 0)) for user, most in capacity.items())
    return Hands(len(capacity), sum(capacity.values()), free)


def minutes_per_chat(settings: ChatSettings, *, now: datetime | None = None) -> float:
    """Return the average length of the last day's chats in minutes, or the setting until there are five; kept for a minute."""
    kept = cache.get(LENGTH_CACHE)
    if kept is not None:
        return float(kept)
    since = (now or timezone.now()) - timedelta(days=1)
    ended = Conversation.objects.filter(status=Status.ENDED, ended_at__gte=since, accepted_at__isnull=False)
    found = ended.aggregate(length=Avg(F("ended_at") - F("accepted_at")), count=Count("pk"))
    minutes = float(settings.minutes_per_chat)
    if found["count"] >= 5 and found["length"]:
        minutes = max(1.0, found["length"].total_seconds() / 60)
    cache.set(LENGTH_CACHE, minutes, 60)
    return minutes


def place_of(conversation: Conversation) -> int:
    """Return the place of a waiting conversation, 1 is next."""
    before = Q(queued_at__lt=conversation.queued_at) | Q(queued_at=conversation.queued_at, pk__lt=conversation.pk)
    return Conversation.objects.filter(before, status=Status.WAITING).count() + 1


def state_frame(conversation: Conversation) -> dict[str, Any]:
    """Return the `state` frame of a conversation (fresh from the database, with agent and ticket)."""
    frame: dict[str, Any] = {
        "type": "state",
        "status": conversation.status,
        "last_seq": conversation.last_seq,
        "agent": {"name": str(conversation.agent)} if conversation.agent and conversation.status == Status.ACTIVE else None,
        "place": None,
        "minutes": None,
        "ended": None,
        "rating": conversation.rating,
        "rating_asked": conversation.status == Status.ENDED and conversation.rated_at is None,
        "solved": conversation.solved,
        "ticket": {"reference": conversation.ticket.reference} if conversation.ticket else None,
        "receipts": receipts_of(conversation),
    }
    if conversation.status == Status.WAITING:
        settings = chat_settings()
        there = hands(settings)
        frame["place"] = place_of(conversation)
        frame["minutes"] = estimate_minutes(
            place=frame["place"], slots=there.slots, free=there.free, minutes_per_chat=minutes_per_chat(settings)
        )
    if conversation.status == Status.ENDED and conversation.ended_at:
        frame["ended"] = {"by": conversation.ended_by, "at": conversation.ended_at.isoformat()}
    return frame


def receipts_of(conversation: Conversation) -> dict[str, dict[str, int]]:
    """Return how far each side has received and read."""
    found = {row.party: row for row in ChatReceipt.objects.filter(conversation=conversation)}
    return {
        party: {"delivered": found[party].delivered_upto if party in found else 0, "read": found[party].read_upto if party in found else 0}
        for party in ChatReceipt.Party.values
    }
