"""The key figures: one number each, with the one of the period before and the rows behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from kb.settings import self_service_settings
from reports.definitions import DEFINITIONS, Definition
from reports.estimate import Estimate, difference, wilson
from reports.filters import Filters
from reports.queries.attempts import (
    AT_DOOR,
    CLAIMED,
    CONTACTED,
    ENDED,
    KEPT_STRICT,
    Group,
    Outcome,
    attempts,
    offer_opened,
    offer_solved,
    offer_unhelpful,
    offered,
    over,
)
from reports.queries.contacts import count_contacts


@dataclass(frozen=True)
class Figure:
    """A number with its definition: part ÷ whole for shares, part alone for counts; `before` is the value of the period before."""

    definition: Definition
    part: int
    whole: int | None = None
    before: float | None = None
    path: str = "attempts"
    params: Mapping[str, str] | None = None
    whole_params: Mapping[str, str] | None = None

    @property
    def value(self) -> float | None:
        """The number: a count, or a share between 0 and 1; None where there is nothing to divide by."""
        if self.whole is None:
            return float(self.part)
        return self.part / self.whole if self.whole else None

    @property
    def change(self) -> float | None:
        """Difference to the period before: points for shares (0.1 is ten), the relative change for counts; None where unknown."""
        if self.value is None or self.before is None:
            return None
        if self.whole is not None:
            return self.value - self.before
        return (self.value - self.before) / self.before if self.before else None

    @property
    def tone(self) -> str:
        """Whether the change is for the better (good), the worse (care) or neither."""
        if not self.change or not self.definition.better:
            return ""
        return "good" if (self.change > 0) == (self.definition.better == "up") else "care"

    @property
    def interval(self) -> Estimate | None:
        """The 95 % interval of a share."""
        return wilson(self.part, self.whole) if self.whole else None


# key → (name of the part, name of the whole, parameters of the rows of the part, of the whole)
SHARES: Mapping[str, tuple[str, str, dict[str, str], dict[str, str]]] = {
    "self_service": ("solved", "ended", {"outcome": "solved"}, {"outcome": "ended"}),
    "failed": ("failed", "claimed", {"outcome": "failed"}, {"outcome": "claimed"}),
    "deflection_7": ("kept_7", "door", {"door": "1", "kept": "7"}, {"door": "1"}),
    "deflection_30": ("kept_30", "door", {"door": "1", "kept": "30"}, {"door": "1"}),
    "unknown": ("unknown", "attempts", {"outcome": "unknown"}, {}),
    "offer_opened": ("opened", "offered", {"offer": "opened"}, {"offer": "shown"}),
    "offer_solved": ("by_offer", "offered", {"offer": "solved"}, {"offer": "shown"}),
    "offer_unhelpful": ("unhelpful", "offered", {"offer": "unhelpful"}, {"offer": "shown"}),
}


ENOUGH = 20  # a period before with fewer is nothing to compare with
OFFERS = ("offer_opened", "offer_solved", "offer_unhelpful")


def key_figures(filters: Filters) -> dict[str, Figure]:
    """Return every figure of the report by its key."""
    now, then = _counted(filters), _counted(filters.before())
    known = then["attempts"] >= ENOUGH
    found = {"attempts": Figure(DEFINITIONS["attempts"], now["attempts"], before=then["attempts"] if known else None, params={})}
    contacts, earlier = count_contacts(filters), count_contacts(filters.before())
    before = earlier if earlier >= ENOUGH else None
    found["contacts"] = Figure(DEFINITIONS["contacts"], contacts, before=before, path="contacts", params={})
    for key, (part, whole, params, whole_params) in SHARES.items():
        share = then[part] / then[whole] if then[whole] >= ENOUGH else None
        found[key] = Figure(DEFINITIONS[key], now[part], now[whole], share, params=params, whole_params=whole_params)
    return found


def _counted(filters: Filters) -> dict[str, int]:
    count: Any = lambda condition: Count("pk", filter=condition)  # noqa: E731
    return attempts(filters).aggregate(
        attempts=Count("pk"),
        solved=count(Q(outcome=Outcome.SOLVED)),
        failed=count(Q(outcome=Outcome.FAILED)),
        unknown=count(Q(outcome=Outcome.UNKNOWN)),
        claimed=count(Q(outcome__in=CLAIMED)),
        ended=count(Q(outcome__in=ENDED)),
        door=count(AT_DOOR),
        kept_7=count(AT_DOOR & KEPT_STRICT),
        kept_30=count(AT_DOOR & Q(outcome=Outcome.SOLVED)),
        offered=count(Q(offered())),
        opened=count(Q(offer_opened())),
        by_offer=count(offer_solved()),
        unhelpful=count(Q(offer_unhelpful())),
    )


@dataclass(frozen=True)
class Effect:
    """The comparison of visitors with and without suggestions; `estimate` is None while either group is too small."""

    held: int
    held_contacts: int
    shown: int
    shown_contacts: int
    minimum: int
    percent: int
    estimate: Estimate | None

    @property
    def running(self) -> bool:
        """Whether there is anything to tell: switched on now, or visitors in a group."""
        return bool(self.percent or self.held or self.shown)

    @property
    def rates(self) -> list[tuple[str, int, int, Estimate | None]]:
        """Group, visitors, of them with a contact, the share with its interval."""
        pairs = ((str(Group.SHOWN), self.shown, self.shown_contacts), (str(Group.HELD), self.held, self.held_contacts))
        return [(group, total, hits, wilson(hits, total) if total else None) for group, total, hits in pairs]


def effect_of_suggestions(filters: Filters) -> Effect:
    """Return the estimate of the effect: by visitor, within seven days of the offer, only where these are over."""
    chosen = self_service_settings()

    def visitors(condition: Q) -> Any:
        return Count("visitor_key", filter=condition, distinct=True)

    held, shown = Q(group=Group.HELD), Q(group=Group.SHOWN)
    found = over(attempts(filters)).aggregate(
        held=visitors(held), held_contacts=visitors(held & CONTACTED), shown=visitors(shown), shown_contacts=visitors(shown & CONTACTED)
    )
    enough = min(found["held"], found["shown"]) >= chosen.holdout_minimum
    estimate = difference(found["held_contacts"], found["held"], found["shown_contacts"], found["shown"]) if enough else None
    return Effect(**found, minimum=chosen.holdout_minimum, percent=chosen.holdout_percent, estimate=estimate)
