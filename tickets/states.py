"""The life of a ticket as data: who may move it from where to where, what must be recorded, what the customer is told."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

NEW, OPEN, PENDING, ON_HOLD, RESOLVED, CLOSED = "new", "open", "pending", "on_hold", "resolved", "closed"
ACTIVE = frozenset({NEW, OPEN, PENDING, ON_HOLD})
DONE = frozenset({RESOLVED, CLOSED})
PAUSED = frozenset({PENDING, ON_HOLD})
AGENT, CUSTOMER, SUPERVISOR, CLOCK = "agent", "customer", "supervisor", "clock"


@dataclass(frozen=True)
class Transition:
    """One move: from which states, to which, by whom, and what has to be recorded with it."""

    sources: frozenset[str]
    target: str
    who: frozenset[str]
    requires: tuple[str, ...] = ()
    label: Any = ""


TRANSITIONS: dict[str, Transition] = {
    "claim": Transition(frozenset({NEW}), OPEN, frozenset({AGENT}), ("assignee",), _("Claim")),
    "ask_customer": Transition(frozenset({NEW, OPEN, ON_HOLD}), PENDING, frozenset({AGENT}), (), _("Wait for the customer")),
    "hold": Transition(frozenset({NEW, OPEN, PENDING}), ON_HOLD, frozenset({AGENT}), ("reason",), _("Put on hold")),
    "resume": Transition(frozenset({NEW, PENDING, ON_HOLD}), OPEN, frozenset({AGENT, CUSTOMER}), (), _("Carry on")),
    "resolve": Transition(ACTIVE, RESOLVED, frozenset({AGENT}), ("summary",), _("Resolve")),
    "confirm": Transition(frozenset({RESOLVED}), CLOSED, frozenset({CUSTOMER, AGENT}), (), _("Confirm that it is solved")),
    "reopen": Transition(DONE, OPEN, frozenset({CUSTOMER, AGENT, SUPERVISOR}), ("reason",), _("Reopen")),
    "join": Transition(ACTIVE, CLOSED, frozenset({AGENT}), ("joined_to",), _("Join with another request")),
    "close": Transition(frozenset({RESOLVED}), CLOSED, frozenset({CLOCK, SUPERVISOR}), (), _("Close")),
}

STATUS_CHOICES_OF_AGENT = {OPEN: "resume", PENDING: "ask_customer", ON_HOLD: "hold"}
"""What the status form of the desk offers; resolving and reopening have forms of their own."""

TONES = {NEW: "info", OPEN: "info", PENDING: "care", ON_HOLD: "", RESOLVED: "good", CLOSED: ""}

CUSTOMER_WORDS: dict[str, tuple[Any, Any]] = {
    NEW: (pgettext_lazy("customer status", "Received"), _("A colleague will read everything you wrote and answer you.")),
    OPEN: (pgettext_lazy("customer status", "We are working on it"), _("You will get our answer here and by message.")),
    PENDING: (pgettext_lazy("customer status", "We need something from you"), _("Please answer our question below; we carry on at once.")),
    ON_HOLD: (pgettext_lazy("customer status", "Waiting for something"), _("We will write to you as soon as it goes on.")),
    RESOLVED: (
        pgettext_lazy("customer status", "Solved?"),
        _("Please tell us whether it works now."),
    ),
    CLOSED: (pgettext_lazy("customer status", "Closed"), _("If the same fault comes back, reopen the request: everything is kept.")),
}
"""Status and next step in the customer's words."""

JOINED_WORDS = (
    pgettext_lazy("customer status", "Goes on elsewhere"),
    _("You wrote about the same thing twice. We answer under the other number."),
)
"""The same for a request that was joined with another one."""


def allowed(verb: str, status: str, who: Collection[str]) -> bool:
    """May one of the roles `who` do `verb` on a ticket in `status`."""
    transition = TRANSITIONS[verb]
    return status in transition.sources and not transition.who.isdisjoint(who)


def verbs_for(status: str, who: Collection[str]) -> list[str]:
    """Return every verb that the roles `who` may do now, in the order of the table."""
    return [verb for verb in TRANSITIONS if allowed(verb, status, who)]
