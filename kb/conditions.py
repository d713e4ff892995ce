"""What a page or a part of it applies to, held against what is known of the reader. Pure: no database, no request.

A condition has up to four sides: the product (families or models), the market, the serial number, the software version. A side that is
empty asks nothing. Each answers yes, no, or “not known”; one no is enough to leave the text out, one unknown to ask the reader.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum

from products.codes import normal_serial

LONGEST_SERIAL = 40
LONGEST_VERSION = 30
MOST_RANGES = 50
_BETWEEN = re.compile(r"\s*(?:[–—~～→]|至|到|\.\.+|…|\s-+\s|\bto\b)\s*", re.IGNORECASE)
_LINES = re.compile(r"[\n\r,，;；、]+")
_SIGNS = re.compile(r"[0-9A-Z]")
_VERSION = re.compile(r"\d+(?:\.\d+)*")


class Verdict(Enum):
    """Whether a text is for the reader."""

    FITS = "fits"
    UNKNOWN = "unknown"
    OTHERS = "others"


class Side(Enum):
    """What can be asked of the reader."""

    PRODUCT = "product"
    MARKET = "market"
    SERIAL = "serial"
    SOFTWARE = "software"


@dataclass(frozen=True)
class SerialRange:
    """Serial numbers from `first` to `last`, both included; a bound may be a beginning (`HY24`) that covers all that follow."""

    first: str
    last: str

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first} – {self.last}"


@dataclass(frozen=True)
class Condition:
    """Whom a text is for. Families and models by their address (slug), markets by their code; versions as typed, both included."""

    families: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    markets: frozenset[str] = frozenset()
    serials: tuple[SerialRange, ...] = ()
    software_from: str = ""
    software_to: str = ""

    def __bool__(self) -> bool:
        return bool(self.sides)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Return what the condition asks about."""
        asked = (
            (Side.PRODUCT, self.families or self.models),
            (Side.MARKET, self.markets),
            (Side.SERIAL, self.serials),
            (Side.SOFTWARE, self.software_from or self.software_to),
        )
        return tuple(side for side, value in asked if value)


@dataclass(frozen=True)
class Reader:
    """What is known of the reader's machine; empty where it is not. `serial` is kept out of the representation."""

    family: str = ""
    model: str = ""
    market: str = ""
    software: str = ""
    serial: str = field(default="", repr=False)


NOBODY = Reader()


class BadRange(ValueError):
    """A line of serial numbers that cannot be read; `line` is what was written."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


def parse_ranges(text: str) -> tuple[SerialRange, ...]:
    """Return the ranges of a text, one a line (or between commas): `HY24 0331 – HY25 0418`, `HY2406` for all that begin so.

    Raises BadRange for a line that is empty of letters and digits, too long, or ends before it begins.
    """
    found: list[SerialRange] = []
    for line in _LINES.split(unicodedata.normalize("NFKC", text or "")):
        if not line.strip():
            continue
        bounds = [_serial(part) for part in _BETWEEN.split(line.strip(), maxsplit=1)]
        first, last = bounds[0], bounds[-1]
        common = min(len(first), len(last))
        if (
            not all(map(_SIGNS.search, bounds))
            or max(len(first), len(last)) > LONGEST_SERIAL
            or first[:common] > last[:common]
            or len(found) == MOST_RANGES
        ):
            raise BadRange(line.strip())
        found.append(SerialRange(first, last))
    return tuple(dict.fromkeys(found))


def format_ranges(ranges: Iterable[SerialRange]) -> str:
    """Return ranges as they are typed, one a line."""
    return "\n".join(str(item) for item in ranges)


def readable_version(text: str) -> bool:
    """Tell whether a software version holds numbers to compare (`V4.2.1`, `4.2`)."""
    return len(text) <= LONGEST_VERSION and bool(_numbers(text))


def judge(condition: Condition, reader: Reader) -> Verdict:
    """Return whether a text under `condition` is for `reader`: one side that does not fit is enough, one unknown side to ask."""
    answers = [_ANSWERS[side](condition, reader) for side in condition.sides]
    if False in answers:
        return Verdict.OTHERS
    return Verdict.UNKNOWN if None in answers else Verdict.FITS


def unknown_sides(condition: Condition, reader: Reader) -> tuple[Side, ...]:
    """Return what has to be asked before `condition` can be decided; nothing where it is decided already."""
    if judge(condition, reader) is not Verdict.UNKNOWN:
        return ()
    return tuple(side for side in condition.sides if _ANSWERS[side](condition, reader) is None)


def only_asked(conditions: Iterable[Condition], reader: Reader) -> Reader:
    """Return the reader reduced to what the conditions ask about: what makes no difference to a page is not in its key."""
    asked = {side for condition in conditions for side in condition.sides}
    kept = replace(reader, family="", model="") if Side.PRODUCT not in asked else reader
    for side, name in ((Side.MARKET, "market"), (Side.SERIAL, "serial"), (Side.SOFTWARE, "software")):
        if side not in asked:
            kept = replace(kept, **{name: ""})
    return kept


def _serial(text: str) -> str:
    return normal_serial(text[: LONGEST_SERIAL * 3])


def _product(condition: Condition, reader: Reader) -> bool | None:
    if reader.model and reader.model in condition.models:
        return True
    if reader.family and reader.family in condition.families:
        return True
    if reader.model:
        # A model whose family is not known may still belong to one of the named families.
        return None if condition.families and not reader.family else False
    if reader.family and not condition.models:
        return False
    return None


def _market(condition: Condition, reader: Reader) -> bool | None:
    if not reader.market:
        return None
    if any(reader.market == code or reader.market.startswith(f"{code}-") for code in condition.markets):
        return True
    # Somebody of whom only the country is known may or may not be in one of its provinces.
    return None if any(code.startswith(f"{reader.market}-") for code in condition.markets) else False


def _serials(condition: Condition, reader: Reader) -> bool | None:
    serial = _serial(reader.serial)
    if not serial:
        return None
    answers = [_in_range(item, serial) for item in condition.serials]
    return True if True in answers else None if None in answers else False


def _in_range(item: SerialRange, serial: str) -> bool | None:
    """Tell whether a serial number lies in the range; None where only its beginning is known and that does not decide."""
    low, high = serial[: len(item.first)], serial[: len(item.last)]
    if low < item.first[: len(low)] or high > item.last[: len(high)]:
        return False
    undecided = (len(low) < len(item.first) and low == item.first[: len(low)]) or (
        len(high) < len(item.last) and high == item.last[: len(high)]
    )
    return None if undecided else True


def _numbers(version: str) -> tuple[int, ...]:
    found = _VERSION.search(unicodedata.normalize("NFKC", version[:LONGEST_VERSION]))
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _software(condition: Condition, reader: Reader) -> bool | None:
    have = _numbers(reader.software)
    if not have:
        return None
    answers = []
    if low := _numbers(condition.software_from):
        answers.append(_not_below(have, low))
    if high := _numbers(condition.software_to):
        answers.append(_not_above(have, high))
    return False if False in answers else None if None in answers else True


def _not_below(have: tuple[int, ...], low: tuple[int, ...]) -> bool | None:
    common = min(len(have), len(low))
    if have[:common] != low[:common]:
        return have[:common] > low[:common]
    return None if len(have) < len(low) and any(low[common:]) else True


def _not_above(have: tuple[int, ...], high: tuple[int, ...]) -> bool | None:
    """`to 4.2` covers 4.2.9 as well: the bound says nothing about what follows."""
    common = min(len(have), len(high))
    if have[:common] != high[:common]:
        return have[:common] < high[:common]
    return None if len(have) < len(high) else True


_ANSWERS = {Side.PRODUCT: _product, Side.MARKET: _market, Side.SERIAL: _serials, Side.SOFTWARE: _software}
