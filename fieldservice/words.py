"""Steps of a repair in words, for the customer and for staff, in the language in force. Pure: works on what was loaded."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.text import sentences
from fieldservice import money, states
from fieldservice.slots import slot_from

OTHER_STEPS = {
    "booked": gettext_lazy("Repair booked"),
    "outlet_set": gettext_lazy("Outlet set"),
    "customer_wrote": gettext_lazy("The customer wrote"),
    "wrote": gettext_lazy("Wrote to the customer"),
    "noted": gettext_lazy("Left a note"),
    "looked_at": gettext_lazy("Looked at it"),
    "part_late": gettext_lazy("The part is late"),
    "customer_told": gettext_lazy("Message sent to the customer"),
    "anonymised": gettext_lazy("Personal data removed"),
    "revealed": gettext_lazy("Contact shown in full"),
}

# What happens next where the step that led to a state says more than the state: {(step, state): words}.
AFTER = {
    ("visit_failed", states.CHECKED): gettext_lazy("We arrange a new time with you."),
    ("withdraw_quote", states.CHECKED): gettext_lazy("You get a new quote, or we arrange the visit with you."),
    ("expire_quote", states.CHECKED): gettext_lazy(
        "The quote no longer holds. If you still want the repair, write to us here and we make a new one."
    ),
    ("test_failed", states.CHECKED): gettext_lazy("We go on working on it. You hear from us when it is right."),
}
NOT_REPAIRED = {
    states.RETURNED: gettext_lazy("The machine was not repaired and nothing is charged. If you change your mind, write to us here."),
    states.CLOSED: gettext_lazy(
        "This case is closed; the machine was not repaired and nothing is charged. You can book again at any time."
    ),
}


def step_title(entry: Any) -> str:
    """Return the customer's headline of a step."""
    move = states.MOVES.get(entry.verb)
    return str(move.told) if move else str(OTHER_STEPS.get(entry.verb, entry.verb))


def step_label(entry: Any) -> str:
    """Return the staff's headline of a step: the button that was pressed."""
    move = states.MOVES.get(entry.verb)
    return str(move.label) if move else str(OTHER_STEPS.get(entry.verb, entry.verb))


def step_text(entry: Any) -> str:
    """Return what belongs to a step in one or two sentences: what was found, when the part comes, the time of the visit."""
    facts = entry.data or {}
    said = [str(facts[name]) for name in ("finding", "result", "reason", "comment") if facts.get(name)]
    if facts.get("total_fen") is not None:
        said.insert(0, _("Total %(amount)s.") % {"amount": money.shown(int(facts["total_fen"]))})
    if facts.get("expected_on"):
        values = {"part": facts.get("part") or _("The part"), "day": day_words(facts["expected_on"])}
        said.insert(0, _("%(part)s: expected on %(day)s.") % values)
    visit = slot_from(str(facts.get("visit", "")))
    if visit and entry.verb in {"schedule", "move_visit"}:
        said.insert(0, _("%(when)s.") % {"when": visit.words})
    if facts.get("engineer") and entry.verb in {"schedule", "start_travel"}:
        said.append(_("Engineer: %(name)s.") % {"name": facts["engineer"]})
    if facts.get("noted"):
        said.append(_("We noted: %(words)s") % {"words": facts["noted"]})
    return sentences(*said)


def day_words(text: str) -> str:
    """Return an ISO day as a date in words; the text itself when it is none."""
    try:
        return formats.date_format(date.fromisoformat(str(text)[:10]), "DATE_FORMAT")
    except ValueError:
        return str(text)


def next_words(state: str, steps: Sequence[Any] = ()) -> str:
    """Return what happens next in the customer's words.

    Args:
        state: key of the state the repair is in, or was in after the last of the steps.
        steps: its steps, oldest first: how it came to this state decides where the state alone does not say enough.
    """
    moves = [entry for entry in steps if entry.verb in states.MOVES]
    if moves and (moves[-1].verb, state) in AFTER:
        return str(AFTER[moves[-1].verb, state])
    if state in NOT_REPAIRED and unrepaired(moves):
        return str(NOT_REPAIRED[state])
    return str(states.state_of(state).happens_next)


def unrepaired(steps: Sequence[Any]) -> bool:
    """Did it end with a declined quote: nothing was repaired since then."""
    decisive = [entry.verb for entry in steps if entry.verb in {"decline", "finish"}]
    return bool(decisive) and decisive[-1] == "decline"
