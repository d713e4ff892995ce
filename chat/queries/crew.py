"""The crew and the queue as the router sees them; a visitor's place and how long it may take."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, ExpressionWrapper, F, Max, Q, QuerySet
from django.db.models.fields import DurationField
from django.utils import timezone

from chat.models import AgentProfile, AgentSocket, ChatOffer, ChatSettings, Conversation, RoutingDecision
from chat.queries.settings import chat_settings
from chat.routing_rules import Agent, Waiting, estimate, is_live
from tickets.models import Queue

ENOUGH_CHATS = 3
Status, State = Conversation.Status, ChatOffer.State


def capacity_of(profile: AgentProfile, settings: ChatSettings) -> int:
    """Return how many chats the agent takes at once."""
    return settings.default_capacity if profile.capacity is None else profile.capacity


def loads(user_ids: Iterable[int] | None = None) -> Counter[int]:
    """Return the load by agent: chats in hand plus offers that wait for an answer."""
    chats = Conversation.objects.filter(status=Status.ACTIVE)
    offers = ChatOffer.objects.filter(state=State.PENDING)
    if user_ids is not None:
        ids = list(user_ids)
        chats, offers = chats.filter(agent_id__in=ids), offers.filter(agent_id__in=ids)
    found: Counter[int] = Counter()
    for rows in (chats, offers):
        found.update(dict(rows.order_by().values_list("agent_id").annotate(Count("pk"))))
    return found


def connected_ids(*, now: datetime, lost_seconds: int) -> set[int]:
    """Return the agents with a console open whose connection has been heard of lately."""
    since = now - timedelta(seconds=lost_seconds)
    return set(AgentSocket.objects.filter(seen_at__gt=since).values_list("user_id", flat=True))


def crew(*, now: datetime | None = None, only: Iterable[int] | None = None) -> list[Agent]:
    """Return every agent with a profile as plain data for the router; `only` narrows to some. Five queries."""
    now, settings = now or timezone.now(), chat_settings()
    profiles = AgentProfile.objects.filter(user__is_active=True, user__is_staff=True).select_related("user").prefetch_related("families")
    if only is not None:
        profiles = profiles.filter(user_id__in=list(only))
    teams = defaultdict(set)
    for queue, user in Queue.members.through.objects.values_list("queue_id", "user_id"):
        teams[user].add(queue)
    there, load = connected_ids(now=now, lost_seconds=settings.lost_seconds), loads(only)
    return [
        Agent(
            pk=profile.user_id,
            name=str(profile.user),
            languages=frozenset(profile.languages or ()),
            families=frozenset(family.pk for family in profile.families.all()),
            teams=frozenset(teams[profile.user_id]),
            is_connected=profile.user_id in there,
            is_available=profile.state == AgentProfile.State.AVAILABLE,
            load=load[profile.user_id],
            capacity=capacity_of(profile, settings),
            given_at=profile.last_offered_at,
        )
        for profile in profiles
    ]


def waiting_chats() -> QuerySet[Conversation]:
    """Return the queue, longest waiting first; a chat that comes back keeps its first time."""
    return Conversation.objects.filter(status=Status.WAITING).order_by("queued_at", "pk")


def as_waiting(conversation: Conversation) -> Waiting:
    """Return a waiting chat as plain data for the router."""
    since = _round_start(conversation)
    passed = ChatOffer.objects.filter(conversation=conversation, state__in=[State.DECLINED, State.EXPIRED], offered_at__gte=since)
    handed_on = RoutingDecision.objects.filter(conversation=conversation, trigger="transferred", at__gte=since)
    return Waiting(
        pk=conversation.pk,
        since=conversation.queued_at,
        language=conversation.language,
        family=conversation.family_id,
        team=conversation.queue_id,
        person=conversation.wanted_agent_id,
        passed=frozenset(passed.values_list("agent_id", flat=True)) | {row.data.get("by") for row in handed_on},
    )


def _round_start(conversation: Conversation) -> datetime:
    """Return since when the chat waits this time: what was declined before somebody had it is forgotten."""
    last = ChatOffer.objects.filter(conversation=conversation, state=State.ACCEPTED).aggregate(last=Max("settled_at"))["last"]
    return last or conversation.created_at


def place_of(conversation: Conversation) -> int | None:
    """Return the place in the queue, 1 being next; None when the chat does not wait."""
    if conversation.status != Status.WAITING:
        return None
    before = Q(queued_at__lt=conversation.queued_at) | Q(queued_at=conversation.queued_at, pk__lt=conversation.pk)
    return Conversation.objects.filter(before, status=Status.WAITING).count() + 1


def minutes_per_chat(*, now: datetime | None = None, settings: ChatSettings | None = None) -> float:
    """Return how long a chat takes: today's average, or the setting until three of today's chats have ended."""
    midnight = timezone.localtime(now or timezone.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    ended = Conversation.objects.filter(status=Status.ENDED, accepted_at__isnull=False, ended_at__gte=midnight)
    length = ExpressionWrapper(F("ended_at") - F("accepted_at"), output_field=DurationField())
    found = ended.aggregate(count=Count("pk"), length=Avg(length))
    if found["count"] >= ENOUGH_CHATS and found["length"] is not None:
        return max(1.0, found["length"].total_seconds() / 60)
    return float((settings or chat_settings()).minutes_per_chat)


def estimate_minutes(conversation: Conversation | None = None, *, now: datetime | None = None) -> int | None:
    """Return the minutes until an agent answers, at least 1; None where nobody is on duty.

    Without a conversation: for somebody who would join the queue now. Counts places, room of the agents on duty and the length of chats.
    """
    duty = [agent for agent in crew(now=now) if agent.on_duty]
    if not duty:
        return None
    place = (place_of(conversation) if conversation else None) or waiting_chats().count() + 1
    free = sum(max(0, agent.capacity - agent.load) for agent in duty)
    # Who has been offered to somebody stands in the load already: that place is not waited for twice.
    free += ChatOffer.objects.filter(state=State.PENDING, conversation__status=Status.WAITING).count()
    return estimate(place, free=free, capacity=sum(agent.capacity for agent in duty), minutes=minutes_per_chat(now=now))


def agents_on_duty(*, now: datetime | None = None) -> int:
    """Return how many agents are there and take chats."""
    return sum(agent.on_duty for agent in crew(now=now))


def is_present(profile: AgentProfile, *, now: datetime | None = None) -> bool:
    """Return whether the agent has a console open, or had one a moment ago (a page that is being exchanged)."""
    now, settings = now or timezone.now(), chat_settings()
    alive: Any = AgentSocket.objects.filter(user_id=profile.user_id).aggregate(last=Max("seen_at"))["last"]
    last = max(filter(None, (alive, profile.seen_at)), default=None)
    return is_live(last, now=now, lost_seconds=settings.lost_seconds)
