"""The kinds of import as a table: rooms register theirs at start-up, the screen shows them all alike."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from core.imports.reading import Column, Line, Problem, Table, read_table, read_texts

CREATE, CHANGE, SAME, WRONG = "create", "change", "same", "wrong"
Apply = Callable[[Any], None]


@dataclass(frozen=True)
class Outcome:
    """What would become of one line.

    Attributes:
        line: its number; for texts the number of the file.
        verb: create, change, same or wrong.
        label: what it is about, in words.
        changes: what would change, in words.
        problems: why it is wrong.
        apply: writes it, given who does; None where there is nothing to write.
    """

    line: int
    verb: str
    label: str
    changes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    apply: Apply | None = None
    file: str = ""


Judge = Callable[[Table], Sequence[Outcome]]
JudgeTexts = Callable[[Sequence[tuple[str, str]]], Sequence[Outcome]]


@dataclass(frozen=True)
class Importer:
    """One kind of import.

    Attributes:
        key, title, text: its name in addresses and in words (lazy).
        may: who may use it.
        columns, judge: for lists; `judge_texts`, `template`: for texts (Markdown).
        identity: what makes two lines the same thing, in words (lazy).
        after: called once when something was written.
    """

    key: str
    title: Any
    text: Any
    identity: Any
    may: Callable[[Any], bool]
    columns: tuple[Column, ...] = ()
    judge: Judge | None = None
    judge_texts: JudgeTexts | None = None
    template: str = ""
    after: Callable[[], None] | None = None
    order: int = 100
    rows: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def is_text(self) -> bool:
        """Whether it takes texts instead of lists."""
        return self.judge_texts is not None

    def outcomes(self, content: bytes, name: str, *, most_lines: int | None = None) -> list[Outcome]:
        """Read and judge a file; `most_lines` as in `read_table`. Raises Unreadable."""
        if self.judge_texts is not None:
            return list(self.judge_texts(read_texts(content, name)))
        assert self.judge is not None
        table = read_table(content, name, self.columns, most_lines=most_lines)
        bad: dict[int, list[Problem]] = {}
        for problem in table.problems:
            bad.setdefault(problem.line, []).append(problem)
        judged = self.judge(table)
        return [
            Outcome(item.line, WRONG, item.label, problems=(*bad[item.line], *item.problems)) if item.line in bad else item
            for item in judged
        ]


_importers: dict[str, Importer] = {}


def add_importer(importer: Importer) -> None:
    """Add a kind of import; called once, from the room's `AppConfig.ready`."""
    _importers[importer.key] = importer


def importers_for(user: Any) -> list[Importer]:
    """Return the kinds a person may use, in order."""
    return sorted((item for item in _importers.values() if item.may(user)), key=lambda item: (item.order, item.key))


def importer_for(user: Any, key: str) -> Importer | None:
    """Return one kind if the person may use it."""
    found = _importers.get(key)
    return found if found is not None and found.may(user) else None


class Checked:
    """The values of one line, checked one by one; collects what is wrong with which column."""

    def __init__(self, line: Line, headings: Mapping[str, str]) -> None:
        self.line, self.headings = line, headings
        self.problems: list[Problem] = []

    def given(self, name: str) -> bool:
        """Whether the file has this column; what it lacks is left as it is."""
        return name in self.line.values

    def wrong(self, name: str, words: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.line.number, self.headings.get(name, name), words))

    def text(self, name: str, *, longest: int = 255, required: bool = False, lines: bool = False) -> str:
        """Return a text."""
        value = self.line.values.get(name, "")
        if not lines:
            value = " ".join(value.split())
        if required and not value:
            self.wrong(name, _("This is missing."))
        if len(value) > longest:
            self.wrong(name, _("At most %(count)s characters; this has %(has)s.") % {"count": longest, "has": len(value)})
        return value

    def choice(self, name: str, words: Mapping[str, str], *, default: str) -> str:
        """Return the value that a word in either language stands for."""
        value = self.line.values.get(name, "").strip().lower()
        if not value:
            return default
        if value not in words:
            self.wrong(name, _("“%(value)s” is not one of: %(words)s.") % {"value": value[:40], "words": ", ".join(words)})
            return default
        return words[value]

    def day(self, name: str) -> date | None:
        """Return a day written 2026-03-05, 2026/3/5, 2026.3.5, 20260305 or 2026年3月5日."""
        value = self.line.values.get(name, "").strip()
        if not value:
            return None
        match = re.fullmatch(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D?", value)
        with suppress(ValueError):
            if match:
                return date(*(int(part) for part in match.groups()))
        self.wrong(name, _("“%(day)s” is no date; write 2026-03-05.") % {"day": value[:40]})
        return None

    def yes(self, name: str, *, default: bool = True) -> bool:
        """Return yes or no."""
        words = {"1": "1", "yes": "1", "y": "1", "true": "1", "是": "1", "0": "", "no": "", "n": "", "false": "", "否": ""}
        return bool(self.choice(name, words, default="1" if default else ""))

    def once(self, name: str, key: Any, seen: dict[Any, int]) -> None:
        """Note as wrong what stands in an earlier line already; `seen` keeps the line of each key of the file."""
        if key in seen:
            self.wrong(name, _("This stands in line %(line)s already.") % {"line": seen[key]})
        seen.setdefault(key, self.line.number)

    def several(self, name: str) -> list[str]:
        """Return the parts of a list in one cell, divided by commas, semicolons or lines."""
        return [part.strip() for part in re.split(r"[,;，；、\n|]+", self.line.values.get(name, "")) if part.strip()]


def outcome_of(
    checked: Checked, label: str, row: Any, values: Mapping[str, Any], names: Mapping[str, str], *, save: Apply, more: Sequence[str] = ()
) -> Outcome:
    """Return what becomes of a line that stands for one row: wrong, new (an unsaved row), changed (with what), or as it is.

    Args:
        row: the row it stands for, unsaved where there is none yet.
        values: what the line says of it; `names` are the headings of the file.
        save: writes it, given who does.
        more: further changes in words, of what is no field of the row.
    """
    number = checked.line.number
    if checked.problems:
        return Outcome(number, WRONG, label or "–", problems=tuple(checked.problems))
    if row.pk is None:
        return Outcome(number, CREATE, label, apply=save)
    changes = [*changes_between(row, values, names), *more]
    return Outcome(number, CHANGE, label, changes=tuple(changes), apply=save) if changes else Outcome(number, SAME, label)


def changes_between(row: Any, values: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Return in words what `values` would change in `row`: `name: old → new`."""
    found = []
    for name, value in values.items():
        old = getattr(row, name)
        if old != value:
            found.append(f"{names.get(name, name)}: {_short(old)} → {_short(value)}")
    return found


def _short(value: Any) -> str:
    text = str(value) if value not in (None, "") else "–"
    return text if len(text) <= 60 else text[:59] + "…"
