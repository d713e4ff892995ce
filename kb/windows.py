"""How long after an attempt a contact counts against it, and whether both are about the same thing. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: Days in which a contact about the same thing turns a success: the strict figure and the long one.
WINDOWS = (7, 30)
LONGEST = timedelta(days=WINDOWS[-1])
#: Hours of silence after which an attempt without an answer to “solved?” is over.
ABANDONED_HOURS = 24


def _passed(ended_at: datetime, contact_at: datetime) -> timedelta:
    """Return the time that really passed: within one zone Python subtracts what the clocks show, which jump twice a year."""
    return contact_at.astimezone(UTC) - ended_at.astimezone(UTC)


def days_after(ended_at: datetime, contact_at: datetime) -> int | None:
    """Return the full days (of 24 hours, whatever the clocks do) between the end and a contact; None for a contact before it."""
    passed = _passed(ended_at, contact_at)
    return passed.days if passed >= timedelta(0) else None


def window_of(ended_at: datetime, contact_at: datetime) -> int | None:
    """Return the shortest window in days that the contact falls into, its last moment included; None outside all of them."""
    passed = _passed(ended_at, contact_at)
    if passed < timedelta(0):
        return None
    return next((days for days in WINDOWS if passed <= timedelta(days=days)), None)


@dataclass(frozen=True)
class Topic:
    """What an attempt or a contact is about: primary keys, None where not known. A model brings its family, a unit its model."""

    unit: int | None = None
    model: int | None = None
    family: int | None = None
    code: int | None = None
    problem: int | None = None


def same_topic(one: Topic, other: Topic) -> bool:
    """Tell whether two are about the same thing.

    The same unit is the same thing whatever the fault. Otherwise what both sides know must agree, from the unit to the code; what only one
    side knows says nothing against it, so that a success counts only where nothing speaks for a contact.
    """
    if one.unit and one.unit == other.unit:
        return True
    pairs = zip(_levels(one), _levels(other), strict=True)
    return all(mine == theirs for mine, theirs in pairs if mine and theirs)


def _levels(topic: Topic) -> tuple[int | None, ...]:
    return topic.unit, topic.model, topic.family, topic.code, topic.problem
