"""What the pages of a member's machines show, gathered once for many machines."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from core.i18n import bilingual
from kb.models import Announcement
from kb.queries import in_force
from products.models import ProductModel, Unit
from warranty import states
from warranty.models import WarrantyRegistration
from warranty.permissions import owns
from warranty.queries import UnitCoverage, coverages, units_of
from warranty.serials import masked


@dataclass(frozen=True)
class Row:
    """One machine of the list: the state in a word, what to do next."""

    unit: Unit
    coverage: UnitCoverage
    registration: WarrantyRegistration | None
    recall: Announcement | None
    own: bool

    @property
    def serial(self) -> str:
        """The serial number with its middle hidden."""
        return masked(self.unit.serial)

    @property
    def under_review(self) -> bool:
        """Whether its registration is still being read."""
        return self.registration is not None and self.registration.state == states.SUBMITTED

    @property
    def returned(self) -> bool:
        """Whether its registration came back."""
        return self.registration is not None and self.registration.state == states.RETURNED

    @property
    def return_words(self) -> str:
        """Why it came back."""
        row = self.registration
        if row is None:
            return ""
        listed = bilingual(row.return_reason, "text") if row.return_reason else ""
        return " ".join(words for words in (listed, row.return_text) if words)

    @property
    def repair_url(self) -> str:
        """Where to book a repair for it: the booking page where there is one, else the help form."""
        return repair_url(self.unit)


def repair_url(unit: Unit) -> str:
    """Return the address where service for a machine is asked for."""
    try:
        return reverse("portal:repair_new") + f"?unit={unit.code}"
    except NoReverseMatch:
        return reverse("portal:get_help") + f"?product={unit.model.slug}"


def rows_of(user: Any) -> list[Row]:
    """Return the member's machines, newest first; as many queries for one as for many."""
    return rows_for(user, list(units_of(user)))


def rows_for(user: Any, units: list[Unit]) -> list[Row]:
    """Return the rows of given machines of a member."""
    if not units:
        return []
    found = coverages(units)
    mine: dict[int, WarrantyRegistration] = {}
    own = WarrantyRegistration.objects.filter(unit__in=units, contact__user=user).select_related("return_reason")
    for row in own.exclude(state__in=(states.WITHDRAWN, states.REFUSED)).order_by("created_at", "pk"):
        if row.kind == WarrantyRegistration.Kind.FIRST or row.state == states.APPROVED:
            mine[row.unit_id] = row
    recalls = recalls_for({unit.model for unit in units})
    return [Row(unit, found[unit.pk], mine.get(unit.pk), recalls.get(unit.model_id), owns(user, unit)) for unit in units]


def recalls_for(models: Iterable[ProductModel]) -> dict[int, Announcement]:
    """Return the recall in force of each model that has one."""
    rows = list(in_force(audience="members").filter(severity=Announcement.Severity.RECALL).prefetch_related("families", "product_models"))
    result: dict[int, Announcement] = {}
    for model in models:
        for row in rows:
            named = {item.pk for item in row.product_models.all()}
            families = {item.pk for item in row.families.all()}
            if model.pk in named or (not named and model.family_id in families):
                result[model.pk] = row
                break
    return result
