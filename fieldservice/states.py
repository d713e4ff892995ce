"""The life of a repair as data: every state with the customer's words, and every move with who may do it and what it must say.

One table for home visits, workshops and outlets. Words are lazy texts today; `state_of` and `move_of` are the only readers, so that
rows of a database can take their place.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

RECEIVED, CHECKED, QUOTED, APPROVED, DECLINED = "received", "checked", "quoted", "approved", "declined"
WAITING, SCHEDULED, TRAVELLING = "waiting_part", "scheduled", "on_the_way"
REPAIRED, TESTED, RETURNED, CLOSED, CANCELLED = "repaired", "tested", "returned", "closed", "cancelled"

CUSTOMER, AGENT, SUPERVISOR, SYSTEM = "customer", "agent", "supervisor", "system"
STAFF = frozenset({AGENT, SUPERVISOR})
ANYONE = frozenset({CUSTOMER, AGENT, SUPERVISOR})

# Whose turn it is while a repair rests in a state.
US, THEM, SUPPLIER, NOBODY = "us", "customer", "supplier", "nobody"
WAITS_FOR = {
    US: pgettext_lazy("repair waits for", "us"),
    THEM: pgettext_lazy("repair waits for", "the customer"),
    SUPPLIER: pgettext_lazy("repair waits for", "a part"),
    NOBODY: pgettext_lazy("repair waits for", "nobody"),
}
# Where the time of "what happens next" comes from (fieldservice.promises).
ANSWER, QUOTE, PART, VISIT, CLOSING = "answer", "quote", "part", "visit", "closing"


@dataclass(frozen=True)
class State:
    """One state: its name for staff and for the customer, what happens next, by when, whose turn, its look and place.

    `place` is the step of the timeline (0 first); `promise` names the clock that gives the time, "" for none.
    """

    key: str
    label: Any
    title: Any
    happens_next: Any
    waits_for: str
    place: int
    promise: str = ""
    tone: str = "info"


@dataclass(frozen=True)
class Move:
    """One move: from which states to which, by whom, what must be said with it, the word on the button, the line of the timeline.

    `told` is what the customer reads about it; an empty one is not shown and nobody is written to.
    """

    key: str
    sources: frozenset[str]
    target: str
    who: frozenset[str]
    requires: tuple[str, ...]
    label: Any
    told: Any


@dataclass(frozen=True)
class Place:
    """One step of the customer's timeline: what is said while it is still to come, and whether every repair passes it."""

    key: str
    to_come: Any
    always: bool = True


PLACES: tuple[Place, ...] = (
    Place("received", _("We receive your repair")),
    Place("checked", _("We check it and say how it goes on")),
    Place("quote", _("You answer our quote"), always=False),
    Place("part", _("The part arrives"), always=False),
    Place("visit", _("An engineer comes at the agreed time")),
    Place("repaired", _("The machine is repaired")),
    Place("tested", _("We test it")),
    Place("returned", _("You have your machine back, working")),
)

STATES: dict[str, State] = {
    state.key: state
    for state in (
        State(
            RECEIVED,
            pgettext_lazy("repair", "received"),
            pgettext_lazy("customer repair", "We have your repair"),
            _("We look at what you wrote and arrange the visit with you."),
            US,
            0,
            ANSWER,
        ),
        State(
            CHECKED,
            pgettext_lazy("repair", "checked"),
            pgettext_lazy("customer repair", "Checked"),
            _("We know what is wrong. You hear from us with a quote or a time for the visit."),
            US,
            1,
            ANSWER,
        ),
        State(
            QUOTED,
            pgettext_lazy("repair", "quote sent"),
            pgettext_lazy("customer repair", "Waiting for you"),
            _("Please answer our quote. Nothing is charged before you agree."),
            THEM,
            2,
            QUOTE,
            "care",
        ),
        State(
            APPROVED,
            pgettext_lazy("repair", "quote agreed"),
            pgettext_lazy("customer repair", "You agreed"),
            _("We order what is needed and arrange the visit with you."),
            US,
            2,
            ANSWER,
        ),
        State(
            DECLINED,
            pgettext_lazy("repair", "quote declined"),
            pgettext_lazy("customer repair", "You declined"),
            _("We do not repair it. If the machine is with us, we bring it back free of charge."),
            US,
            2,
            ANSWER,
            "",
        ),
        State(
            WAITING,
            pgettext_lazy("repair", "waiting for a part"),
            pgettext_lazy("customer repair", "Waiting for a part"),
            _("A part is on order. As soon as it is here we go on; you need not do anything."),
            SUPPLIER,
            3,
            PART,
            "care",
        ),
        State(
            SCHEDULED,
            pgettext_lazy("repair", "visit arranged"),
            pgettext_lazy("customer repair", "Visit arranged"),
            _("An engineer comes to you. Please keep the machine within reach."),
            US,
            4,
            VISIT,
        ),
        State(
            TRAVELLING,
            pgettext_lazy("repair", "on the way"),
            pgettext_lazy("customer repair", "On the way to you"),
            _("The engineer is on the way. Please have the label of the machine and the proof of purchase at hand."),
            US,
            4,
            VISIT,
        ),
        State(
            REPAIRED,
            pgettext_lazy("repair", "repaired"),
            pgettext_lazy("customer repair", "Repaired"),
            _("The repair is done. Next we test it under real use."),
            US,
            5,
            ANSWER,
            "good",
        ),
        State(
            TESTED,
            pgettext_lazy("repair", "tested"),
            pgettext_lazy("customer repair", "Tested and in order"),
            _("Your machine works. Next we hand it over to you."),
            US,
            6,
            ANSWER,
            "good",
        ),
        State(
            RETURNED,
            pgettext_lazy("repair", "handed over"),
            pgettext_lazy("customer repair", "Back with you"),
            _("Use it as usual. If the fault comes back, tell us on this page."),
            THEM,
            7,
            CLOSING,
            "good",
        ),
        State(
            CLOSED,
            pgettext_lazy("repair", "closed"),
            pgettext_lazy("customer repair", "Finished"),
            _("The repair is finished. If something is wrong again, book a new repair: we see this one."),
            NOBODY,
            7,
            "",
            "",
        ),
        State(
            CANCELLED,
            pgettext_lazy("repair", "cancelled"),
            pgettext_lazy("customer repair", "Cancelled"),
            _("Nobody comes and nothing is charged. You can book again at any time."),
            NOBODY,
            7,
            "",
            "",
        ),
    )
}


def _from(*states: str) -> frozenset[str]:
    return frozenset(states)


BEFORE_WORK = _from(RECEIVED, CHECKED, QUOTED, APPROVED, WAITING, SCHEDULED)

MOVES: dict[str, Move] = {
    move.key: move
    for move in (
        Move(
            "check", _from(RECEIVED), CHECKED, STAFF, ("finding",), pgettext_lazy("repair move", "Note the check"), _("We have checked it")
        ),
        Move(
            "quote",
            _from(RECEIVED, CHECKED, DECLINED, SCHEDULED, TRAVELLING),
            QUOTED,
            STAFF,
            ("lines",),
            pgettext_lazy("repair move", "Send a quote"),
            _("Quote sent to you"),
        ),
        Move(
            "withdraw_quote",
            _from(QUOTED),
            CHECKED,
            STAFF,
            ("reason",),
            pgettext_lazy("repair move", "Withdraw the quote"),
            _("We withdrew the quote"),
        ),
        Move(
            "expire_quote", _from(QUOTED), CHECKED, frozenset({SYSTEM}), (), pgettext_lazy("repair move", "Expire"), _("The quote ran out")
        ),
        Move(
            "approve",
            _from(QUOTED),
            APPROVED,
            ANYONE,
            (),
            pgettext_lazy("repair move", "The customer agrees"),
            _("You agreed to the quote"),
        ),
        Move(
            "decline",
            _from(QUOTED),
            DECLINED,
            ANYONE,
            (),
            pgettext_lazy("repair move", "The customer declines"),
            _("You declined the quote"),
        ),
        Move(
            "wait_for_part",
            _from(RECEIVED, CHECKED, APPROVED, SCHEDULED, TRAVELLING),
            WAITING,
            STAFF,
            ("part", "expected_on"),
            pgettext_lazy("repair move", "Wait for a part"),
            _("A part is on order"),
        ),
        Move(
            "postpone_part",
            _from(WAITING),
            WAITING,
            STAFF,
            ("expected_on",),
            pgettext_lazy("repair move", "New date of the part"),
            _("The part comes on another day"),
        ),
        Move(
            "schedule",
            _from(RECEIVED, CHECKED, APPROVED, WAITING),
            SCHEDULED,
            STAFF,
            ("slot",),
            pgettext_lazy("repair move", "Arrange the visit"),
            _("Visit arranged"),
        ),
        Move(
            "move_visit",
            _from(SCHEDULED),
            SCHEDULED,
            ANYONE,
            ("slot",),
            pgettext_lazy("repair move", "Move the visit"),
            _("The visit has a new time"),
        ),
        Move(
            "start_travel",
            _from(SCHEDULED),
            TRAVELLING,
            STAFF,
            (),
            pgettext_lazy("repair move", "On the way"),
            _("The engineer is on the way"),
        ),
        Move(
            "visit_failed",
            _from(SCHEDULED, TRAVELLING),
            CHECKED,
            STAFF,
            ("reason",),
            pgettext_lazy("repair move", "The visit failed"),
            _("The visit could not take place"),
        ),
        Move(
            "finish",
            _from(CHECKED, APPROVED, WAITING, TRAVELLING),
            REPAIRED,
            STAFF,
            ("result",),
            pgettext_lazy("repair move", "Repaired"),
            _("Repaired"),
        ),
        Move("test", _from(REPAIRED), TESTED, STAFF, ("result",), pgettext_lazy("repair move", "Tested"), _("Tested")),
        Move(
            "test_failed",
            _from(REPAIRED, TESTED),
            CHECKED,
            STAFF,
            ("reason",),
            pgettext_lazy("repair move", "The test failed"),
            _("The test showed that it is not right yet"),
        ),
        Move(
            "return",
            _from(REPAIRED, TESTED, DECLINED),
            RETURNED,
            STAFF,
            (),
            pgettext_lazy("repair move", "Hand over"),
            _("Handed over to you"),
        ),
        Move(
            "come_back",
            _from(RETURNED),
            RECEIVED,
            ANYONE,
            ("reason",),
            pgettext_lazy("repair move", "The fault is back"),
            _("The fault came back"),
        ),
        Move(
            "close",
            _from(RETURNED, DECLINED),
            CLOSED,
            ANYONE | {SYSTEM},
            (),
            pgettext_lazy("repair move", "Close"),
            _("The repair is finished"),
        ),
        Move("cancel", BEFORE_WORK, CANCELLED, ANYONE, ("reason",), pgettext_lazy("repair move", "Cancel the repair"), _("Cancelled")),
        Move(
            "call_off",
            _from(TRAVELLING, DECLINED),
            CANCELLED,
            frozenset({SUPERVISOR}),
            ("reason",),
            pgettext_lazy("repair move", "Call it off"),
            _("Cancelled"),
        ),
    )
}

FIRST = RECEIVED
FINAL = frozenset({CLOSED, CANCELLED})
ACTIVE = frozenset(STATES) - FINAL
CHOICES = [(state.key, state.label) for state in STATES.values()]


def state_of(key: str) -> State:
    """Return a state by its key. Raises KeyError."""
    return STATES[key]


def move_of(key: str) -> Move:
    """Return a move by its key. Raises KeyError."""
    return MOVES[key]


def may(move: str, state: str, who: Collection[str]) -> bool:
    """May one of the roles `who` make the move in this state."""
    wanted = MOVES[move]
    return state in wanted.sources and not wanted.who.isdisjoint(who)


def moves_for(state: str, who: Collection[str]) -> list[Move]:
    """Return the moves that the roles `who` may make now, in the order of the table."""
    return [move for move in MOVES.values() if may(move.key, state, who)]


def states_waiting_for(whom: str) -> list[str]:
    """Return the keys of the states in which it is somebody's turn: `us`, `customer`, `supplier`."""
    return [state.key for state in STATES.values() if state.waits_for == whom]


def faults(states: Mapping[str, State], moves: Iterable[Move], *, first: str, final: Collection[str]) -> list[str]:
    """Return what is wrong with a table, in plain words for whoever edits it; an empty list when it is sound.

    Looked for: unknown states, states nobody can reach, dead ends before the end, moves out of the end, moves nobody may make.
    """
    rows = list(moves)
    found = []
    for move in rows:
        unknown = sorted({*move.sources, move.target} - set(states))
        found += [f"{move.key}: unknown state {name}" for name in unknown]
        found += [f"{move.key}: leaves the final state {name}" for name in sorted(move.sources & set(final))]
        if not move.who:
            found.append(f"{move.key}: nobody may make it")
    reached = _reach({first}, rows)
    found += [f"{name}: cannot be reached" for name in sorted(set(states) - reached)]
    for name in sorted(set(states) - set(final)):
        if not _reach({name}, rows) & set(final):
            found.append(f"{name}: no way to the end")
    return found


def _reach(start: set[str], moves: list[Move]) -> set[str]:
    known = set(start)
    while True:
        more = {move.target for move in moves if move.sources & known} - known
        if not more:
            return known
        known |= more
