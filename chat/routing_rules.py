"""Which agent is offered a waiting chat, and why: pure functions over plain data. The database is in `chat/actions/routing.py`.

The rules, in order. An agent must be there (a live connection), be available and have room. Among those on duty the chat asks for the
person or the team it was handed to, for its language and for the product's skill; a wish nobody on duty can fulfil is dropped rather
than letting the visitor wait for nobody. Who has let this very chat pass comes only when nobody else on duty would do. Among equals the
least loaded is chosen, then whoever was given a chat longest ago.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

# Reasons against an agent, in the order in which they are looked at.
GONE = "not_connected"
AWAY = "away"
OTHER_PERSON = "not_the_person"
OTHER_TEAM = "not_in_team"
LANGUAGE = "other_language"
SKILL = "other_skill"
PASSED = "passed_before"
FULL = "full"
# Wishes that were dropped because nobody on duty can fulfil them.
DROPPED = {OTHER_PERSON: "dropped_person", OTHER_TEAM: "dropped_team", LANGUAGE: "dropped_language", SKILL: "dropped_skill"}
AGAIN = "offered_again"
# Why a decision came out as it did.
CHOSEN = "chosen"
NOBODY_THERE = "nobody_there"
ALL_FULL = "all_full"
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Agent:
    """One agent as the router sees them. Empty `languages` or `families` mean all; `load` is active chats plus open offers."""

    pk: int
    name: str = ""
    languages: frozenset[str] = frozenset()
    families: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    is_connected: bool = True
    is_available: bool = True
    load: int = 0
    capacity: int = 3
    given_at: datetime | None = None

    @property
    def on_duty(self) -> bool:
        """Whether the agent is there and takes chats."""
        return self.is_connected and self.is_available

    @property
    def has_room(self) -> bool:
        """Whether one more chat fits."""
        return self.load < self.capacity


@dataclass(frozen=True)
class Waiting:
    """One waiting chat: since when (a chat that comes back keeps its first time), what it asks for, who has let it pass."""

    pk: int
    since: datetime
    language: str = ""
    family: int | None = None
    team: int | None = None
    person: int | None = None
    passed: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Judgement:
    """What the router thinks of one agent: `reasons` speak against them, none means they fit."""

    agent: Agent
    reasons: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether nothing speaks against the agent."""
        return not self.reasons


@dataclass(frozen=True)
class Decision:
    """Who is offered the chat (None: nobody now), why, which wishes were dropped, and every agent with the reasons."""

    waiting: Waiting
    chosen: Agent | None
    why: str
    dropped: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = field(default=())


def decide(waiting: Waiting, agents: Iterable[Agent]) -> Decision:
    """Return who is offered a waiting chat. The same input gives the same answer, whatever the order of the agents."""
    everyone = sorted(agents, key=lambda agent: agent.pk)
    duty = [agent for agent in everyone if agent.on_duty]
    unmet, dropped = _wishes(waiting, duty)
    wanted = [agent for agent in duty if not unmet[agent.pk]]
    again = bool(wanted) and all(agent.pk in waiting.passed for agent in wanted)
    passed = frozenset() if again else waiting.passed
    judgements = tuple(Judgement(agent, _against(agent, unmet.get(agent.pk, ()), passed)) for agent in everyone)
    fitting = [judgement.agent for judgement in judgements if judgement.fits]
    chosen = min(fitting, key=_order) if fitting else None
    why = CHOSEN if chosen else ALL_FULL if duty else NOBODY_THERE
    return Decision(waiting, chosen, why, (*dropped, *((AGAIN,) if again else ())), judgements)


def decide_all(queue: Iterable[Waiting], agents: Iterable[Agent], *, now: datetime) -> list[Decision]:
    """Decide a whole queue, longest waiting first; each offer counts against its agent for those behind."""
    crew = {agent.pk: agent for agent in agents}
    decisions = []
    for waiting in in_order(queue):
        decision = decide(waiting, crew.values())
        decisions.append(decision)
        if decision.chosen:
            given = crew[decision.chosen.pk]
            crew[given.pk] = replace(given, load=given.load + 1, given_at=now)
    return decisions


def in_order(queue: Iterable[Waiting]) -> list[Waiting]:
    """Return the queue, longest waiting first."""
    return sorted(queue, key=lambda waiting: (waiting.since, waiting.pk))


def _wishes(waiting: Waiting, duty: Sequence[Agent]) -> tuple[dict[int, list[str]], list[str]]:
    """Return the unmet wishes by agent, and those that were dropped because nobody left on duty meets them."""
    tests = (
        (OTHER_PERSON, waiting.person is not None, lambda agent: agent.pk == waiting.person),
        (OTHER_TEAM, waiting.team is not None, lambda agent: waiting.team in agent.teams),
        (LANGUAGE, bool(waiting.language), lambda agent: not agent.languages or waiting.language in agent.languages),
        (SKILL, waiting.family is not None, lambda agent: not agent.families or waiting.family in agent.families),
    )
    unmet: dict[int, list[str]] = {agent.pk: [] for agent in duty}
    dropped, left = [], list(duty)
    for reason, asked, meets in tests:
        if not asked or not duty:
            continue
        meeting = [agent for agent in left if meets(agent)]
        if not meeting:
            dropped.append(DROPPED[reason])
            continue
        for agent in duty:
            if not meets(agent):
                unmet[agent.pk].append(reason)
        left = meeting
    return unmet, dropped


def _against(agent: Agent, unmet: Iterable[str], passed: frozenset[int]) -> tuple[str, ...]:
    if not agent.is_connected:
        return (GONE,)
    if not agent.is_available:
        return (AWAY,)
    reasons = list(unmet)
    if agent.pk in passed:
        reasons.append(PASSED)
    if not agent.has_room:
        reasons.append(FULL)
    return tuple(reasons)


def _order(agent: Agent) -> tuple[int, bool, datetime, int]:
    """Least loaded first, then whoever was given a chat longest ago (never comes before ever), then the number."""
    return agent.load, agent.given_at is not None, agent.given_at or LONG_AGO, agent.pk


def is_live(seen_at: datetime | None, *, now: datetime, lost_seconds: int) -> bool:
    """Return whether a connection seen last at `seen_at` still counts; `lost_seconds` is the setting."""
    return seen_at is not None and now - seen_at < timedelta(seconds=lost_seconds)


def estimate(place: int, *, free: int, capacity: int, minutes: float) -> int | None:
    """Return the minutes somebody at `place` (1 is next) has to wait, at least 1; None where nobody is on duty.

    Args:
        free: chats that fit now.
        capacity: chats all agents on duty take at once.
        minutes: how long a chat takes.
    """
    if capacity < 1:
        return None
    ahead = max(0, place - free)
    return max(1, -(-int(ahead * minutes * 100) // (capacity * 100)))
