"""Serial numbers as people type them: brought to one form, held against the rules, corrected only as a question. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice, product

from products.codes import normal_serial

CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖", "00123456789123456789")
LOOK_ALIKES: Mapping[str, str] = {"O": "O0", "0": "0O", "I": "I1", "1": "1I", "L": "L1"}
LONGEST = 40
MOST_CORRECTIONS = 512
SETTLED_AFTER = 6
MONTH_LETTERS = {"A": 10, "B": 11, "C": 12}


def normal(typed: str) -> str:
    """Return a serial number in stored form: half-width, upper case, no spaces or dashes, Chinese digits as digits. Letters stay."""
    text = (typed or "")[: LONGEST * 3].translate(CHINESE_DIGITS)
    for _again in range(SETTLED_AFTER):
        # Accents that stood apart may join the letter before them once the space between is gone: read until nothing changes.
        plain = "".join(ch for ch in normal_serial(text) if not unicodedata.category(ch).startswith("M"))[:LONGEST]
        if plain == text:
            break
        text = plain
    return text


def masked(serial: str) -> str:
    """Return a serial number with its middle hidden, in the groups it is printed in: `HY24 **** ** 0652`; short ones are hidden whole."""
    shown = len([ch for ch in serial if ch.isalnum()])
    ends = 4 if shown > 10 else 2 if shown > 6 else 0
    result, seen = [], 0
    for ch in serial:
        if not ch.isalnum():
            result.append(ch)
            continue
        result.append(ch if seen < ends or seen >= shown - ends else "*")
        seen += 1
    return "".join(result)


def grouped(serial: str) -> str:
    """Return a serial number in groups, so that it can be read out and compared."""
    plain = normal(serial)
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


@dataclass(frozen=True)
class Rule:
    """The shape of a family's serial numbers; `key` names the row."""

    pattern: str
    key: int = 0

    def compiled(self) -> re.Pattern[str]:
        """Return the compiled pattern. Raises re.error for a broken one."""
        return _compiled(self.pattern)

    def match(self, typed: str) -> "Fit | None":
        """Return how a number fits, or None where it does not or its day of production does not exist."""
        found = self.compiled().fullmatch(normal(typed))
        if found is None:
            return None
        coded = {name: value for name, value in found.groupdict().items() if value and name in {"year", "month", "week", "day"}}
        if not coded:
            return Fit(self, None)
        made = production_day(coded)
        return Fit(self, made) if made else None


@dataclass(frozen=True)
class Fit:
    """A number that fits a rule, with the day of production where it is coded."""

    rule: Rule
    produced_on: date | None


def production_day(coded: Mapping[str, str]) -> date | None:
    """Return the day coded as year (two or four digits), month (digits, or 1–9 A B C), week or day; None where there is no such day."""
    try:
        year = int(coded["year"])
        year = year + 2000 if year < 100 else year
        if "week" in coded:
            return date.fromisocalendar(year, int(coded["week"]), 1)
        month = MONTH_LETTERS.get(coded.get("month", "1")) or int(coded.get("month", "1"))
        return date(year, month, int(coded.get("day", "1")))
    except (KeyError, ValueError):
        return None


def fits(typed: str, rules: Iterable[Rule], *, today: date) -> list[Fit]:
    """Return how a number fits the rules; one made in the future fits none."""
    found = [rule.match(typed) for rule in rules]
    return [fit for fit in found if fit and (fit.produced_on is None or fit.produced_on <= today + timedelta(days=1))]


def corrections(typed: str) -> list[str]:
    """Return other readings of a number: O for 0, I or L for 1 and the reverse, those with the fewest changes first.

    Whoever asks decides which of them exist; nothing is ever corrected without asking.
    """
    plain = normal(typed)
    choices = [LOOK_ALIKES.get(letter, letter) for letter in plain]
    readings = ("".join(letters) for letters in islice(product(*choices), MOST_CORRECTIONS))
    others = [reading for reading in readings if reading != plain]
    return sorted(others, key=lambda reading: (sum(a != b for a, b in zip(reading, plain, strict=True)), reading))
