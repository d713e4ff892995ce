"""Handing a chat on: to a person, who has to accept while it stays where it is, or to a team's queue, at its head."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.actions.base import lock_conversation, system_message
from chat.actions.notes import add_note
from chat.actions.offers import lock_profile, make_offer, withdraw_offers
from chat.models import ChatOffer, Conversation, RoutingDecision
from chat.permissions import answers_chats, supervises_chat
from chat.queries.crew import crew
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import emit
from core.history import record
from core.text import plain_text
from tickets.models import Queue

Status = Conversation.Status
MAX_WORDS = 500


def transfer_to_person(conversation: Conversation, *, by: Any, to: Any, note: str, client_id: Any) -> ChatOffer:
    """Offer a chat to a colleague; it stays with its agent until they accept, so the visitor is never left alone.

    Raises NotAllowed (not one's own chat), InvalidInput without a word to the colleague, Conflict (code `gone`, `full`, `ended`).
    """
    words = _words(note)
    now = timezone.now()
    with transaction.atomic():
        locked = _own(conversation, by)
        if to.pk == locked.agent_id:
            raise InvalidInput(_("This person has the chat already."), field="to")
        if not answers_chats(to):
            raise InvalidInput(_("This person does not answer chats."), field="to")
        lock_profile(to.pk)
        there = next(iter(crew(now=now, only=[to.pk])), None)
        if there is None or not there.on_duty:
            raise Conflict(_("%(name)s is not there now; choose somebody else or a team.") % {"name": to}, code="gone")
        if not there.has_room:
            raise Conflict(_("%(name)s has as many chats as they take at once.") % {"name": to}, code="full")
        withdraw_offers(locked, now=now)
        offer = make_offer(locked, agent_id=to.pk, now=now, by=by, note=words)
        locked.wanted_agent = to
        locked.save(update_fields=["wanted_agent"])
        add_note(locked, by=by, text=_("For %(name)s: %(note)s") % {"name": to, "note": words}, client_id=client_id)
        record(locked, "transfer_offered", by=by, new=str(to), reason=words)
    return offer


def transfer_to_team(conversation: Conversation, *, by: Any, team: Queue, note: str, client_id: Any) -> Conversation:
    """Put a chat into a team's queue; it keeps its first time and so waits at the head. The visitor is told.

    Raises NotAllowed (not one's own chat), InvalidInput without a word to the team, Conflict (code `gone`, `ended`).
    """
    words = _words(note)
    now = timezone.now()
    with transaction.atomic():
        locked = _own(conversation, by)
        if not any(agent.on_duty and team.pk in agent.teams and agent.pk != locked.agent_id for agent in crew(now=now)):
            raise Conflict(_("Nobody of %(team)s is there now; choose another team or a person.") % {"team": team}, code="gone")
        before = locked.agent
        withdraw_offers(locked, now=now)
        locked.status, locked.agent, locked.wanted_agent, locked.queue = Status.WAITING, None, None, team
        locked.save(update_fields=["status", "agent", "wanted_agent", "queue"])
        add_note(locked, by=by, text=_("For %(name)s: %(note)s") % {"name": team, "note": words}, client_id=client_id)
        # The router reads here who has handed the chat on, and does not offer it back to them while others are there.
        data = {"why": "handed_on", "by": before.pk if before else None, "team": team.key, "candidates": [], "dropped": []}
        RoutingDecision.objects.create(conversation=locked, at=now, trigger="transferred", data=data)
        system_message(locked, event="passed_on")
        record(locked, "transferred", by=by, old=str(before or ""), new=team.key, reason=words)
        emit("chat.requeued", conversation_id=locked.pk, agent_id=before.pk if before else by.pk)
    return locked


def cancel_transfer(conversation: Conversation, *, by: Any) -> bool:
    """Take a transfer back that nobody has accepted yet; return whether there was one. Raises NotAllowed, Conflict."""
    with transaction.atomic():
        locked = _own(conversation, by)
        locked.wanted_agent = None
        locked.save(update_fields=["wanted_agent"])
        return bool(withdraw_offers(locked, now=timezone.now()))


def _own(conversation: Conversation, by: Any) -> Conversation:
    """Return the locked chat of its agent, or any for a supervisor."""
    locked = lock_conversation(conversation)
    if locked.status != Status.ACTIVE:
        raise Conflict(_("Nobody has this chat now."), code="ended" if locked.status == Status.ENDED else "waiting")
    if locked.agent_id != by.pk and not supervises_chat(by):
        raise NotAllowed(_("Only who has the chat, or a supervisor, may hand it on."))
    return locked


def _words(note: str) -> str:
    words = plain_text(note or "", lines=False)
    if not words:
        raise InvalidInput(_("Say in a few words what it is about."), field="note", code="empty")
    return words[:MAX_WORDS]
