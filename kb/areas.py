"""Parts of China above and below a province as editors name them: areas (华南, South China), and cities in English. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from accounts.divisions import divisions

#: Area, its English name, and the first two digits of the codes of its provinces.
AREAS = (
    ("华北", "North China", "11 12 13 14 15"),
    ("东北", "Northeast China", "21 22 23"),
    ("华东", "East China", "31 32 33 34 35 36 37 71"),
    ("华中", "Central China", "41 42 43"),
    ("华南", "South China", "44 45 46 81 82"),
    ("西南", "Southwest China", "50 51 52 53 54"),
    ("西北", "Northwest China", "61 62 63 64 65"),
)
_CITY_ENDING = re.compile(r"(市|地区|盟)$")
#: Cities that English does not call by their pinyin.
_OTHERWISE = {
    "hohhot": "呼和浩特",
    "ordos": "鄂尔多斯",
    "hulunbuir": "呼伦贝尔",
    "harbin": "哈尔滨",
    "qiqihar": "齐齐哈尔",
    "jiamusi": "佳木斯",
    "lhasa": "拉萨",
    "shigatse": "日喀则",
    "urumqi": "乌鲁木齐",
    "karamay": "克拉玛依",
    "turpan": "吐鲁番",
    "hami": "哈密",
    "canton": "广州",
}


def area_of(name: str) -> tuple[str, str, tuple[str, ...]] | None:
    """Return the area a name means (Chinese, English, digits of its provinces), with or without `地区` or `China`; else None."""
    plain = re.sub(r"(地区|大区|区)$", "", name.strip())
    english = re.sub(r"[\s-]+|ern(?=\W)|ern$", "", re.sub(r"\s*china$", "", name.strip().casefold()))
    for chinese, own, digits in AREAS:
        if plain == chinese or english == own.casefold().removesuffix(" china"):
            return chinese, own, tuple(digits.split())
    return None


@lru_cache(maxsize=1)
def _english_cities() -> dict[str, tuple[str, ...]]:
    from pypinyin import lazy_pinyin

    found: dict[str, list[str]] = {}
    by_name: dict[str, str] = {}
    for row in divisions().values():
        if row.city and not row.district:
            short = _CITY_ENDING.sub("", row.city)
            if len(short) < 2 or "直辖" in short or short == "市辖区":
                continue  # no city: what lies straight below a province
            by_name[short] = row.code
            found.setdefault("".join(lazy_pinyin(short)).replace("ü", "v"), []).append(row.code)
    for english, chinese in _OTHERWISE.items():
        if chinese in by_name:
            found.setdefault(english, []).append(by_name[chinese])
    return {name: tuple(dict.fromkeys(codes)) for name, codes in found.items()}


def english_cities(name: str) -> tuple[str, ...]:
    """Return the codes of the cities an English name means: Shenzhen, Xi'an; two where two are written alike (Suzhou)."""
    plain = re.sub(r"\s+(city|prefecture)$", "", name.strip().casefold())
    return _english_cities().get(re.sub(r"[\s'’-]", "", plain), ()) if plain.isascii() or "’" in plain else ()
