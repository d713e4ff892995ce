"""Provinces, cities and districts of China by their codes of GB/T 2260; the data file names its source and licence. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).resolve().parent / "static" / "accounts" / "divisions.json"
# Endings people leave out: 上海 for 上海市, 内蒙古 for 内蒙古自治区.
_PROVINCE_ENDING = re.compile(r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|市)$")
_CITY_ENDING = re.compile(r"(市|地区|盟)$")
_DISTRICT_ENDING = re.compile(r"(区|县|市|旗)$")


@dataclass(frozen=True)
class Division:
    """One division with those above it; `code` has six digits, those of a province end in 0000."""

    code: str
    province: str
    city: str = ""
    district: str = ""


@lru_cache(maxsize=1)
def divisions() -> dict[str, Division]:
    """Return every division by its code, provinces and cities before their parts."""
    found: dict[str, Division] = {}
    for province, cities in json.loads(FILE.read_text(encoding="utf-8"))["divisions"]:
        top, province_name = province[:2], province[2:]
        found[f"{top}0000"] = Division(f"{top}0000", province_name)
        for city, districts in cities:
            middle, city_name = city[:2], city[2:]
            found[f"{top}{middle}00"] = Division(f"{top}{middle}00", province_name, city_name)
            for district in districts.split():
                code = f"{top}{middle}{district[:2]}"
                found[code] = Division(code, province_name, city_name, district[2:])
    return found


@lru_cache(maxsize=1)
def _levels() -> tuple[list[Division], list[Division], list[Division]]:
    rows = list(divisions().values())
    return (
        [row for row in rows if not row.city],
        [row for row in rows if row.city and not row.district],
        [row for row in rows if row.district],
    )


def provinces() -> list[Division]:
    """Return the provinces in the order of their codes."""
    return _levels()[0]


def cities_of(province: str) -> list[Division]:
    """Return the cities of a province, named in full."""
    return [row for row in _levels()[1] if row.province == province]


def districts_of(province: str, city: str) -> list[Division]:
    """Return the districts of a city, both named in full."""
    return [row for row in _levels()[2] if row.province == province and row.city == city]


def short_province(name: str) -> str:
    """Return a province as people say it: 上海, 广西, 香港."""
    return _PROVINCE_ENDING.sub("", name)


def _forms(name: str, ending: re.Pattern[str]) -> Iterator[str]:
    """Yield the name and, where two characters or more are left, the name without its ending."""
    yield name
    short = ending.sub("", name)
    if short != name and len(short) >= 2:
        yield short


def _same(typed: str, name: str, ending: re.Pattern[str]) -> bool:
    return bool(typed) and typed in _forms(name, ending)


def match(province: str, city: str, district: str) -> Division | None:
    """Return the division that three typed names mean, with or without their endings; None where they mean none.

    The city may be left out where a district is named (上海市, –, 浦东新区; 湖北省, –, 仙桃市).
    """
    province, city, district = province.strip(), city.strip(), district.strip()
    for top in provinces():
        if not _same(province, top.province, _PROVINCE_ENDING):
            continue
        for middle in cities_of(top.province):
            if city not in ("", "市辖区") and not _same(city, middle.city, _CITY_ENDING):
                continue
            for row in districts_of(top.province, middle.city):
                if _same(district, row.district, _DISTRICT_ENDING):
                    return row
            if city and not district:
                return middle
        return top if not city and not district else None
    return None


def _take(text: str, rows: list[Division], part: str, ending: re.Pattern[str]) -> tuple[Division | None, str]:
    """Return the division whose name `text` begins with (the longest wins), and what follows it."""
    best: tuple[int, Division] | None = None
    for row in rows:
        for form in _forms(getattr(row, part), ending):
            if text.startswith(form) and (best is None or len(form) > best[0]):
                best = (len(form), row)
    return (best[1], text[best[0] :].lstrip(" ,，")) if best else (None, text)


def take_division(text: str) -> tuple[Division | None, str]:
    """Return the division that a Chinese address begins with, and the rest of the address.

    The province may be missing before a city; 市辖区 is skipped; a municipality may be written once or twice.
    """
    top, rest = _take(text, provinces(), "province", _PROVINCE_ENDING)
    if top is None:
        middle, rest = _take(text, _levels()[1], "city", _CITY_ENDING)
        if middle is None:
            return None, text
    else:
        rest = rest.removeprefix("市辖区").lstrip()
        middle, after = _take(rest, cities_of(top.province), "city", _CITY_ENDING)
        if middle is not None:
            rest = after
        else:
            middle = next((row for row in cities_of(top.province) if row.city == top.province), None)
            if middle is None:
                # A county straight below a province (省直辖县) or a city that people leave out.
                row, after = _take(rest, [row for row in _levels()[2] if row.province == top.province], "district", _DISTRICT_ENDING)
                return (row, after) if row else (top, rest)
    rest = rest.removeprefix("市辖区").lstrip()
    row, after = _take(rest, districts_of(middle.province, middle.city), "district", _DISTRICT_ENDING)
    return (row, after) if row else (middle, rest)
