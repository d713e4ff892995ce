"""Shipped units from lists, on the screen of the imports; the command `import_units` reads the same lines."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import history
from core.imports.reading import Column, Table
from core.imports.table import Checked, Importer, Outcome, add_importer, outcome_of
from products.codes import normal_model
from products.models import ProductModel, Unit
from warranty import serials

AT_ONCE = 5000


def may_import_units(user: Any) -> bool:
    """Whoever keeps the catalogue or warranties."""
    allowed = user.has_perm("products.add_unit") or user.has_perm("warranty.change_warrantyterm")
    return bool(getattr(user, "is_active", False) and allowed)


def judge_units(table: Table) -> list[Outcome]:
    """Judge a list of shipped units; the serial number in any spelling is what makes two the same."""
    models = {model.number_normal: model for model in ProductModel.objects.all()}
    wanted = sorted({serials.normal(line.values.get("serial", "")) for line in table.lines})
    known: dict[str, Unit] = {}
    for place in range(0, len(wanted), AT_ONCE):
        units = Unit.objects.filter(serial_normal__in=wanted[place : place + AT_ONCE]).select_related("model")
        known.update((unit.serial_normal, unit) for unit in units)
    seen: dict[str, int] = {}
    return [_judged(Checked(line, table.headings), models, known, seen) for line in table.lines]


def _judged(checked: Checked, models: dict[str, ProductModel], known: dict[str, Unit], seen: dict[str, int]) -> Outcome:
    typed = checked.text("serial", longest=40, required=True)
    serial = serials.normal(typed)
    if typed and len(serial) < 4:
        checked.wrong("serial", _("No serial number."))
    checked.once("serial", serial, seen)
    wanted = checked.text("model", longest=40, required=True)
    model = models.get(normal_model(wanted)) if wanted else None
    if wanted and model is None:
        checked.wrong("model", _("We do not know the model “%(model)s”.") % {"model": wanted})
    shipped, produced = checked.day("shipped_on"), checked.day("produced_on")
    if not checked.line.values.get("shipped_on"):
        checked.wrong("shipped_on", _("This is missing."))
    if shipped and produced and produced > shipped:
        checked.wrong("produced_on", _("It cannot leave the factory before it was made."))
    values: dict[str, Any] = {"shipped_on": shipped}
    values |= {"produced_on": produced} if checked.given("produced_on") else {}
    values |= {"region": checked.text("region", longest=12).upper()} if checked.given("region") else {}
    unit = known.get(serial)
    if unit is not None and model is not None and unit.model_id != model.pk:
        checked.wrong("model", _("This serial number belongs to model %(model)s.") % {"model": unit.model})
    label = f"{model} {typed}" if model is not None and typed else typed
    if unit is None:
        row = Unit(model=model, serial=typed, known=True, **values)
        return outcome_of(checked, label, row, {}, checked.headings, save=lambda by: row.save())
    return outcome_of(checked, label, unit, {**values, "known": True}, checked.headings, save=lambda by: _change(unit, values, by))


def _change(unit: Unit, values: dict[str, Any], by: Any) -> None:
    with transaction.atomic():
        for name, value in {**values, "known": True}.items():
            setattr(unit, name, value)
        unit.save()
        history.record(unit, "imported", by=by)


DAY = gettext_lazy("A day: 2026-03-05.")
UNITS = Importer(
    key="units",
    title=gettext_lazy("Shipped units"),
    text=gettext_lazy("Serial numbers that left the factory; registrations are checked against them."),
    identity=gettext_lazy("The serial number, in any spelling."),
    may=may_import_units,
    columns=(
        Column("serial", ("序列号", "sn", "s/n"), required=True, example="HY2503-000123"),
        Column("model", ("型号",), required=True, example="WF10-320"),
        Column("shipped_on", ("出厂日期", "shipped"), required=True, help=DAY, example="2026-03-05"),
        Column("produced_on", ("生产日期", "produced"), help=DAY, example="2026-02-20"),
        Column("region", ("地区",), help=gettext_lazy("CN, or CN-44 for a province."), example="CN-44"),
    ),
    judge=judge_units,
    order=60,
)


def register() -> None:
    """Put shipped units into the table of imports."""
    add_importer(UNITS)
