"""What the console shows: own chats, offers, the queue, one chat with its stream and card, the supervisor's view."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.frames import shown_data
from chat.models import AgentProfile, AgentSocket, ChatMessage, ChatNote, ChatOffer, ChatReceipt, Conversation, RoutingDecision
from chat.permissions import works_chat
from chat.queries.crew import crew, waiting_chats
from chat.queries.doors import full_conversations
from chat.queries.settings import chat_settings
from chat.routing_rules import Agent
from chat.routing_words import decision_words
from core.errors import NotFound
from core.references import normal_reference
from tickets.models import Ticket

Status, Sender = Conversation.Status, ChatMessage.Sender
EARLIER, ENDED_SHOWN, QUEUE_SHOWN = 8, 5, 30


def get_chat_for(user: Any, reference: str) -> Conversation:
    """Return a chat by its number for the staff of live chat. Raises NotFound, the same for everybody else and a missing one."""
    found = full_conversations().filter(reference=normal_reference(reference)).first() if works_chat(user) else None
    if found is None:
        raise NotFound()
    return found


def get_offer_for(user: Any, pk: int) -> ChatOffer:
    """Return an offer made to this person. Raises NotFound."""
    found = ChatOffer.objects.select_related("conversation", "agent", "by").filter(pk=pk, agent=user).first() if works_chat(user) else None
    if found is None:
        raise NotFound()
    return found


def with_news(chats: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Add to each chat, in the same query: `unread` messages of the visitor, and of what was said last `last_text`, `last_kind`,
    `last_title` (of an article) and `last_sender`.
    """
    read = ChatReceipt.objects.filter(conversation=OuterRef("pk"), party=ChatReceipt.Party.AGENT).values("read_upto")[:1]
    last = ChatMessage.objects.filter(conversation=OuterRef("pk")).exclude(sender=Sender.SYSTEM).order_by("-seq")
    return chats.select_related("contact", "agent", "family", "model", "queue").annotate(
        read=Coalesce(Subquery(read), 0),
        unread=Count("messages", filter=Q(messages__sender=Sender.VISITOR, messages__seq__gt=F("read"))),
        last_text=Subquery(last.values("text")[:1]),
        last_kind=Subquery(last.values("kind")[:1]),
        last_title=Subquery(last.values("data__title")[:1]),
        last_sender=Subquery(last.values("sender")[:1]),
    )


def my_chats(user: Any) -> list[Conversation]:
    """Return the person's chats in hand, in the order in which they took them: rows do not move under the keys."""
    mine = with_news(Conversation.objects.filter(agent=user, status=Status.ACTIVE))
    return list(mine.order_by(F("accepted_at").asc(nulls_first=True), "pk"))


def my_offers(user: Any, *, now: datetime | None = None) -> list[ChatOffer]:
    """Return the offers that wait for the person's answer, the one that runs out first."""
    rows = ChatOffer.objects.filter(agent=user, state=ChatOffer.State.PENDING, expires_at__gt=now or timezone.now())
    related = ("conversation", "conversation__contact", "conversation__family", "conversation__model", "by")
    return list(rows.select_related(*related).order_by("expires_at"))


def the_queue(*, limit: int = QUEUE_SHOWN) -> list[Conversation]:
    """Return the waiting chats in order, each with `offered_to` (a name) and `offered_to_id` where an offer is open."""
    offered = ChatOffer.objects.filter(conversation=OuterRef("pk"), state=ChatOffer.State.PENDING)
    rows = waiting_chats().select_related("contact", "family", "model", "queue")
    rows = rows.annotate(offered_to=Subquery(offered.values("agent__name")[:1]), offered_to_id=Subquery(offered.values("agent_id")[:1]))
    return list(rows[:limit])


def just_ended(user: Any, *, now: datetime | None = None) -> list[Conversation]:
    """Return the last chats of today that the person had."""
    midnight = timezone.localtime(now or timezone.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Conversation.objects.filter(agent=user, status=Status.ENDED, ended_at__gte=midnight).select_related("contact", "model", "family")
    return list(rows.order_by("-ended_at")[:ENDED_SHOWN])


def waiting_count() -> int:
    """Return how many visitors wait."""
    return Conversation.objects.filter(status=Status.WAITING).count()


@dataclass(frozen=True)
class Entry:
    """One entry of a chat's stream: `kind` note, system or a message's; `data` of a file or an article."""

    kind: str
    sender: str
    name: str
    text: str
    at: datetime
    seq: int
    data: dict[str, Any]


def stream_of(conversation: Conversation) -> list[tuple[date, list[Entry]]]:
    """Return what was said and noted by day, in order of time; messages keep the order of their numbers."""
    entries = [
        Entry(row.kind, row.sender, row.sender_name, row.text, row.at, row.seq, shown_data(row))
        for row in ChatMessage.objects.filter(conversation=conversation).order_by("seq")
    ]
    notes = ChatNote.objects.filter(conversation=conversation).select_related("author")
    entries += [Entry("note", "staff", str(row.author or ""), row.text, row.at, row.seq, {}) for row in notes]
    entries.sort(key=lambda entry: (entry.at, entry.kind == "note", entry.seq))
    return [(day, list(rows)) for day, rows in groupby(entries, key=lambda entry: timezone.localtime(entry.at).date())]


def earlier_of(conversation: Conversation) -> dict[str, list[Any]]:
    """Return the visitor's other chats and tickets, newest first."""
    contact = conversation.contact
    chats, tickets = Conversation.objects.none(), Ticket.objects.none()
    if contact is not None and contact.user_id:
        chats, tickets = (
            Conversation.objects.filter(contact__user_id=contact.user_id),
            Ticket.objects.filter(contact__user_id=contact.user_id),
        )
    elif contact is not None:
        chats, tickets = Conversation.objects.filter(contact=contact), Ticket.objects.filter(contact=contact)
    elif conversation.visitor_key:
        chats = Conversation.objects.filter(visitor_key=conversation.visitor_key)
    others = chats.exclude(pk=conversation.pk).select_related("agent").order_by("-created_at")
    return {"chats": list(others[:EARLIER]), "tickets": list(tickets.select_related("contact").order_by("-created_at")[:EARLIER])}


def viewers_of(conversation: Conversation, *, but: Any, now: datetime | None = None) -> list[dict[str, Any]]:
    """Return who else among staff has the chat open: [{name, writing}], each person once, who writes first."""
    since = (now or timezone.now()) - timedelta(seconds=chat_settings().lost_seconds)
    rows = AgentSocket.objects.filter(conversation=conversation, seen_at__gt=since).exclude(user=but).select_related("user")
    found: dict[str, bool] = defaultdict(bool)
    for row in rows:
        found[str(row.user)] |= row.is_writing
    return [{"name": name, "writing": writing} for name, writing in sorted(found.items(), key=lambda pair: (not pair[1], pair[0]))]


def decisions_of(conversation: Conversation, *, limit: int = 10) -> list[dict[str, Any]]:
    """Return the router's decisions about a chat in words, newest first."""
    return [decision_words(row) for row in RoutingDecision.objects.filter(conversation=conversation)[:limit]]


def latest_decisions(chats: list[Conversation]) -> dict[int, dict[str, Any]]:
    """Return the newest decision about each chat in words, by the chat's number in the database."""
    newest = RoutingDecision.objects.filter(conversation=OuterRef("conversation")).order_by("-at", "-pk").values("pk")[:1]
    rows = RoutingDecision.objects.filter(conversation__in=chats, pk=Subquery(newest))
    return {row.conversation_id: decision_words(row) for row in rows}


def open_offer_of(conversation: Conversation) -> ChatOffer | None:
    """Return the offer that is open for a chat, with its agent."""
    return ChatOffer.objects.filter(conversation=conversation, state=ChatOffer.State.PENDING).select_related("agent").first()


def colleagues_for(conversation: Conversation) -> list[Agent]:
    """Return whom a chat can be handed to: everybody who is there and takes chats, except who has it."""
    return [agent for agent in crew() if agent.on_duty and agent.pk != conversation.agent_id]


def all_open() -> list[Conversation]:
    """Return every chat in hand, oldest first."""
    return list(with_news(Conversation.objects.filter(status=Status.ACTIVE)).order_by("accepted_at", "pk"))


def the_crew() -> list[dict[str, Any]]:
    """Return every agent for the supervisor: {agent, state, reason, since}; who is there comes first."""
    profiles = {row.user_id: row for row in AgentProfile.objects.all()}
    rows = [
        {"agent": agent, "profile": profiles[agent.pk], "state": _state(agent)}
        for agent in crew()
        if agent.is_connected or agent.is_available or agent.load
    ]
    return sorted(rows, key=lambda row: (not row["agent"].on_duty, not row["agent"].is_connected, row["agent"].name))


def _state(agent: Agent) -> str:
    if not agent.is_connected:
        return "gone"
    return "available" if agent.is_available else "away"
