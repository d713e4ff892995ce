"""A working day of live chat on the pure rules: agents come and go, accept, let pass and end; visitors arrive and give up."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chat import routing_rules as rules
from chat.routing_rules import Agent, Waiting, decide_all


@dataclass
class Day:
    """The state and its promises, checked after every step."""

    agents: int
    seed: int
    now: datetime = datetime(2026, 9, 14, 9, tzinfo=UTC)
    crew: dict[int, Agent] = field(default_factory=dict)
    queue: dict[int, Waiting] = field(default_factory=dict)
    offers: dict[int, int] = field(default_factory=dict)
    hands: dict[int, int] = field(default_factory=dict)
    served: int = 0
    longest_over_a_free_agent: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        """Let everybody be at home."""
        self.dice = random.Random(self.seed)
        self.number = 0
        for pk in range(1, self.agents + 1):
            self.crew[pk] = Agent(
                pk,
                languages=frozenset(self.dice.sample(["zh-hans", "en"], self.dice.randint(0, 2))),
                families=frozenset(self.dice.sample(range(1, 6), self.dice.randint(0, 2))),
                is_connected=False,
                is_available=False,
                capacity=self.dice.randint(1, 3),
            )

    def run(self, *, steps: int) -> None:
        """Live through the day."""
        happenings = [self.arrives] * 7 + [self.comes] * 3 + [self.accepts] * 6 + [self.ends] * 4 + [self.goes, self.passes, self.gives_up]
        for _step in range(steps):
            self.now += timedelta(seconds=self.dice.randint(1, 20))
            self.dice.choice(happenings)()
            self.route()
            self.check()

    def loaded(self) -> dict[int, Agent]:
        """Return the crew with its load: chats in hand plus open offers."""
        load = dict.fromkeys(self.crew, 0)
        for agent in [*self.offers.values(), *self.hands.values()]:
            load[agent] += 1
        return {pk: replace(agent, load=load[pk]) for pk, agent in self.crew.items()}

    def route(self) -> None:
        """Decide the queue as the database does: what is offered already is left alone."""
        waiting = [chat for pk, chat in self.queue.items() if pk not in self.offers]
        for decision in decide_all(waiting, self.loaded().values(), now=self.now):
            if decision.chosen:
                self.offers[decision.waiting.pk] = decision.chosen.pk
                self.crew[decision.chosen.pk] = replace(self.crew[decision.chosen.pk], given_at=self.now)

    def check(self) -> None:
        """Never over the number, never two agents for a chat, nobody kept waiting while somebody fit is free."""
        crew = self.loaded()
        assert all(agent.load <= agent.capacity for agent in crew.values())
        assert not set(self.hands) & set(self.queue)
        assert set(self.offers) <= set(self.queue)
        for pk, chat in self.queue.items():
            if pk not in self.offers and rules.decide(chat, crew.values()).chosen:
                self.longest_over_a_free_agent = max(self.longest_over_a_free_agent, self.now - chat.since)

    def arrives(self) -> None:
        """A visitor joins the queue."""
        self.number += 1
        family = self.dice.choice([None, 1, 2, 3, 4, 5])
        self.queue[self.number] = Waiting(self.number, self.now, language=self.dice.choice(["zh-hans", "zh-hans", "en"]), family=family)

    def comes(self) -> None:
        """An agent opens the console."""
        pk = self.dice.choice(list(self.crew))
        self.crew[pk] = replace(self.crew[pk], is_connected=True, is_available=True)

    def goes(self) -> None:
        """An agent's connection is lost: their chats wait again, keeping their first time, and their offers are taken back."""
        pk = self.dice.choice(list(self.crew))
        self.crew[pk] = replace(self.crew[pk], is_connected=False)
        for chat in [chat for chat, agent in self.hands.items() if agent == pk]:
            del self.hands[chat]
            self.queue[chat] = Waiting(chat, self.now - timedelta(minutes=30))
        self.offers = {chat: agent for chat, agent in self.offers.items() if agent != pk}

    def accepts(self) -> None:
        """Somebody takes what they were offered."""
        if self.offers:
            chat = self.dice.choice(list(self.offers))
            self.hands[chat] = self.offers.pop(chat)
            del self.queue[chat]
            self.served += 1

    def passes(self) -> None:
        """An offer runs out."""
        if self.offers:
            chat = self.dice.choice(list(self.offers))
            self.queue[chat] = replace(self.queue[chat], passed=self.queue[chat].passed | {self.offers.pop(chat)})

    def ends(self) -> None:
        """A chat ends: its agent has room again."""
        if self.hands:
            del self.hands[self.dice.choice(list(self.hands))]

    def gives_up(self) -> None:
        """A visitor leaves the queue."""
        if self.queue:
            chat = self.dice.choice(list(self.queue))
            del self.queue[chat]
            self.offers.pop(chat, None)
