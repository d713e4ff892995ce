"""Results are for the visitor's market and region: what is only for another one is left out wherever something is listed or counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.http import HttpRequest

from kb.regions import chosen_market, region_of
from kb.regions import fits as fits_region
from search.documents import Document


class Here(NamedTuple):
    """Where a visitor is: the market they buy in, and the region (kb/regions.py); empty where not known."""

    market: str = ""
    region: str = ""


Market = Callable[[], Here]


def market_of(request: HttpRequest) -> Here:
    """The market this visitor has chosen, else the one supposed of everybody, and their region; empty when there is none."""
    return Here(chosen_market(request), region_of(request))


def everywhere() -> Here:
    """No market: nothing is left out."""
    return Here()


def of_market(ranked: list[tuple[Document, float]], market: Market) -> list[tuple[Document, float]]:
    """The ranked documents that may be for a visitor, who is asked about only when one of them is limited to markets or regions."""
    if not any(document.extra.get("markets") or document.extra.get("places") for document, _ in ranked):
        return ranked
    here = market()
    return [pair for pair in ranked if may_be_for(pair[0].extra, here)]


def may_be_for(extra: Mapping[str, Any], here: Here) -> bool:
    """Whether something may be for somebody: the market of a guide, the region of an announcement."""
    return fits(extra.get("markets") or (), here.market) and fits_region(extra.get("places") or (), here.region)


def fits(codes: list[str] | tuple[str, ...], here: str) -> bool:
    """Whether something limited to markets may be for somebody in ``here``: the same, a part of it, or perhaps one of its parts."""
    return not codes or not here or any(here == code or here.startswith(f"{code}-") or code.startswith(f"{here}-") for code in codes)
