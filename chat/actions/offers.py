"""Offers: one waiting chat before one agent, with an end. Accepted by one, else the next agent is asked."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.actions.base import lock_conversation, system_message
from chat.actions.notes import system_note
from chat.models import AgentProfile, ChatOffer, Conversation
from chat.permissions import answers_chats, supervises_chat
from chat.queries.crew import capacity_of, loads
from chat.queries.settings import chat_settings
from core.errors import Conflict, NotAllowed
from core.events import emit
from core.history import record

State, Status = ChatOffer.State, Conversation.Status
Offers = ChatOffer.objects


def lock_profile(user_id: int) -> AgentProfile:
    """Return the agent's profile, locked: whoever gives an agent a chat holds it, so load and capacity cannot run apart."""
    AgentProfile.objects.get_or_create(user_id=user_id)
    return AgentProfile.objects.select_for_update().get(user_id=user_id)


def make_offer(conversation: Conversation, *, agent_id: int, now: datetime, by: Any = None, note: str = "") -> ChatOffer:
    """Lay a locked conversation before an agent whose profile is locked too; at most one offer a conversation is open.

    Args:
        by: who hands the chat over, for a transfer; `note` is their word to the colleague.
    """
    seconds = chat_settings().accept_seconds
    offer = Offers.create(
        conversation=conversation, agent_id=agent_id, offered_at=now, expires_at=now + timedelta(seconds=seconds), by=by, note=note[:500]
    )
    AgentProfile.objects.filter(user_id=agent_id).update(last_offered_at=now)
    emit("chat.offered", conversation_id=conversation.pk, agent_id=agent_id, offer_id=offer.pk)
    return offer


def accept_offer(offer: ChatOffer, *, by: Any) -> Conversation:
    """Take the chat one was offered; the same person again changes nothing.

    The offer is settled by one conditional update under the conversation's lock, so it is accepted or expired, never both.
    Raises NotAllowed for somebody else's offer, Conflict (code `expired`, `taken`, `withdrawn`, `ended`) when it is over.
    """
    if offer.agent_id != by.pk or not answers_chats(by):
        raise NotAllowed()
    now = timezone.now()
    with transaction.atomic():
        conversation = lock_conversation(offer.conversation)
        won = Offers.filter(pk=offer.pk, state=State.PENDING, expires_at__gt=now).update(state=State.ACCEPTED, settled_at=now)
        if not won:
            offer.refresh_from_db()
            if offer.state == State.ACCEPTED and conversation.agent_id == by.pk:
                return conversation
            _refuse_late(offer, conversation)
        if conversation.status == Status.ENDED:
            raise Conflict(_("The chat has ended."), code="ended")
        _hand_to(conversation, by=by, now=now)
    return conversation


def _refuse_late(offer: ChatOffer, conversation: Conversation) -> None:
    if conversation.status == Status.ENDED:
        raise Conflict(_("The chat has ended."), code="ended")
    if conversation.agent and conversation.agent_id != offer.agent_id and conversation.agent_id != offer.by_id:
        raise Conflict(_("%(name)s was faster and has the chat.") % {"name": conversation.agent}, code="taken")
    if offer.state in {State.PENDING, State.EXPIRED}:
        raise Conflict(_("The time to accept is over; the next colleague is asked."), code="expired")
    raise Conflict(_("This offer is no longer open."), code="withdrawn")


def _hand_to(conversation: Conversation, *, by: Any, now: datetime) -> None:
    """Give a locked conversation to an agent and tell the visitor; from a colleague it is a transfer."""
    before = conversation.agent if conversation.status == Status.ACTIVE else None
    conversation.status, conversation.agent, conversation.wanted_agent = Status.ACTIVE, by, None
    conversation.accepted_at = conversation.accepted_at or now
    conversation.save(update_fields=["status", "agent", "wanted_agent", "accepted_at"])
    system_message(conversation, event="transferred" if before else "joined", name=str(by))
    record(conversation, "accepted", by=by, old=str(before or ""))
    emit("chat.accepted", conversation_id=conversation.pk, agent_id=by.pk)


def take_chat(conversation: Conversation, *, by: Any) -> Conversation:
    """Take a waiting chat out of the queue by hand; an open offer to a colleague is withdrawn and their page says so.

    The same person again changes nothing. Raises NotAllowed, Conflict (code `full`, `taken` naming the winner, `ended`).
    """
    if not answers_chats(by):
        raise NotAllowed()
    now = timezone.now()
    with transaction.atomic():
        conversation = lock_conversation(conversation)
        if conversation.status == Status.ENDED:
            raise Conflict(_("The chat has ended."), code="ended")
        if conversation.status == Status.ACTIVE:
            if conversation.agent_id == by.pk:
                return conversation
            raise Conflict(_("%(name)s was faster and has the chat.") % {"name": conversation.agent}, code="taken")
        _demand_room(by, but=conversation)
        _take(conversation, by=by, now=now)
    return conversation


def _demand_room(by: Any, *, but: Conversation) -> None:
    """Refuse when the agent has as many chats as they take; their profile is locked, so two tabs cannot both pass."""
    profile = lock_profile(by.pk)
    own = Offers.filter(conversation=but, agent=by, state=State.PENDING).count()
    if loads([by.pk])[by.pk] - own >= capacity_of(profile, chat_settings()):
        raise Conflict(_("You have as many chats as you take at once."), code="full")


def _take(conversation: Conversation, *, by: Any, now: datetime) -> None:
    withdraw_offers(conversation, now=now)
    Offers.create(conversation=conversation, agent=by, state=State.ACCEPTED, offered_at=now, expires_at=now, settled_at=now)
    _hand_to(conversation, by=by, now=now)


def take_over(conversation: Conversation, *, by: Any) -> Conversation:
    """Take a chat from the queue or from a colleague, as a supervisor and on purpose, even above one's own number.

    Raises NotAllowed, Conflict when it has ended.
    """
    if not supervises_chat(by):
        raise NotAllowed()
    now = timezone.now()
    with transaction.atomic():
        conversation = lock_conversation(conversation)
        if conversation.status == Status.ENDED:
            raise Conflict(_("The chat has ended."), code="ended")
        if conversation.status == Status.ACTIVE and conversation.agent_id == by.pk:
            return conversation
        lock_profile(by.pk)
        before = conversation.agent
        _take(conversation, by=by, now=now)
        record(conversation, "taken_over", by=by, old=str(before or ""))
        if before is not None:
            system_note(conversation, text=_("%(name)s has taken over the chat.") % {"name": by})
    return conversation


def decline_offer(offer: ChatOffer, *, by: Any) -> ChatOffer:
    """Let an offer pass; the next colleague is asked at once, a transfer stays where it was.

    The same again changes nothing. Raises NotAllowed, Conflict (code `withdrawn`) when it is over already.
    """
    if offer.agent_id != by.pk:
        raise NotAllowed()
    now = timezone.now()
    with transaction.atomic():
        conversation = lock_conversation(offer.conversation)
        if not Offers.filter(pk=offer.pk, state=State.PENDING).update(state=State.DECLINED, settled_at=now):
            offer.refresh_from_db()
            if offer.state == State.DECLINED:
                return offer
            raise Conflict(_("This offer is no longer open."), code="withdrawn")
        offer.refresh_from_db()
        _passed(conversation, offer, verb="declined", by=by)
    return offer


def expire_offers(*, now: datetime | None = None) -> int:
    """Settle the offers whose time is over; return how many. Several processes may do it at once."""
    now = now or timezone.now()
    expired = 0
    over = {"state": State.PENDING, "expires_at__lte": now}
    for offer in Offers.filter(**over).select_related("conversation", "agent", "by"):
        with transaction.atomic():
            conversation = lock_conversation(offer.conversation)
            if Offers.filter(pk=offer.pk, **over).update(state=State.EXPIRED, settled_at=now):
                _passed(conversation, offer, verb="not_accepted", by=None)
                expired += 1
    return expired


def _passed(conversation: Conversation, offer: ChatOffer, *, verb: str, by: Any) -> None:
    """Write down that an offer came to nothing; a refused transfer leaves the chat with whoever had it, who reads why in a note."""
    record(conversation, verb, by=by, label=str(offer.agent), offer=offer.pk)
    if offer.by_id:
        Conversation.objects.filter(pk=conversation.pk).update(wanted_agent=None)
        words = _("%(name)s did not take the chat over.") if verb == "declined" else _("%(name)s did not answer in time.")
        system_note(conversation, text=words % {"name": offer.agent})
    emit("chat.passed", conversation_id=conversation.pk, agent_id=offer.agent_id)


def withdraw_offers(conversation: Conversation, *, now: datetime) -> int:
    """Take back the open offer of a locked conversation; its agent's page is told. Returns how many there were."""
    open_ones = list(Offers.filter(conversation=conversation, state=State.PENDING).values_list("pk", "agent_id"))
    for pk, agent_id in open_ones:
        Offers.filter(pk=pk, state=State.PENDING).update(state=State.WITHDRAWN, settled_at=now)
        emit("chat.passed", conversation_id=conversation.pk, agent_id=agent_id)
    return len(open_ones)
