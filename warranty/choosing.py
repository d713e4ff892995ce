"""Which warranty term decides about a machine and its parts. Pure.

Of the terms that hold, the most specific one decides: first the one about the part itself, then its group, then the whole machine; among
those the one whose conditions (product, region, use) are all at least as narrow as everybody else's. Where no term is narrower than all
others the rows contradict each other and `choose` refuses, whatever their order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from warranty import regions
from warranty.dates import add_days


class Start(StrEnum):
    """Which day a term starts from, if it is known."""

    PURCHASE = "purchase"
    INSTALLATION = "installation"
    ACTIVATION = "activation"
    SHIPMENT = "shipment"


class OnReplacement(StrEnum):
    """What becomes of the period when a unit is exchanged for another one."""

    INHERIT = "inherit"  # the new unit has the rest of the old one's
    RESTART = "restart"  # the period begins anew on the day of the exchange
    AT_LEAST = "at_least"  # the rest, but no less than so many days from the exchange


WHOLE = ""
"""The scope of the whole machine."""


@dataclass(frozen=True)
class Term:
    """One row of the warranty terms.

    Empty `family`, `model`, `region`, `use` hold for all. `part` or `group` narrow the scope from the whole machine. `region` may be a
    piece of a longer one: `CN` holds in `CN-44`. `valid_from` and `valid_until` (inclusive) are days of purchase.
    """

    key: str
    label: str = ""
    group: str = WHOLE
    part: str = ""
    family: str = ""
    model: str = ""
    region: str = ""
    use: str = ""
    valid_from: date = date.min
    valid_until: date = date.max
    excluded: bool = False
    months: int | None = None
    until: date | None = None
    start: Start = Start.PURCHASE
    wait_days: int = 0
    on_replacement: OnReplacement = OnReplacement.INHERIT
    replacement_days: int = 0

    @property
    def scope(self) -> str:
        """The group or part it is about; empty for the whole machine."""
        return f"part:{self.part}" if self.part else self.group

    def holds_for(self, case: "Case", day: date | None) -> bool:
        """Return whether its conditions hold for a machine bought on `day` (None: unknown, which only an open-ended term accepts)."""
        if day is None:
            in_time = self.valid_until == date.max
        else:
            in_time = self.valid_from <= day <= self.valid_until
        return (
            in_time
            and self.family in ("", case.family)
            and self.model in ("", case.model)
            and self.use in ("", case.use)
            and regions.holds(self.region, case.region)
        )

    def narrowness(self) -> tuple[int, int, int]:
        """How narrow it is in product, region and use; comparable per position only."""
        return (2 if self.model else 1 if self.family else 0), len(regions.parts_of(self.region)), (1 if self.use else 0)


@dataclass(frozen=True)
class Case:
    """Which machine is asked about: keys of family and model, market region, use (`home`, `commercial`)."""

    family: str
    model: str = ""
    region: str = ""
    use: str = "home"


class AmbiguousTerms(Exception):
    """Two terms hold and neither is narrower than the other; `first` and `second` are the rows."""

    def __init__(self, first: Term, second: Term) -> None:
        self.first, self.second = sorted((first, second), key=lambda term: term.key)
        super().__init__(f"{self.first.label or self.first.key} / {self.second.label or self.second.key}")


def candidates(terms: Iterable[Term], case: Case, *, day: date | None, part: str = "", groups: Iterable[str] = ()) -> list[Term]:
    """Return the terms of the narrowest scope that has any: the part's own, its groups', the whole machine's; in the order of keys."""
    holding = sorted((term for term in terms if term.holds_for(case, day)), key=lambda term: term.key)
    own = [term for term in holding if part and term.part == part]
    wanted = set(groups) - {WHOLE}
    grouped = [term for term in holding if not term.part and term.group in wanted]
    return own or grouped or [term for term in holding if term.scope == WHOLE]


def choose(terms: Iterable[Term], case: Case, *, day: date | None, part: str = "", groups: Iterable[str] = ()) -> Term | None:
    """Return the one term that decides for a part (by default the whole machine), or None where none holds.

    Args:
        terms: all rows, in any order.
        case: the machine.
        day: the day it was bought, as far as known.
        part: key of the part asked about.
        groups: keys of the groups the part belongs to.
    Raises:
        AmbiguousTerms: no row is at least as narrow as all others in every condition.
    """
    found = candidates(terms, case, day=day, part=part, groups=groups)
    if not found:
        return None
    best = [term for term in found if all(_covers(term, other) for other in found)]
    if len(best) == 1:
        return best[0]
    if best:
        raise AmbiguousTerms(best[0], best[1])
    first = max(found, key=lambda term: (sum(term.narrowness()), term.key))
    second = next(other for other in found if other is not first and not _covers(first, other))
    raise AmbiguousTerms(first, second)


def conflicts(terms: Iterable[Term]) -> list[AmbiguousTerms]:
    """Return the pairs of rows that would leave a machine without one answer, in the order of keys; an empty list is what we want.

    Two rows may both hold for some machine. That is fine when one is narrower, or when a third row speaks of exactly that machine.
    """
    rows = sorted(terms, key=lambda term: term.key)
    found: dict[tuple[str, str], AmbiguousTerms] = {}
    for number, left in enumerate(rows):
        for right in rows[number + 1 :]:
            if left.scope != right.scope:
                continue
            meeting = _meeting(left, right)
            if meeting is None:
                continue
            for day in _turning_days(rows, max(left.valid_from, right.valid_from), min(left.valid_until, right.valid_until)):
                try:
                    choose(rows, meeting, day=day, part=left.part, groups=(left.group,))
                except AmbiguousTerms as problem:
                    found.setdefault((problem.first.key, problem.second.key), problem)
    return list(found.values())


def _covers(term: Term, other: Term) -> bool:
    """Return whether `term` is at least as narrow as `other` in every condition."""
    return all(mine >= theirs for mine, theirs in zip(term.narrowness(), other.narrowness(), strict=True))


def _meeting(left: Term, right: Term) -> Case | None:
    """Return the widest machine both rows speak of, or None where there is none.

    A model belongs to one family; rows about a model name its family too (the caller fills it in).
    """
    for name in ("family", "model", "use"):
        mine, theirs = getattr(left, name), getattr(right, name)
        if mine and theirs and mine != theirs:
            return None
    if not (regions.holds(left.region, right.region) or regions.holds(right.region, left.region)):
        return None
    if max(left.valid_from, right.valid_from) > min(left.valid_until, right.valid_until):
        return None
    return Case(
        family=left.family or right.family,
        model=left.model or right.model,
        region=max(left.region, right.region, key=lambda region: len(regions.parts_of(region))),
        use=left.use or right.use,
    )


def _turning_days(rows: list[Term], first: date, last: date) -> list[date]:
    """Return the days between `first` and `last` on which another set of rows may begin to hold."""
    days = {first}
    for row in rows:
        days.add(row.valid_from)
        if row.valid_until < date.max:
            days.add(add_days(row.valid_until, 1))
    return sorted(day for day in days if first <= day <= last)
