"""The warranty engine: terms, evidence and extensions in, one answer per part out, with the reasons. Pure; knows no database.

A *term* says how long something is covered and under which conditions it holds; which of them decides: `warranty/choosing.py`.
The last day counts: a machine with `until` 28 February is covered all through 28 February.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from warranty.choosing import WHOLE, AmbiguousTerms, Case, OnReplacement, Start, Term, candidates, choose, conflicts
from warranty.dates import add_days, add_months

__all__ = [
    "WHOLE",
    "AmbiguousTerms",
    "Case",
    "Coverage",
    "Evidence",
    "Extension",
    "LastDay",
    "Line",
    "OnReplacement",
    "Reason",
    "Replacement",
    "Start",
    "State",
    "Term",
    "assess",
    "candidates",
    "choose",
    "conflicts",
    "judge",
]


class LastDay(StrEnum):
    """Which day is the last of a period of months."""

    SAME_NUMBER = "same_number"  # bought 6 March 2024, one year: all through 6 March 2025 (Civil Code, articles 201 and 202)
    DAY_BEFORE = "day_before"  # until 5 March 2025


class State(StrEnum):
    """What is true of a part on a day."""

    COVERED = "covered"
    ENDED = "ended"
    NOT_STARTED = "not_started"
    EXCLUDED = "excluded"  # a term says that this is not covered
    UNKNOWN = "unknown"  # no evidence to count from
    NONE = "none"  # no term speaks of it


# Which evidence stands in where the one a term names is missing; shipment and production carry the term's waiting days.
FALLBACKS: Mapping[Start, tuple[str, ...]] = {
    Start.PURCHASE: ("purchase", "shipment", "production"),
    Start.INSTALLATION: ("installation", "purchase", "shipment", "production"),
    Start.ACTIVATION: ("activation", "installation", "purchase", "shipment", "production"),
    Start.SHIPMENT: ("shipment", "production", "purchase"),
}
WAITS = frozenset({"shipment", "production"})


@dataclass(frozen=True)
class Evidence:
    """The days that are on record for a unit; missing ones are None."""

    purchase: date | None = None
    installation: date | None = None
    activation: date | None = None
    shipment: date | None = None
    production: date | None = None

    def decisive(self, term: Term) -> tuple[date, str] | None:
        """Return the day a term starts and which evidence decided it, or None where nothing is known."""
        for kind in FALLBACKS[term.start]:
            day = getattr(self, kind)
            if day is not None:
                return add_days(day, term.wait_days if kind in WAITS else 0), kind
        return None

    def bought(self) -> date | None:
        """Return the day that decides which terms were in force: the purchase, else the nearest thing to it."""
        return self.purchase or self.installation or self.activation or self.shipment or self.production


@dataclass(frozen=True)
class Replacement:
    """A unit came in exchange for another: when, and until when the old one was covered, by scope (`""` the whole machine)."""

    on: date
    ends: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class Extension:
    """A bought plan or goodwill: adds months or days, or lifts the end to a fixed day; for one group or the whole machine."""

    key: str
    kind: str = "plan"
    group: str = WHOLE
    months: int = 0
    days: int = 0
    until: date | None = None

    def __post_init__(self) -> None:
        if self.months < 0 or self.days < 0:
            raise ValueError("an extension never shortens")


@dataclass(frozen=True)
class Reason:
    """One step of the explanation: a code for machines, values for the words (warranty/words.py)."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"code": self.code, "values": {name: _json(value) for name, value in self.values.items()}}


@dataclass(frozen=True)
class Line:
    """The answer for one part on one day. `until` is inclusive; None where nothing is covered."""

    scope: str
    state: State
    start: date | None = None
    until: date | None = None
    term: str = ""
    months: int | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def covered(self) -> bool:
        """Whether it is covered on the day that was asked about."""
        return self.state is State.COVERED

    def days_left(self, on: date) -> int:
        """Days of cover after today's; 0 on the last day and when it is over."""
        return max(0, (self.until - on).days) if self.covered and self.until else 0


def judge(
    terms: Iterable[Term],
    case: Case,
    evidence: Evidence,
    *,
    on: date,
    extensions: Iterable[Extension] = (),
    replacement: Replacement | None = None,
    last_day: LastDay = LastDay.SAME_NUMBER,
    part: str = "",
    groups: Iterable[str] = (),
) -> Line:
    """Return whether a part (by default the whole machine) is covered on a day, until when, and why.

    Args:
        terms, extensions: all rows, in any order.
        case, evidence: the machine and its days.
        on: the day asked about.
        replacement: where the unit came in exchange for another one.
        last_day: the maker's way of counting.
        part, groups: what is asked about.
    Raises:
        AmbiguousTerms: see `choose`.
    """
    day = evidence.bought() or (replacement.on if replacement else None)
    asked = sorted(set(groups) - {WHOLE})
    term = choose(terms, case, day=day, part=part, groups=asked)
    plans = sorted((plan for plan in extensions if term and plan.group in {term.scope, *asked}), key=lambda plan: plan.key)
    scope = _scope(term, part, asked, plans, replacement)
    if term is None:
        return Line(scope, State.NONE, reasons=(Reason("no_term"),))
    named = Reason("term", {"label": term.label, "months": term.months, "use": term.use, "region": term.region})
    if term.excluded:
        return Line(scope, State.EXCLUDED, term=term.key, reasons=(named, Reason("excluded")))
    begun = _begin(term, evidence, replacement)
    if begun is None:
        return Line(scope, State.UNKNOWN, term=term.key, months=term.months, reasons=(named, Reason("no_evidence")))
    start, started = begun
    until, ended = _end(term, scope, start, plans, replacement, last_day)
    state = State.NOT_STARTED if on < start else State.COVERED if on <= until else State.ENDED
    reasons = (named, *started, *ended, Reason(state.value, {"until": until, "start": start}))
    return Line(scope, state, start=start, until=until, term=term.key, months=term.months, reasons=reasons)


def _scope(term: Term | None, part: str, asked: list[str], plans: list[Extension], replacement: Replacement | None) -> str:
    """Return what the answer is about: the part or group that has a term, a plan or the rest of an exchanged unit's of its own."""
    if term is None:
        return next(iter(asked), WHOLE)
    if part and term.part == part:
        return f"part:{part}"
    own = {plan.group for plan in plans} | set(replacement.ends if replacement else ())
    return term.group or next((group for group in asked if group in own), WHOLE)


def _begin(term: Term, evidence: Evidence, replacement: Replacement | None) -> tuple[date, tuple[Reason, ...]] | None:
    """Return the first day and why."""
    if replacement is not None:
        code = {OnReplacement.RESTART: "restarted"}.get(term.on_replacement, "replaced")
        return replacement.on, (Reason(code, {"on": replacement.on}),)
    decided = evidence.decisive(term)
    if decided is None:
        return None
    start, kind = decided
    values = {"day": getattr(evidence, kind), "days": term.wait_days, "start": start, "rule": term.start.value}
    return start, (Reason(f"from_{kind}", values),)


def _end(
    term: Term, scope: str, start: date, plans: list[Extension], replacement: Replacement | None, last_day: LastDay
) -> tuple[date, tuple[Reason, ...]]:
    """Return the last day with everything that lengthens it; never before the first."""
    if replacement is not None and term.on_replacement is not OnReplacement.RESTART:
        inherited = replacement.ends.get(scope, replacement.ends.get(WHOLE, add_days(replacement.on, -1)))
        base, why = inherited, Reason("inherits", {"until": inherited})
        if term.on_replacement is OnReplacement.AT_LEAST and add_days(replacement.on, term.replacement_days) > inherited:
            base = add_days(replacement.on, term.replacement_days)
            why = Reason("at_least", {"days": term.replacement_days, "until": base})
        end = add_months(base, sum(plan.months for plan in plans))
    elif term.until is not None:
        end, why = add_months(term.until, sum(plan.months for plan in plans)), Reason("fixed_end", {"until": term.until})
    else:
        months = term.months or 0
        end, why = _last(start, months + sum(plan.months for plan in plans), last_day), Reason("months", {"months": months})
    end = add_days(end, sum(plan.days for plan in plans))
    end = max([end, *(plan.until for plan in plans if plan.until)])
    added = tuple(
        Reason("extended", {"kind": plan.kind, "months": plan.months, "days": plan.days, "until": plan.until, "key": plan.key})
        for plan in plans
    )
    return max(end, start), (why, *added)


def _last(start: date, months: int, last_day: LastDay) -> date:
    """Return the last day of `months` from `start`; counting to the day before never falls short of the end of a shorter month."""
    same = add_months(start, months)
    if last_day is LastDay.SAME_NUMBER or same.day != start.day:
        return same
    return add_days(same, -1)


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True)
class Coverage:
    """All answers for one unit on one day: the whole machine first, then each part that has a term of its own."""

    on: date
    lines: tuple[Line, ...]

    @property
    def whole(self) -> Line:
        """The line of the whole machine."""
        return self.lines[0]


def assess(
    terms: Iterable[Term],
    case: Case,
    evidence: Evidence,
    *,
    on: date,
    extensions: Iterable[Extension] = (),
    replacement: Replacement | None = None,
    last_day: LastDay = LastDay.SAME_NUMBER,
) -> Coverage:
    """Return the answer for the whole machine and for every part and group that has an own one; see `judge`.

    A group has one where a term in force speaks of it, where a plan was bought for it, or where the unit that was exchanged had one.
    """
    rows, plans = list(terms), list(extensions)
    day = evidence.bought() or (replacement.on if replacement else None)
    named = {row.group for row in rows if not row.part and row.holds_for(case, day)} | {plan.group for plan in plans}
    named |= {scope for scope in (replacement.ends if replacement else ()) if not scope.startswith("part:")}
    groups = sorted(named - {WHOLE})
    parts = sorted({row.part for row in rows if row.part and row.holds_for(case, day)})

    def line(part: str = "", asked: tuple[str, ...] = ()) -> Line:
        return judge(rows, case, evidence, on=on, extensions=plans, replacement=replacement, last_day=last_day, part=part, groups=asked)

    whole = line()
    return Coverage(on, (whole, *(line(asked=(group,)) for group in groups), *(line(part=part) for part in parts)))
