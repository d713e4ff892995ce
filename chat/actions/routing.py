"""The router on the database: one atomic decision a chat, stored with every candidate's reasons.

Any process may decide, several at once: the chat's row is taken with `skip locked`, the chosen agent's profile is locked before the
offer is written and their load counted again under that lock. On SQLite the transaction itself is the lock.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.actions.offers import expire_offers, lock_profile, make_offer
from chat.models import ChatOffer, Conversation, RoutingDecision
from chat.queries.crew import as_waiting, crew, waiting_chats
from chat.routing_rules import Agent, Decision, decide

logger = logging.getLogger(__name__)
TRIES = 5
Pending = ChatOffer.State.PENDING


def route_waiting(*, trigger: str, now: datetime | None = None) -> int:
    """Offer waiting chats to free agents, longest waiting first; return how many offers were made.

    Args:
        trigger: why now, for the stored decision: started, ended, accepted, declined, available, connected, transferred, sweep …
    """
    now = now or timezone.now()
    expire_offers(now=now)
    made = 0
    for pk in waiting_chats().exclude(offers__state=Pending).values_list("pk", flat=True):
        agents = crew(now=now)
        try:
            made += route_one(pk, agents=agents, trigger=trigger, now=now)
        except IntegrityError:
            logger.info("chat %s was offered by another process", pk)
        if not any(agent.on_duty and agent.has_room for agent in agents):
            break
    return made


def route_one(pk: int, *, agents: list[Agent], trigger: str, now: datetime) -> bool:
    """Decide one waiting chat; return whether an offer was made. Another process deciding it already means no."""
    with transaction.atomic():
        rows = Conversation.objects.select_for_update(skip_locked=True, of=("self",))
        conversation = rows.filter(pk=pk, status=Conversation.Status.WAITING).first()
        if conversation is None or ChatOffer.objects.filter(conversation=conversation, state=Pending).exists():
            return False
        waiting = as_waiting(conversation)
        for _try in range(TRIES):
            decision = decide(waiting, agents)
            if decision.chosen is None:
                break
            fresh = _locked(decision.chosen.pk, now)
            agents = [fresh if fresh and agent.pk == fresh.pk else agent for agent in agents]
            if fresh == decision.chosen:
                make_offer(conversation, agent_id=fresh.pk, now=now)
                break
        else:
            return False  # the crew changes faster than we decide: the next event or sweep goes on
        store_decision(conversation, decision=decision, trigger=trigger, now=now)
        return decision.chosen is not None


def _locked(user_id: int, now: datetime) -> Agent | None:
    """Return the agent as they are under the lock of their profile, so that nobody else gives them a chat meanwhile."""
    lock_profile(user_id)
    return next(iter(crew(now=now, only=[user_id])), None)


def store_decision(conversation: Conversation, *, decision: Decision, trigger: str, now: datetime) -> RoutingDecision | None:
    """Keep a decision with every candidate's reasons; “still nobody” for the same reasons is kept once. Returns the new row."""
    data: dict[str, Any] = {
        "why": decision.why,
        "dropped": list(decision.dropped),
        "candidates": [
            {
                "agent": judgement.agent.pk,
                "name": judgement.agent.name,
                "fit": judgement.fits,
                "load": judgement.agent.load,
                "capacity": judgement.agent.capacity,
                "reasons": list(judgement.reasons),
            }
            for judgement in decision.judgements
        ],
    }
    chosen = decision.chosen.pk if decision.chosen else None
    if chosen is None:
        last = RoutingDecision.objects.filter(conversation=conversation).first()
        if last is not None and last.chosen_id is None and last.data == data:
            return None
    return RoutingDecision.objects.create(conversation=conversation, at=now, trigger=trigger[:24], chosen_id=chosen, data=data)
