"""A table as data: columns, rows, a total, where each number leads; drawn as HTML, written as CSV."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from reports.filters import Filters

BOM = "\ufeff"  # spreadsheets read the Chinese only with it


@dataclass(frozen=True)
class Column:
    """One column. `kind` is text, count, percent, points or seconds; `params` narrow the rows to the number, None where it has none."""

    key: str
    label: Any
    kind: str = "count"
    params: Mapping[str, str] | None = None


@dataclass
class Row:
    """One line: values by column, what narrows the attempts to it, and an address for its first cell."""

    values: dict[str, Any]
    params: dict[str, str] = field(default_factory=dict)
    url: str = ""
    lang: str = ""


@dataclass
class Table:
    """A table of a report. `list_name` is the list its numbers lead to: attempts, contacts, searches or votes."""

    key: str
    title: Any
    note: Any
    columns: list[Column]
    rows: list[Row]
    total: dict[str, Any] | None = None
    list_name: str = "attempts"
    bar: str = ""  # key of the column drawn as bars

    @property
    def most(self) -> float:
        """The largest value of the column drawn as bars."""
        return max((row.values.get(self.bar) or 0 for row in self.rows), default=0) if self.bar else 0

    def top(self, limit: int) -> "Table":
        """Return the same table with its first rows only; the total stays that of all."""
        return Table(self.key, self.title, self.note, self.columns, self.rows[:limit], self.total, self.list_name, self.bar)


def csv_text(table: Table, *, total_word: str) -> str:
    """Return the whole table as CSV with a byte-order mark; shares in percent; cells that look like formulas are made text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([str(column.label) for column in table.columns])
    for row in table.rows:
        writer.writerow([_plain(row.values.get(column.key), column.kind) for column in table.columns])
    if table.total is not None:
        _first, *others = table.columns
        writer.writerow([total_word, *[_plain(table.total.get(column.key), column.kind) for column in others]])
    return BOM + buffer.getvalue()


def _plain(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind in {"percent", "points"}:
        return f"{value * 100:.1f}"
    if kind == "seconds":
        return f"{value:.0f}"
    if kind == "moment":
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    text = str(value)
    return f"'{text}" if kind == "text" and text[:1] in "=+-@\t\r" else text


def cell_address(filters: Filters, table: Table, row: Row | None, column: Column, path: str) -> str:
    """Return where a number leads; empty for one that has no rows of its own."""
    if column.params is None:
        return ""
    return filters.address(path, **{**(row.params if row else {}), **column.params})


def added(rows: Iterable[Row], keys: Iterable[str]) -> dict[str, Any]:
    """Return the sums of some columns."""
    kept = list(rows)
    return {key: sum(row.values.get(key) or 0 for row in kept) for key in keys}
