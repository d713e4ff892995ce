"""Where an announcement holds and where a visitor is: what is for another region is left out, what nobody can tell is shown by name.

A place is a country and, within China, the digits of GB/T 2260 with the zeros at the end left out: `CN`, `CN-44`, `CN-4403`, `CN-440305`.
Markets are written the same way, so the market a reader has chosen is a place, too.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, pgettext

from accounts.divisions import Division, divisions, provinces, short_province, take_division
from accounts.queries import addresses_for
from core.i18n import normal_language
from kb.areas import area_of, english_cities
from products.queries import shown_markets

REGION_COOKIE = "hearth_region"
MARKET_COOKIE = "hearth_market"
HOME = "CN"
EVERYWHERE = "all"  # a visitor who wants to see what is for any region
# Provinces as English pages call them, by the first two digits of their code.
ENGLISH = {
    "11": "Beijing",
    "12": "Tianjin",
    "13": "Hebei",
    "14": "Shanxi",
    "15": "Inner Mongolia",
    "21": "Liaoning",
    "22": "Jilin",
    "23": "Heilongjiang",
    "31": "Shanghai",
    "32": "Jiangsu",
    "33": "Zhejiang",
    "34": "Anhui",
    "35": "Fujian",
    "36": "Jiangxi",
    "37": "Shandong",
    "41": "Henan",
    "42": "Hubei",
    "43": "Hunan",
    "44": "Guangdong",
    "45": "Guangxi",
    "46": "Hainan",
    "50": "Chongqing",
    "51": "Sichuan",
    "52": "Guizhou",
    "53": "Yunnan",
    "54": "Tibet",
    "61": "Shaanxi",
    "62": "Gansu",
    "63": "Qinghai",
    "64": "Ningxia",
    "65": "Xinjiang",
    "71": "Taiwan",
    "81": "Hong Kong",
    "82": "Macau",
}
_BETWEEN = re.compile(r"[,，、;；/|\n]+|\s(?:and|&)\s|(?<=[省市区县])[和及与]")
_PLACE = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,8})?")


def place_of(code: str) -> str:
    """Return a division's code as a place: `440305` → `CN-440305`, `440000` → `CN-44`; empty for what is no code."""
    if not re.fullmatch(r"\d{6}", code or ""):
        return ""
    return f"{HOME}-{re.sub(r'(?:00){1,2}$', '', code)}"


def fits(places: Iterable[str], here: str) -> bool:
    """Tell whether what holds in `places` may hold for somebody in `here`: the same, a part of it, or perhaps one of its parts.

    No places are everywhere; somebody of whom nothing is known may be anywhere.
    """
    wanted = tuple(places)
    return not wanted or not here or any(here.startswith(place) or place.startswith(here) for place in wanted)


def places_in(text: str) -> tuple[str, ...]:
    """Return the places a region names as an editor writes it (`广东、广西`, `Guangdong`, `CN-44`).

    None where a part of it means nothing to us: then nobody can be left out.
    """
    names = {row.code: {row.code, row.name_zh_hans, row.name_en} for row in shown_markets()}
    found: list[str] = []
    for part in _parts(text):
        market = next((code for code, known in names.items() if part.casefold() in {name.casefold() for name in known}), "")
        places = (market,) if market else _division(part)
        if not places:
            return ()
        found += places
    return tuple(dict.fromkeys(found))


def _parts(text: str) -> list[str]:
    return list(filter(None, (piece.strip(" .。()（）") for piece in _BETWEEN.split(text[:200]))))


@lru_cache(maxsize=500)
def _division(part: str) -> tuple[str, ...]:
    """Return the places one name means, Chinese or English: those of an area, else one; none where anything is left over."""
    if _PLACE.fullmatch(part.upper()) and part.upper().startswith(f"{HOME}-"):
        digits = part.upper().removeprefix(f"{HOME}-")
        return (part.upper(),) if digits.ljust(6, "0") in divisions() else ()
    if area := area_of(part):
        return tuple(f"{HOME}-{digits}" for digits in area[2])
    plain = re.sub(r"\s+(province|city|municipality)$", "", part.casefold())
    english = next((code for code, name in ENGLISH.items() if name.casefold() == plain), "")
    if english:
        return (f"{HOME}-{english}",)
    if cities := english_cities(part):
        return tuple(place_of(code) for code in cities)
    row, rest = take_division(part)
    return (place_of(_widest(row, part).code),) if row is not None and not rest.strip() else ()


def _widest(row: Division, typed: str) -> Division:
    """Return the province where a name means both it and its one city: 上海."""
    same = next((top for top in provinces() if typed in (top.province, short_province(top.province))), None)
    return same or row


def region_words(text: str) -> str:
    """Return a region in the language in force: areas, provinces and markets by their names there, anything else as it was written."""
    language = normal_language(get_language())
    known = dict(provinces_named(language))
    known |= {row.code: row.name for row in shown_markets()}
    words: list[str] = []
    for part in _parts(text):
        area, places = area_of(part), places_in(part)
        if not places or not (area or set(places) <= set(known)):
            return text
        words += [area[1] if language == "en" else area[0]] if area else [known[place] for place in places]
    return pgettext("between the items of a list", ", ").join(dict.fromkeys(words)) or text


def in_region(rows: Iterable[Any], request: HttpRequest | None) -> list[Any]:
    """Return the announcements that may be for a visitor, who is looked up only if one of them has a region; all where nobody asks."""
    found = list(rows)
    if request is None or not any(row.region for row in found):
        return found
    here = region_of(request)
    return [row for row in found if not row.region or fits(places_in(row.region), here)]


def region_of(request: HttpRequest) -> str:
    """Return where a visitor is, as far as we know: what they chose, a member's usual address, the market chosen or supposed of everybody.

    Empty where nothing is known. Looked up once a request.
    """
    known: str | None = getattr(request, "_region", None)
    if known is None:
        known = _region(request)
        request._region = known  # type: ignore[attr-defined]
    return known


def _region(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(REGION_COOKIE, "")
    if chosen == EVERYWHERE:
        return ""
    if chosen in dict(provinces_named("zh-hans")):
        return chosen
    for address in addresses_for(getattr(request, "user", None))[:1]:
        if place := place_of(address.region_code):
            return place
    return chosen_market(request)


def chosen_market(request: HttpRequest) -> str:
    """Return the market this visitor has chosen, else the one supposed of everybody; empty when there is none."""
    markets = shown_markets()
    chosen = request.COOKIES.get(MARKET_COOKIE, "")
    return next((row.code for row in markets if row.code == chosen), "") or next((row.code for row in markets if row.is_default), "")


def provinces_named(language: str) -> list[tuple[str, str]]:
    """Return (place, name) of the provinces to choose from, in the words of a language."""
    rows = [(place_of(row.code), row.province, row.code[:2]) for row in provinces()]
    return [(place, ENGLISH.get(digits, name) if language == "en" else name) for place, name, digits in rows]
