"""What repairs ask the warranty room: covered or not on a day, and whose unit it is. An unknown unit is never an error."""

from dataclasses import dataclass
from datetime import date
from importlib import import_module
from types import ModuleType
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from core.errors import DomainError

COVERED, ENDED, UNKNOWN = "covered", "ended", "unknown"


@dataclass(frozen=True)
class Coverage:
    """Whether a repair is covered, until when, and what stands behind it (kept with the repair as JSON)."""

    state: str = UNKNOWN
    until: date | None = None

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


def _queries() -> ModuleType | None:
    try:
        return import_module("warranty.queries")
    except ModuleNotFoundError:
        return None


def snapshot(unit: Any, *, on: date) -> dict[str, Any]:
    """Return the warranty of a unit on a day as JSON, to be kept with the repair; empty where nothing is known."""
    queries = _queries()
    if unit is None or queries is None or not hasattr(queries, "coverage_snapshot"):
        return {}
    return dict(queries.coverage_snapshot(unit, on=on))


def coverage_from(kept: dict[str, Any] | None) -> Coverage:
    """Return what a kept snapshot says."""
    facts = kept or {}
    until = _day(facts.get("until"))
    if facts.get("state") == COVERED:
        return Coverage(COVERED, until)
    if facts.get("state") == ENDED:
        return Coverage(ENDED, until)
    return Coverage()


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10]) if text else None
    except ValueError:
        return None


def may_see_unit(user: Any, unit: Any) -> bool:
    """May the person see this unit, as its owner or as a member of the household."""
    if unit is None or not (user and user.is_authenticated):
        return False
    if unit.owner_id and unit.owner is not None and unit.owner.user_id == user.pk:
        return True
    queries = _queries()
    if queries is None or not hasattr(queries, "get_unit_for"):
        return False
    try:
        return queries.get_unit_for(user, unit.code) is not None
    except DomainError:
        return False


def unit_for(user: Any, code: str) -> Any:
    """Return the unit with this code when the person may see it, else None."""
    from products.models import Unit

    unit = Unit.objects.select_related("model", "model__family", "owner").filter(code=(code or "")[:16]).first()
    return unit if unit is not None and may_see_unit(user, unit) else None


def units_of(user: Any) -> list[Any]:
    """Return the units a person may book a repair for, newest first."""
    from products.models import Unit

    if not (user and user.is_authenticated):
        return []
    queries = _queries()
    if queries is not None and hasattr(queries, "units_of"):
        return list(queries.units_of(user))
    return list(Unit.objects.select_related("model", "model__family", "owner").filter(owner__user=user))
