"""The router on the database: one atomic decision a chat, stored with every candidate's reasons.

Any process may decide at any moment. Decisions follow each other, one short transaction each, so that nobody overtakes a visitor who
has waited longer; the chosen agent's profile is locked before the offer is written and their load counted again under that lock, since
chats are also taken by hand. On SQLite the transaction itself is the lock.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chat.actions.offers import expire_offers, lock_profile, make_offer
from chat.models import ChatOffer, Conversation, RoutingDecision
from chat.queries.crew import as_waiting, crew, waiting_chats
from chat.routing_rules import Agent, Decision, decide

logger = logging.getLogger(__name__)
TRIES = 5
ROUTER_LOCK = 0x63686174  # “chat”: the key of the advisory lock on PostgreSQL
Pending = ChatOffer.State.PENDING


def route_waiting(*, trigger: str, now: datetime | None = None) -> int:
    """Offer waiting chats to free agents, longest waiting first; return how many offers were made.

    Args:
        trigger: why now, for the stored decision: started, ended, passed, requeued, agent, sweep.
    """
    now = now or timezone.now()
    expire_offers(now=now)
    made = 0
    for pk in waiting_chats().exclude(offers__state=Pending).values_list("pk", flat=True):
        agents = crew(now=now)
        made += route_one(pk, agents=agents, trigger=trigger, now=now)
        if not any(agent.on_duty and agent.has_room for agent in agents):
            break
    return made


def route_one(pk: int, *, agents: list[Agent], trigger: str, now: datetime) -> bool:
    """Decide one waiting chat; return whether an offer was made. One that another process has decided meanwhile means no.

    A try locks one chat and one profile at most, so that routers never wait for each other in a circle; when the chosen agent has
    changed meanwhile, the next try starts afresh.
    """
    for _try in range(TRIES):
        try:
            return _try_one(pk, agents=agents, trigger=trigger, now=now)
        except _Changed:
            agents = crew(now=now)
        except IntegrityError:
            logger.info("chat %s was offered by another process", pk)
            return False
    return False  # the crew changes faster than we decide: the next event or sweep goes on


class _Changed(Exception):
    """The chosen agent is not as they were when the decision was made."""


def _one_router_at_a_time() -> None:
    """Wait for the router of another process; without this two passes could give the last free agent to who came later."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROUTER_LOCK])


@transaction.atomic
def _try_one(pk: int, *, agents: list[Agent], trigger: str, now: datetime) -> bool:
    _one_router_at_a_time()
    rows = Conversation.objects.select_for_update(of=("self",))
    conversation = rows.filter(pk=pk, status=Conversation.Status.WAITING).first()
    if conversation is None or ChatOffer.objects.filter(conversation=conversation, state=Pending).exists():
        return False
    decision = decide(as_waiting(conversation), agents)
    if decision.chosen is not None:
        if _locked(decision.chosen.pk, now) != decision.chosen:
            raise _Changed
        make_offer(conversation, agent_id=decision.chosen.pk, now=now)
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
