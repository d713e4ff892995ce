"""Between the rows and the engine: terms, extensions and units as the engine's values, and the check that rows do not contradict."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.i18n import bilingual
from products.models import Unit
from warranty import coverage
from warranty.models import WarrantyExtension, WarrantyTerm

CONTRADICTION = _(
    "“%(own)s” and “%(other)s” (no. %(number)s) can both hold for the same machine and neither is narrower. "
    "Narrow one of them, let the older one end, or add a row for exactly what they share."
)


def as_term(row: WarrantyTerm) -> coverage.Term:
    """Return a row as the engine reads it; a row about a model names its family too."""
    family = str(row.family_id or (row.model.family_id if row.model_id else "") or "")
    return coverage.Term(
        key=f"{row.pk or 0:09d}",
        label=bilingual(row, "name"),
        group=row.group.key if row.group_id else coverage.WHOLE,
        part=str(row.part_id or ""),
        family=family,
        model=str(row.model_id or ""),
        region=row.region,
        use=row.use,
        valid_from=row.valid_from or date.min,
        valid_until=row.valid_until or date.max,
        excluded=row.excluded,
        months=row.months,
        until=row.until,
        start=coverage.Start(row.start),
        wait_days=row.wait_days,
        on_replacement=coverage.OnReplacement(row.on_replacement),
        replacement_days=row.replacement_days,
    )


def as_extension(row: WarrantyExtension) -> coverage.Extension:
    """Return an extension as the engine reads it."""
    return coverage.Extension(
        key=f"{row.pk:09d}",
        kind=row.kind,
        group=row.group.key if row.group_id else coverage.WHOLE,
        months=row.months,
        days=row.days,
        until=row.until,
    )


def as_case(unit: Unit, *, use: str = "", region: str = "") -> coverage.Case:
    """Return which machine the engine is asked about; `use` and `region` stand in for what the unit does not say."""
    return coverage.Case(
        family=str(unit.model.family_id), model=str(unit.model_id), region=unit.region or region, use=use or unit.use or Unit.Use.HOME
    )


def as_evidence(unit: Unit, *, purchase: date | None = None, installation: date | None = None) -> coverage.Evidence:
    """Return the days on record; what a registration under review says stands in for what is not confirmed yet."""
    return coverage.Evidence(
        purchase=unit.purchased_on or purchase,
        installation=unit.installed_on or installation,
        activation=unit.activated_on,
        shipment=unit.shipped_on,
        production=unit.produced_on,
    )


def active_terms() -> list[WarrantyTerm]:
    """Return the rows in force with what their answer needs; one query."""
    return list(WarrantyTerm.objects.filter(is_active=True).select_related("group", "part", "family", "model"))


def problems(rows: Iterable[WarrantyTerm]) -> list[coverage.AmbiguousTerms]:
    """Return the pairs of rows that contradict each other."""
    return coverage.conflicts(as_term(row) for row in rows)


def check_consistent(row: WarrantyTerm, *, gone: bool = False) -> None:
    """Refuse a change that leaves some machine without one answer: a new row, or one that settled two others and no longer does.

    Args:
        row: as it would be saved.
        gone: it would be deleted.
    Raises:
        ValidationError that names both rows of the contradiction.
    """
    before = active_terms()
    after = [other for other in before if other.pk != row.pk]
    if row.is_active and not gone:
        after.append(row)
    own = as_term(row)
    scopes = {own.scope} | {as_term(other).scope for other in before if other.pk == row.pk}
    known = {(problem.first, problem.second) for problem in problems(_in_scopes(before, scopes))}
    for problem in problems(_in_scopes(after, scopes)):
        if (problem.first, problem.second) in known:
            continue  # an older contradiction must not keep anybody from mending something else
        first, second = (problem.second, problem.first) if problem.second.key == own.key else (problem.first, problem.second)
        raise ValidationError(CONTRADICTION % {"own": first.label, "other": second.label, "number": int(second.key)}, code="ambiguous")


def _in_scopes(rows: Iterable[WarrantyTerm], scopes: set[str]) -> list[WarrantyTerm]:
    return [row for row in rows if as_term(row).scope in scopes]
