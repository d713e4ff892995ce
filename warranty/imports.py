"""Lists of shipped units as CSV: read and judged line by line before anything is written. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from products.codes import normal_model
from warranty import serials

COLUMNS = {
    "serial": ("serial", "sn", "s/n", "序列号"),
    "model": ("model", "型号"),
    "shipped_on": ("shipped_on", "shipped", "出厂日期"),
    "produced_on": ("produced_on", "produced", "生产日期"),
    "region": ("region", "地区"),
}
REQUIRED = ("serial", "model", "shipped_on")
MOST_LINES = 200_000


@dataclass(frozen=True)
class Line:
    """One good line: `number` is its place in the file, the header being 1."""

    number: int
    serial: str
    model_id: int
    shipped_on: date
    produced_on: date | None = None
    region: str = ""


@dataclass(frozen=True)
class Reading:
    """A file read: the good lines, and what is wrong with the others as (line, words)."""

    lines: tuple[Line, ...]
    problems: tuple[tuple[int, str], ...]


def read_units(text: str, *, models: Mapping[str, int], known: Iterable[str] = ()) -> Reading:
    """Read a CSV file with a header in English or Chinese.

    Args:
        text: the file; commas, semicolons or tabs.
        models: normal form of a model number → its key.
        known: normal serial numbers that exist already; they are told as problems and left as they are.
    """
    plain = text.lstrip("\ufeff")
    try:
        dialect: Any = csv.Sniffer().sniff(plain[:4000], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    rows = csv.reader(io.StringIO(plain), dialect)
    places = _places(next(rows, []))
    missing = [name for name in REQUIRED if name not in places]
    if missing:
        return Reading((), ((1, _("Columns are missing: %(names)s.") % {"names": ", ".join(missing)}),))
    lines: list[Line] = []
    problems: list[tuple[int, str]] = []
    seen = set(known)
    for number, cells in enumerate(rows, start=2):
        if number > MOST_LINES:
            problems.append((number, _("Only the first %(count)s lines are read.") % {"count": MOST_LINES}))
            break
        if not any(cell.strip() for cell in cells):
            continue
        values = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        try:
            line = _line(number, values, models, seen)
        except ValueError as error:
            problems.append((number, str(error)))
            continue
        seen.add(serials.normal(line.serial))
        lines.append(line)
    return Reading(tuple(lines), tuple(problems))


def _places(header: list[str]) -> dict[str, int]:
    titles = [title.strip().lower() for title in header]
    return {name: titles.index(word) for name, words in COLUMNS.items() for word in words if word in titles}


def _line(number: int, values: Mapping[str, str], models: Mapping[str, int], seen: set[str]) -> Line:
    serial = serials.normal(values["serial"])
    if len(serial) < 4:
        raise ValueError(_("No serial number."))
    if serial in seen:
        raise ValueError(_("%(serial)s is there already.") % {"serial": values["serial"]})
    model_id = models.get(normal_model(values["model"]))
    if model_id is None:
        raise ValueError(_("We do not know the model “%(model)s”.") % {"model": values["model"]})
    shipped, produced = _day(values["shipped_on"]), values.get("produced_on", "")
    made = _day(produced) if produced else None
    if made and made > shipped:
        raise ValueError(_("It cannot leave the factory before it was made."))
    return Line(number, values["serial"][:40], model_id, shipped, made, values.get("region", "")[:12].upper())


def _day(typed: str) -> date:
    pieces = typed.replace("/", "-").replace(".", "-").split("-")
    try:
        year, month, day = (int(piece) for piece in pieces)
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(_("“%(day)s” is no date; write 2026-03-05.") % {"day": typed}) from error
