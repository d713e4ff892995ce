"""What repairs ask the warranty room: covered or not on a day, and whose unit it is. A repair without a known unit is never an error."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from core.errors import NotFound
from core.i18n import language_suffix
from products.models import Unit
from warranty import queries

COVERED, ENDED, UNKNOWN = "covered", "ended", "unknown"


@dataclass(frozen=True)
class CoverLine:
    """One part of the machine with its last covered day."""

    name: str
    covered: bool
    until: date | None


@dataclass(frozen=True)
class Coverage:
    """Whether a repair is covered, until when, and by part."""

    state: str = UNKNOWN
    until: date | None = None
    lines: tuple[CoverLine, ...] = ()

    @property
    def words(self) -> str:
        """One sentence for the customer, said before they book."""
        if self.state == COVERED:
            if self.until is None:
                return _("Covered by the warranty. What it does not cover we quote first.")
            return _("Covered by the warranty until %(day)s. What it does not cover we quote first.") % {
                "day": formats.date_format(self.until, "DATE_FORMAT")
            }
        if self.state == ENDED:
            return _("The warranty has ended. The repair is charged; you get a quote first and decide then.")
        return _("If the repair is charged, you get a quote first and decide then. Have the proof of purchase at hand.")


def snapshot(unit: Unit | None, *, on: date) -> dict[str, Any]:
    """Return the warranty of a unit on a day as JSON, to be kept with the repair; empty without a unit."""
    return queries.coverage_snapshot(unit, on=on) if unit is not None else {}


def coverage_from(kept: dict[str, Any] | None) -> Coverage:
    """Return what a kept snapshot says."""
    lines = tuple(
        CoverLine(str(row.get(f"name_{language_suffix()}", "")), bool(row.get("covered")), _day(row.get("until")))
        for row in (kept or {}).get("lines", [])
    )
    if not lines:
        return Coverage()
    until = _day((kept or {}).get("until"))
    if (kept or {}).get("covered"):
        return Coverage(COVERED, until, lines)
    ended = (kept or {})["lines"][0].get("state") == ENDED
    return Coverage(ENDED if ended else UNKNOWN, until, lines)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10]) if text else None
    except ValueError:
        return None


def may_see_unit(user: Any, unit: Unit | None) -> bool:
    """May the person see this unit, as its owner or as a member of the household."""
    if unit is None or not getattr(user, "is_authenticated", False):
        return False
    return unit_for(user, unit.code) is not None


def unit_for(user: Any, code: str) -> Unit | None:
    """Return the unit with this code when the person may see it, else None."""
    try:
        return queries.get_unit_for(user, code)
    except NotFound:
        return None


def units_of(user: Any) -> list[Unit]:
    """Return the units a person may book a repair for, newest first."""
    return list(queries.units_of(user))
