"""Looking a serial number up: what it is, whose it is not, what was probably meant. Says nothing about owners."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils import timezone

from products.models import ProductFamily, ProductModel, Unit
from warranty import serials
from warranty.models import SerialRule
from warranty.queries import units, units_of

CORRECTIONS_LOOKED_UP = 256
ANY_SHAPE = re.compile(r"[0-9A-Z]{6,40}", re.ASCII)


class Found(StrEnum):
    """What a look-up says."""

    EMPTY = "empty"
    FREE = "free"  # shipped, and nobody has registered it
    UNKNOWN = "unknown"  # well formed, but not on record: to be checked, help is given all the same
    MALFORMED = "malformed"  # no serial number of ours looks like this
    CORRECTION = "correction"  # another reading exists: a question, never done silently
    MINE = "mine"
    TAKEN = "taken"  # registered by somebody else: a claim


@dataclass(frozen=True)
class Lookup:
    """The answer to a typed serial number; `suggestion` is another reading, in groups."""

    found: Found
    serial: str = ""
    unit: Unit | None = None
    model: ProductModel | None = None
    family: ProductFamily | None = None
    rule: SerialRule | None = None
    produced_on: date | None = None
    suggestion: str = ""

    @property
    def shown(self) -> str:
        """The number in the groups it is printed in where we know it, else in fours."""
        return self.unit.serial if self.unit else serials.grouped(self.serial)

    @property
    def usable(self) -> bool:
        """Whether a registration can be sent with it."""
        return self.found in {Found.FREE, Found.UNKNOWN, Found.TAKEN}


def look_up(typed: str, *, user: Any = None, model: ProductModel | None = None, today: date | None = None) -> Lookup:
    """Say what a typed serial number is.

    Args:
        typed: as typed or scanned; width, case, spaces, dashes and Chinese digits do not matter.
        user: who asks, to tell their own units from others'.
        model: the model they have chosen, for the shape where the number is not on record.
    """
    serial = serials.normal(typed)
    if not serial:
        return Lookup(Found.EMPTY)
    unit = units().filter(serial_normal=serial).first()
    if unit is not None:
        return Lookup(_whose(unit, user), serial, unit, unit.model, unit.model.family, _rule_of(unit.model.family_id))
    rows = _rules(model)
    fitting = serials.fits(serial, [_as_rule(row) for row in rows], today=today or timezone.localdate())
    rule = next((row for row in rows if fitting and row.pk == fitting[0].rule.key), None)
    meant = _meant(serial, rows, today or timezone.localdate(), only_known=bool(fitting))
    if meant:
        return Lookup(Found.CORRECTION, serial, model=model, family=_family(rule, model), rule=rule, suggestion=meant)
    if fitting or (not rows and ANY_SHAPE.fullmatch(serial)):
        made = fitting[0].produced_on if fitting else None
        known = model or (rule.model if rule else None)
        return Lookup(Found.UNKNOWN, serial, model=known, family=_family(rule, model), rule=rule, produced_on=made)
    return Lookup(Found.MALFORMED, serial, model=model, family=_family(None, model), rule=rows[0] if rows else None)


def could_be_ours(typed: str) -> bool:
    """Say whether a text has the shape of a serial number of ours; nobody's machine is told by it."""
    return look_up(typed).found not in {Found.EMPTY, Found.MALFORMED}


def _whose(unit: Unit, user: Any) -> Found:
    if unit.owner_id is None:
        return Found.FREE
    return Found.MINE if units_of(user).filter(pk=unit.pk).exists() else Found.TAKEN


def _rules(model: ProductModel | None) -> list[SerialRule]:
    """Return the rules that may hold: of the chosen model's family, else all."""
    rows = SerialRule.objects.filter(is_active=True).select_related("family__label_picture", "model__family")
    if model is not None and (own := [row for row in rows.filter(family_id=model.family_id) if row.model_id in (None, model.pk)]):
        return own
    return list(rows)


def _rule_of(family_id: int) -> SerialRule | None:
    return SerialRule.objects.filter(is_active=True, family_id=family_id).select_related("family__label_picture").first()


def _as_rule(row: SerialRule) -> serials.Rule:
    return serials.Rule(pattern=row.pattern, key=row.pk)


def _family(rule: SerialRule | None, model: ProductModel | None) -> ProductFamily | None:
    if model is not None:
        return model.family
    return rule.family if rule is not None else None


def _meant(serial: str, rows: list[SerialRule], today: date, *, only_known: bool) -> str:
    """Return the reading that was probably meant: one on record, else the nearest that is well formed; in groups. Empty for none."""
    readings = serials.corrections(serial)[:CORRECTIONS_LOOKED_UP]
    on_record = dict(Unit.objects.filter(serial_normal__in=readings).values_list("serial_normal", "serial")) if readings else {}
    known = next((on_record[reading] for reading in readings if reading in on_record), "")
    if known or only_known:
        return known
    rules = [_as_rule(row) for row in rows]
    return next((serials.grouped(reading) for reading in readings if serials.fits(reading, rules, today=today)), "")
