"""A day of live chat on the database, by the product's own actions in random order: the promises hold after every step."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from chat import actions
from chat.actions import offers, presence, transfers
from chat.dispatch import sweep
from chat.models import AgentProfile, ChatOffer, Conversation, RoutingDecision
from core.errors import DomainError
from tests.factories.accounts import StaffFactory
from tests.factories.chat import start_chat
from tests.factories.tickets import setup_desk

pytestmark = pytest.mark.django_db
State, Status = ChatOffer.State, Conversation.Status
MORNING = datetime(2026, 9, 14, 1, tzinfo=UTC)


class Day:
    """Agents and visitors; every happening is an action of the product, every refusal a `DomainError`."""

    def __init__(self, *, seed: int, agents: int) -> None:
        self.dice = random.Random(seed)
        self.agents = [StaffFactory(name=f"客服{number}", role="agent") for number in range(agents)]
        self.number = 0

    def pick(self, rows):
        """Return one of the rows, or None."""
        rows = list(rows)
        return self.dice.choice(rows) if rows else None

    def arrives(self) -> None:
        """A visitor comes."""
        self.number += 1
        start_chat(visitor_key=f"day-{self.number}", language=self.dice.choice(["zh-hans", "en"]))

    def comes(self) -> None:
        """An agent opens the console and takes chats."""
        agent = self.dice.choice(self.agents)
        presence.open_socket(f"c{agent.pk}", user=agent)
        presence.set_state(agent, state="available")
        AgentProfile.objects.filter(user=agent, capacity__isnull=True).update(capacity=self.dice.randint(1, 2))

    def goes(self) -> None:
        """An agent closes the console, or goes away."""
        agent = self.dice.choice(self.agents)
        if self.dice.random() < 0.5:
            presence.close_socket(f"c{agent.pk}", user=agent)
        else:
            presence.set_state(agent, state="away", reason="meal")

    def accepts(self) -> None:
        """Somebody answers an offer, sometimes too late."""
        offer = self.pick(ChatOffer.objects.filter(state__in=[State.PENDING, State.EXPIRED]).select_related("conversation", "agent")[:20])
        if offer:
            offers.accept_offer(offer, by=offer.agent)

    def declines(self) -> None:
        """Somebody lets an offer pass."""
        offer = self.pick(ChatOffer.objects.filter(state=State.PENDING).select_related("conversation", "agent"))
        if offer:
            offers.decline_offer(offer, by=offer.agent)

    def takes(self) -> None:
        """Somebody takes a waiting chat by hand."""
        chat = self.pick(Conversation.objects.filter(status=Status.WAITING))
        if chat:
            offers.take_chat(chat, by=self.dice.choice(self.agents))

    def hands_on(self) -> None:
        """Somebody asks a colleague to take over."""
        chat = self.pick(Conversation.objects.filter(status=Status.ACTIVE))
        if chat:
            given = {"by": chat.agent, "note": "请接手", "client_id": f"00000000-0000-4000-8000-{self.dice.randrange(16**12):012x}"}
            transfers.transfer_to_person(chat, to=self.dice.choice(self.agents), **given)

    def ends(self) -> None:
        """A visitor or an agent ends a chat."""
        chat = self.pick(Conversation.objects.exclude(status=Status.ENDED))
        if chat and chat.agent:
            actions.end_conversation(chat, party="agent", by=chat.agent, solved="yes")
        elif chat and self.dice.random() < 0.3:
            actions.end_conversation(chat, party="visitor")

    def check(self) -> None:
        """Never over the number, one agent a chat, one open offer a chat, nobody waits while somebody who fits is free."""
        load = Counter(Conversation.objects.filter(status=Status.ACTIVE).values_list("agent_id", flat=True))
        load.update(ChatOffer.objects.filter(state=State.PENDING).values_list("agent_id", flat=True))
        capacity = dict(AgentProfile.objects.values_list("user_id", "capacity"))
        assert all(count <= (capacity[agent] or 3) for agent, count in load.items())
        assert not Conversation.objects.filter(status=Status.WAITING, agent__isnull=False).exists()
        open_ones = ChatOffer.objects.filter(state=State.PENDING)
        assert not open_ones.filter(conversation__status=Status.ENDED).exists()
        assert len(set(open_ones.values_list("conversation_id", flat=True))) == open_ones.count()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_day_in_random_order_breaks_no_promise(roles, seed: int) -> None:
    setup_desk()
    day = Day(seed=seed, agents=4)
    happenings = [day.arrives] * 4 + [day.comes] * 3 + [day.accepts] * 5 + [day.ends] * 3
    happenings += [day.goes, day.declines, day.takes, day.hands_on]
    now, refused = MORNING, 0
    for _step in range(60):
        now += timedelta(seconds=day.dice.randint(1, 25))
        with time_machine.travel(now, tick=False):
            for agent in day.agents:
                if agent.chat_sockets.exists() and day.dice.random() < 0.9:
                    presence.refresh_socket(f"c{agent.pk}", user=agent)
            try:
                day.dice.choice(happenings)()
            except DomainError:
                refused += 1
            sweep()
            day.check()
    assert ChatOffer.objects.filter(state=State.ACCEPTED).count() > 2
    assert ChatOffer.objects.filter(state__in=[State.EXPIRED, State.WITHDRAWN]).exists()
    assert refused
    # Once everybody is there and answers, everybody is served, in the order of their coming.
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        for agent in day.agents:
            presence.open_socket(f"c{agent.pk}", user=agent)
            presence.set_state(agent, state="available")
        for _round in range(30):
            sweep()
            for offer in ChatOffer.objects.filter(state=State.PENDING).select_related("conversation", "agent"):
                offers.accept_offer(offer, by=offer.agent)
            for chat in Conversation.objects.filter(status=Status.ACTIVE):
                actions.end_conversation(chat, party="agent", by=chat.agent, solved="yes")
        assert not Conversation.objects.exclude(status=Status.ENDED).exists()
    assert RoutingDecision.objects.filter(chosen__isnull=False).exists()
