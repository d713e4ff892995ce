"""Help attempts of a report, narrowed to the rows behind one number."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from kb.models import HelpEvent, HelpSession
from kb.windows import WINDOWS
from reports.filters import Filters

Kind, Outcome, Group = HelpEvent.Kind, HelpSession.Outcome, HelpSession.Group
STRICT = timedelta(days=WINDOWS[0])
ENDED = (Outcome.SOLVED, Outcome.FAILED, Outcome.ESCALATED)
CLAIMED = (Outcome.SOLVED, Outcome.FAILED)
DOORS = tuple(channel for channel in HelpSession.Channel.values if channel != HelpSession.Channel.WEB)
NOTHING = "-"  # stands in an address for “not known”

SOON = Q(contact_at__lte=F("outcome_at") + STRICT)
FAILED_SOON = Q(outcome=Outcome.FAILED) & SOON
KEPT_STRICT = Q(outcome=Outcome.SOLVED) | (Q(outcome=Outcome.FAILED) & ~SOON)
AT_DOOR = Q(offered_at__isnull=False) & ~Q(group=Group.HELD)
CONTACTED = Q(contact_at__lte=F("offered_at") + STRICT)


def attempts(filters: Filters) -> QuerySet[HelpSession]:
    """Return the attempts that began in the period, of the product, language and door asked for."""
    period = filters.period
    rows = HelpSession.objects.filter(started_at__gte=period.since, started_at__lt=period.until)
    if filters.family:
        rows = rows.filter(family=filters.family)
    if filters.entry:
        rows = rows.filter(channel=filters.entry)
    return rows.filter(language=filters.language) if filters.language else rows


def event(kind: str, **conditions: Any) -> Exists:
    """Return whether an attempt has such an event."""
    return Exists(HelpEvent.objects.filter(session=OuterRef("pk"), kind=kind, **conditions))


def offered(**conditions: Any) -> Exists:
    """Return whether an attempt has a suggestion shown at the door of a contact."""
    return event(Kind.SHOWN, place__in=DOORS, **conditions)


def offer_opened() -> Exists:
    """Return whether a suggestion that was shown at a door was opened."""
    opened = HelpEvent.objects.filter(session=OuterRef("session"), kind=Kind.OPENED, document_key=OuterRef("document_key"))
    return Exists(HelpEvent.objects.filter(Exists(opened), session=OuterRef("pk"), kind=Kind.SHOWN, place__in=DOORS))


def offer_solved() -> Q:
    """Return whether the attempt was solved, and kept, by a suggestion shown at a door."""
    return Q(outcome=Outcome.SOLVED) & Q(offered(document_key=OuterRef("solved_by_key")))


def offer_unhelpful() -> Exists:
    """Return whether a suggestion that was shown at a door was voted unhelpful."""
    voted = HelpEvent.objects.filter(
        session=OuterRef("session"), kind=Kind.VOTED, document_key=OuterRef("document_key"), data__helpful=False
    )
    return Exists(HelpEvent.objects.filter(Exists(voted), session=OuterRef("pk"), kind=Kind.SHOWN, place__in=DOORS))


OFFERS: Mapping[str, Callable[[], Any]] = {
    "shown": offered,
    "opened": offer_opened,
    "solved": offer_solved,
    "unhelpful": offer_unhelpful,
}


def narrowed(rows: QuerySet[HelpSession], given: Mapping[str, str]) -> QuerySet[HelpSession]:
    """Return the rows behind one number; every key of `given` that is known narrows them, the others are ignored."""
    for name, narrow in NARROW.items():
        value = given.get(name, "")
        if value:
            rows = narrow(rows, str(value)[:200], given)
    return rows


Narrow = Callable[[QuerySet[HelpSession], str, Mapping[str, str]], QuerySet[HelpSession]]


def _outcome(rows: QuerySet[HelpSession], value: str, given: Mapping[str, str]) -> QuerySet[HelpSession]:
    several = {"ended": ENDED, "claimed": CLAIMED}
    return rows.filter(outcome__in=several.get(value, (value,)))


def _within(rows: QuerySet[HelpSession], value: str, given: Mapping[str, str]) -> QuerySet[HelpSession]:
    return rows.filter(FAILED_SOON) if value == str(WINDOWS[0]) else rows.filter(outcome=Outcome.FAILED)


def _kept(rows: QuerySet[HelpSession], value: str, given: Mapping[str, str]) -> QuerySet[HelpSession]:
    return rows.filter(KEPT_STRICT) if value == str(WINDOWS[0]) else rows.filter(outcome=Outcome.SOLVED)


def _door(rows: QuerySet[HelpSession], value: str, given: Mapping[str, str]) -> QuerySet[HelpSession]:
    return rows.filter(AT_DOOR)


def _offer(rows: QuerySet[HelpSession], value: str, given: Mapping[str, str]) -> QuerySet[HelpSession]:
    return rows.filter(OFFERS[value]()) if value in OFFERS else rows.none()


def _group(rows: QuerySet[HelpSession], value: str, given: Mapping[str, str]) -> QuerySet[HelpSession]:
    return over(rows).filter(group=value)


def _contacted(rows: QuerySet[HelpSession], value: str, given: Mapping[str, str]) -> QuerySet[HelpSession]:
    return rows.filter(CONTACTED)


def over(rows: QuerySet[HelpSession]) -> QuerySet[HelpSession]:
    """Return the attempts whose seven days after the offer are over: before that nobody knows."""
    return rows.filter(offered_at__lte=timezone.now() - STRICT).exclude(visitor_key="")


def _article(rows: QuerySet[HelpSession], value: str, given: Mapping[str, str]) -> QuerySet[HelpSession]:
    did = given.get("did", "opened")
    if did == "solved":
        return rows.filter(outcome=Outcome.SOLVED, solved_by_key=value)
    if did == "contact":
        return rows.filter(event(Kind.OPENED, document_key=value), outcome__in=(Outcome.FAILED, Outcome.ESCALATED))
    if did == "unhelpful":
        return rows.filter(event(Kind.VOTED, document_key=value, data__helpful=False))
    if did == "step":
        step = given.get("step", "")
        return rows.filter(event(Kind.READ, document_key=value, step=int(step) if step.isdecimal() and len(step) < 4 else 0))
    return rows.filter(event(did, document_key=value)) if did in Kind.values else rows.none()


def _query(rows: QuerySet[HelpSession], value: str, given: Mapping[str, str]) -> QuerySet[HelpSession]:
    found = {"data__found": 0} if given.get("found") == "0" else {}
    return rows.filter(event(Kind.QUERY, query=value, **found))


def _model(rows: QuerySet[HelpSession], value: str, given: Mapping[str, str]) -> QuerySet[HelpSession]:
    return rows.filter(model__isnull=True) if value == NOTHING else rows.filter(model__slug=value)


def _family(rows: QuerySet[HelpSession], value: str, given: Mapping[str, str]) -> QuerySet[HelpSession]:
    return rows.filter(family__isnull=True) if value == NOTHING else rows.filter(family__slug=value)


NARROW: Mapping[str, Narrow] = {
    "outcome": _outcome,
    "within": _within,
    "kept": _kept,
    "door": _door,
    "offer": _offer,
    "group": _group,
    "contacted": _contacted,
    "contact": lambda rows, value, given: rows.filter(outcome__in=(Outcome.FAILED, Outcome.ESCALATED)),
    "article": _article,
    "query": _query,
    "model": _model,
    "of_family": _family,
    "channel": lambda rows, value, given: rows.filter(channel=value),
    "of_language": lambda rows, value, given: rows.filter(language=value),
}
