"""Results are for the visitor's market: what is only for another one is left out wherever something is listed or counted."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from products.queries import shown_markets
from search.documents import Document

#: Where the guides' pages remember the market a reader has chosen.
MARKET_COOKIE = "hearth_market"

Market = Callable[[], str]


def market_of(request: HttpRequest) -> str:
    """The market this visitor has chosen, else the one supposed of everybody; empty when there is none."""
    markets = shown_markets()
    chosen = request.COOKIES.get(MARKET_COOKIE, "")
    return next((row.code for row in markets if row.code == chosen), "") or next((row.code for row in markets if row.is_default), "")


def everywhere() -> str:
    """No market: nothing is left out."""
    return ""


def of_market(ranked: list[tuple[Document, float]], market: Market) -> list[tuple[Document, float]]:
    """The ranked documents that may be for a market, which is asked for only when one of them is limited to some."""
    if not any(document.extra.get("markets") for document, _ in ranked):
        return ranked
    here = market()
    return [pair for pair in ranked if fits(pair[0].extra.get("markets") or (), here)]


def fits(codes: list[str] | tuple[str, ...], here: str) -> bool:
    """Whether something limited to markets may be for somebody in ``here``: the same, a part of it, or perhaps one of its parts."""
    return not codes or not here or any(here == code or here.startswith(f"{code}-") or code.startswith(f"{here}-") for code in codes)
