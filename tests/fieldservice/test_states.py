"""The table of states: sound, complete in both languages, and walked at random without ever leaving it."""

from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldservice import states
from fieldservice.models import RepairOrder

ROLES = st.sets(st.sampled_from([states.CUSTOMER, states.AGENT, states.SUPERVISOR, states.SYSTEM]), min_size=1)


def test_the_table_is_sound() -> None:
    assert states.faults(states.STATES, states.MOVES.values(), first=states.FIRST, final=states.FINAL) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda moves: [move for move in moves if move.target != states.TESTED], "tested: cannot be reached"),
        (lambda moves: [move for move in moves if states.RETURNED not in move.sources], "returned: no way to the end"),
        (lambda moves: [replace(moves[0], target="nowhere"), *moves[1:]], "check: unknown state nowhere"),
        (lambda moves: [replace(moves[0], sources=frozenset({states.CLOSED})), *moves[1:]], "check: leaves the final state closed"),
        (lambda moves: [replace(moves[0], who=frozenset()), *moves[1:]], "check: nobody may make it"),
    ],
)
def test_a_broken_table_is_told_in_words(change, fault) -> None:
    found = states.faults(states.STATES, change(list(states.MOVES.values())), first=states.FIRST, final=states.FINAL)
    assert fault in found


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_state_and_move_has_words_in_both_languages(language) -> None:
    with translation.override(language):
        said = [str(text) for state in states.STATES.values() for text in (state.label, state.title, state.happens_next)]
        said += [str(text) for move in states.MOVES.values() for text in (move.label, move.told)]
        said += [str(place.to_come) for place in states.PLACES]
    assert all(said)
    chinese = [any("一" <= sign <= "鿿" for sign in text) for text in said]
    assert all(chinese) if language == "zh-hans" else not any(chinese)


def test_every_state_fits_the_column_and_has_a_place_and_somebody_whose_turn_it_is() -> None:
    length = RepairOrder._meta.get_field("state").max_length
    for state in states.STATES.values():
        assert len(state.key) <= length
        assert 0 <= state.place < len(states.PLACES)
        assert state.waits_for in states.WAITS_FOR
        assert (state.waits_for == states.NOBODY) == (state.key in states.FINAL)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 40), ROLES), max_size=40))
def test_random_moves_stay_inside_the_table_and_never_leave_the_end(steps) -> None:
    state = states.FIRST
    for number, roles in steps:
        offered = states.moves_for(state, roles)
        if state in states.FINAL:
            assert offered == []
            break
        if not offered:
            continue
        move = offered[number % len(offered)]
        assert not move.who.isdisjoint(roles) and state in move.sources
        state = move.target
        assert str(states.state_of(state).happens_next)


@given(st.sampled_from(sorted(states.STATES)), ROLES)
def test_what_is_offered_is_what_may_be_done(state, roles) -> None:
    offered = {move.key for move in states.moves_for(state, roles)}
    assert offered == {key for key in states.MOVES if states.may(key, state, roles)}


def test_the_customer_never_does_the_staff_s_work() -> None:
    own = {key for key, move in states.MOVES.items() if states.CUSTOMER in move.who}
    assert own == {"approve", "decline", "move_visit", "come_back", "close", "cancel"}
