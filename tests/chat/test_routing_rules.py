"""The router's rules: fair, explainable, the same whoever asks; nobody over their number, nobody starved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import routing_rules as rules
from chat.routing_rules import Agent, Waiting, decide, decide_all, estimate, is_live

NOON = datetime(2026, 9, 14, 12, tzinfo=UTC)
CHAT = Waiting(pk=1, since=NOON, language="zh-hans", family=7)


def reasons(decision: rules.Decision) -> dict[int, tuple[str, ...]]:
    """Return the reasons against each agent."""
    return {judgement.agent.pk: judgement.reasons for judgement in decision.judgements}


def test_the_least_loaded_agent_comes_first_and_then_who_waited_longest_for_one() -> None:
    crew = [
        Agent(1, load=1, given_at=NOON - timedelta(hours=3)),
        Agent(2, given_at=NOON - timedelta(hours=1)),
        Agent(3, given_at=NOON - timedelta(hours=2)),
    ]
    assert decide(CHAT, crew).chosen == crew[2]
    assert decide(CHAT, [*crew, Agent(4)]).chosen == Agent(4)  # never given one comes before everybody


@pytest.mark.parametrize(
    ("agent", "against"),
    [
        (Agent(1, is_connected=False), (rules.GONE,)),
        (Agent(1, is_available=False), (rules.AWAY,)),
        (Agent(1, load=3), (rules.FULL,)),
        (Agent(1, languages=frozenset({"en"})), (rules.LANGUAGE,)),
        (Agent(1, families=frozenset({8})), (rules.SKILL,)),
        (Agent(1, families=frozenset({8}), languages=frozenset({"en"}), load=3), (rules.LANGUAGE, rules.SKILL, rules.FULL)),
    ],
)
def test_who_does_not_fit_is_passed_over_and_the_reason_is_kept(agent: Agent, against: tuple[str, ...]) -> None:
    other = Agent(2, load=2)
    decision = decide(CHAT, [agent, other])
    assert decision.chosen == other
    assert reasons(decision) == {1: against, 2: ()}


def test_a_busy_specialist_is_waited_for() -> None:
    decision = decide(CHAT, [Agent(1, families=frozenset({7}), load=3), Agent(2, families=frozenset({8}))])
    assert decision.chosen is None
    assert decision.why == rules.ALL_FULL


def test_a_wish_nobody_on_duty_fulfils_is_dropped_and_said_so() -> None:
    english = replace(CHAT, language="en")
    decision = decide(english, [Agent(1, languages=frozenset({"zh-hans"})), Agent(2, is_available=False)])
    assert decision.chosen is not None
    assert decision.dropped == (rules.DROPPED[rules.LANGUAGE],)


def test_a_transfer_waits_for_the_person_or_the_team_while_they_are_on_duty() -> None:
    crew = [Agent(1), Agent(2, teams=frozenset({5}), load=3)]
    assert decide(replace(CHAT, person=2), crew).chosen is None
    assert decide(replace(CHAT, team=5), crew).chosen is None
    gone = [crew[0], replace(crew[1], is_connected=False)]
    assert decide(replace(CHAT, person=2), gone).chosen == crew[0]
    assert decide(replace(CHAT, team=5), gone).dropped == (rules.DROPPED[rules.OTHER_TEAM],)


def test_who_let_the_chat_pass_is_asked_again_only_when_nobody_else_would_do() -> None:
    passed = replace(CHAT, passed=frozenset({1}))
    assert decide(passed, [Agent(1), Agent(2, load=2)]).chosen == Agent(2, load=2)
    assert reasons(decide(passed, [Agent(1), Agent(2)]))[1] == (rules.PASSED,)
    alone = decide(passed, [Agent(1), Agent(2, families=frozenset({8}))])
    assert alone.chosen == Agent(1)
    assert rules.AGAIN in alone.dropped


def test_nobody_there_is_said_plainly() -> None:
    assert decide(CHAT, []).why == rules.NOBODY_THERE
    assert decide(CHAT, [Agent(1, is_connected=False), Agent(2, is_available=False)]).why == rules.NOBODY_THERE


def test_a_chat_that_comes_back_is_at_the_head() -> None:
    back = Waiting(pk=9, since=NOON - timedelta(minutes=20))
    fresh = Waiting(pk=2, since=NOON - timedelta(minutes=1))
    assert [decision.waiting.pk for decision in decide_all([fresh, back], [Agent(1, capacity=1)], now=NOON) if decision.chosen] == [9]


def test_a_connection_counts_until_its_time_is_over() -> None:
    assert is_live(NOON, now=NOON + timedelta(seconds=29), lost_seconds=30)
    assert not is_live(NOON, now=NOON + timedelta(seconds=30), lost_seconds=30)
    assert not is_live(None, now=NOON, lost_seconds=30)


def test_the_estimate_counts_places_room_and_the_length_of_chats() -> None:
    assert estimate(1, free=2, capacity=6, minutes=8) == 1
    assert estimate(5, free=2, capacity=6, minutes=8) == 4
    assert estimate(4, free=0, capacity=1, minutes=8) == 32
    assert estimate(1, free=0, capacity=0, minutes=8) is None


sets = st.frozensets(st.integers(1, 3), max_size=2)
languages = st.frozensets(st.sampled_from(["zh-hans", "en"]), max_size=2)
agents = st.lists(
    st.builds(
        Agent,
        pk=st.integers(1, 40),
        languages=languages,
        families=sets,
        teams=sets,
        is_connected=st.booleans(),
        is_available=st.booleans(),
        load=st.integers(0, 4),
        capacity=st.integers(0, 4),
        given_at=st.none() | st.integers(0, 500).map(lambda minutes: NOON - timedelta(minutes=minutes)),
    ),
    unique_by=lambda agent: agent.pk,
    max_size=12,
)
chats = st.builds(
    Waiting,
    pk=st.integers(1, 10_000),
    since=st.integers(0, 500).map(lambda minutes: NOON - timedelta(minutes=minutes)),
    language=st.sampled_from(["zh-hans", "en"]),
    family=st.none() | st.integers(1, 3),
    team=st.none() | st.integers(1, 3),
    person=st.none() | st.integers(1, 40),
    passed=st.frozensets(st.integers(1, 40), max_size=4),
)


@settings(max_examples=150, deadline=None)
@given(chat=chats, crew=agents, data=st.data())
def test_a_decision_is_the_same_in_any_order_and_explains_itself(chat, crew, data) -> None:
    decision = decide(chat, crew)
    assert decide(chat, data.draw(st.permutations(crew))) == decision
    assert [judgement.agent.pk for judgement in decision.judgements] == sorted(agent.pk for agent in crew)
    if decision.chosen:
        assert decision.chosen.on_duty
        assert decision.chosen.has_room
        assert reasons(decision)[decision.chosen.pk] == ()
    else:
        assert all(reasons(decision).values())


@settings(max_examples=150, deadline=None)
@given(chat=chats, crew=agents)
def test_nobody_waits_for_a_wish_that_no_one_on_duty_can_fulfil(chat, crew) -> None:
    """Whoever has no agent has one to hope for: somebody on duty is fit but for the room, or has room next to a busy fit one."""
    decision = decide(chat, crew)
    if decision.chosen is None and any(agent.on_duty for agent in crew):
        assert any(set(judgement.reasons) <= {rules.FULL} for judgement in decision.judgements if judgement.agent.on_duty)


@settings(max_examples=100, deadline=None)
@given(queue=st.lists(chats, unique_by=lambda chat: chat.pk, max_size=20), crew=agents)
def test_a_whole_queue_never_fills_anybody_over_their_number_and_keeps_the_order(queue, crew) -> None:
    decisions = decide_all(queue, crew, now=NOON)
    for agent in crew:
        given_here = sum(decision.chosen is not None and decision.chosen.pk == agent.pk for decision in decisions)
        assert agent.load + given_here <= max(agent.capacity, agent.load)
    order = [(decision.waiting.since, decision.waiting.pk) for decision in decisions]
    assert order == sorted(order)


@pytest.mark.parametrize("seed", range(2))
def test_two_hundred_agents_and_visitors_come_go_accept_and_let_pass(seed: int) -> None:
    """A working day in fast motion: the long run of the rules with everything that happens in it."""
    from tests.chat.working_day import Day

    day = Day(agents=200, seed=seed)
    day.run(steps=700)
    assert day.served > 120
    assert day.longest_over_a_free_agent == timedelta(0)
