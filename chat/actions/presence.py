"""Who is really there: a row for every open console, kept alive by its socket; and what happens to the chats of who is gone."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.actions.base import lock_conversation, system_message
from chat.actions.offers import lock_profile
from chat.models import AgentProfile, AgentSocket, ChatOffer, Conversation
from chat.permissions import answers_chats
from chat.queries.crew import is_present
from chat.queries.settings import chat_settings
from core.errors import InvalidInput, NotAllowed
from core.events import emit
from core.history import record
from core.text import plain_text

State, Status = AgentProfile.State, Conversation.Status


def profile_of(user: Any) -> AgentProfile:
    """Return the agent's profile, made on first use: every product, every language, the usual number at once."""
    profile, _created = AgentProfile.objects.get_or_create(user=user)
    return profile


def open_socket(channel: str, *, user: Any, now: datetime | None = None) -> AgentSocket:
    """Note that a console is open."""
    now = now or timezone.now()
    with transaction.atomic():
        profile_of(user)
        socket, _created = AgentSocket.objects.update_or_create(channel=channel, defaults={"user": user, "seen_at": now})
        AgentProfile.objects.filter(user=user).update(seen_at=now)
        emit("chat.agent_changed", user_id=user.pk)
    return socket


def refresh_socket(channel: str, *, user: Any, now: datetime | None = None) -> None:
    """Note that a console is still open; one that was swept away meanwhile is there again."""
    now = now or timezone.now()
    if not AgentSocket.objects.filter(channel=channel).update(seen_at=now):
        open_socket(channel, user=user, now=now)
    AgentProfile.objects.filter(user=user).update(seen_at=now)


def close_socket(channel: str, *, user: Any, now: datetime | None = None) -> None:
    """Forget a console that was closed; its chats stay for as long as a page needs to load again."""
    now = now or timezone.now()
    with transaction.atomic():
        closed = AgentSocket.objects.filter(channel=channel).select_related("conversation").first()
        AgentSocket.objects.filter(channel=channel).delete()
        AgentProfile.objects.filter(user=user).update(seen_at=now)
        emit("chat.agent_changed", user_id=user.pk)
        if closed is not None and closed.conversation_id:
            emit("chat.viewed", conversation_id=closed.conversation_id)


def show_conversation(channel: str, *, conversation: Conversation | None, is_writing: bool = False) -> None:
    """Note which chat a console shows and whether its agent is writing there, for the colleagues who have it open too."""
    with transaction.atomic():
        changed = AgentSocket.objects.filter(channel=channel).filter(
            ~Q(conversation=conversation) | Q(conversation__isnull=conversation is not None) | Q(is_writing=not is_writing)
        )
        if changed.update(conversation=conversation, is_writing=is_writing) and conversation is not None:
            emit("chat.viewed", conversation_id=conversation.pk)


def set_state(user: Any, *, state: str, reason: str = "", by: Any = None) -> AgentProfile:
    """Say whether an agent takes chats; who goes away gives open offers back at once, chats in hand stay.

    Args:
        reason: why they are away, at most 80 characters.
        by: a supervisor who sets it for them; themselves by default.
    Raises:
        NotAllowed, InvalidInput.
    """
    if not answers_chats(user):
        raise NotAllowed()
    if state not in State.values:
        raise InvalidInput(_("Choose available or away."), field="state")
    why = plain_text(reason or "", lines=False)[:80] if state == State.AWAY else ""
    now = timezone.now()
    with transaction.atomic():
        profile = lock_profile(user.pk)
        if (profile.state, profile.away_reason) == (state, why):
            return profile
        profile.state, profile.away_reason, profile.state_at = state, why, now
        profile.save(update_fields=["state", "away_reason", "state_at"])
        record(profile, "state_changed", by=by or user, new=state, reason=why)
        emit("chat.agent_changed", user_id=user.pk)
    if state == State.AWAY:
        give_back_offers(user.pk, now=now)
    return profile


def give_back_offers(user_id: int, *, now: datetime) -> int:
    """Withdraw the open offers of an agent who cannot answer them; return how many."""
    given = 0
    for offer in ChatOffer.objects.filter(agent_id=user_id, state=ChatOffer.State.PENDING).select_related("conversation"):
        with transaction.atomic():
            conversation = lock_conversation(offer.conversation)
            pending = ChatOffer.objects.filter(pk=offer.pk, state=ChatOffer.State.PENDING)
            if pending.update(state=ChatOffer.State.WITHDRAWN, settled_at=now):
                if offer.by_id:
                    Conversation.objects.filter(pk=conversation.pk).update(wanted_agent=None)
                emit("chat.passed", conversation_id=conversation.pk, agent_id=user_id)
                given += 1
    return given


def release_chats(profile: AgentProfile, *, now: datetime | None = None) -> int:
    """Put the chats of an agent who is gone back to the head of the queue and tell their visitors; return how many.

    Nothing happens when the agent is there after all.
    """
    now = now or timezone.now()
    give_back_offers(profile.user_id, now=now)
    released = 0
    for row in Conversation.objects.filter(agent_id=profile.user_id, status=Status.ACTIVE):
        with transaction.atomic():
            conversation = lock_conversation(row)
            if conversation.agent_id != profile.user_id or conversation.status != Status.ACTIVE or is_present(profile, now=now):
                continue
            agent = conversation.agent
            conversation.status, conversation.agent = Status.WAITING, None
            conversation.save(update_fields=["status", "agent"])
            system_message(conversation, event="requeued", name=str(agent))
            record(conversation, "requeued", label="system", old=str(agent))
            emit("chat.requeued", conversation_id=conversation.pk, agent_id=profile.user_id)
            released += 1
    return released


def sweep_presence(*, now: datetime | None = None) -> int:
    """Forget the connections of killed processes and release the chats of agents without any; return how many chats."""
    now = now or timezone.now()
    lost = timedelta(seconds=chat_settings().lost_seconds)
    AgentSocket.objects.filter(seen_at__lte=now - lost).delete()
    busy = Q(user__conversations__status=Status.ACTIVE) | Q(user__chat_offers__state=ChatOffer.State.PENDING)
    profiles = AgentProfile.objects.filter(busy).distinct()
    return sum(release_chats(profile, now=now) for profile in profiles if not is_present(profile, now=now))
