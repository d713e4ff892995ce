"""What a search gives back: plain values that templates, JSON and other apps read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString


@dataclass(slots=True)
class Hit:
    """One result. ``score`` is 0 to 1: how sure it is that this answers the question.

    ``key`` names the thing in all its languages, as votes and the ledger do; ``document_key`` the one document.
    """

    key: str
    document_key: str
    kind: str
    title: str
    url: str
    language: str
    score: float
    snippet_html: SafeString = field(default_factory=lambda: SafeString(""))
    title_html: SafeString = field(default_factory=lambda: SafeString(""))
    code: str = ""
    model: str = ""
    families: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    foreign: bool = False
    promoted: bool = False

    @property
    def lang(self) -> str:
        """Value of an HTML ``lang`` attribute."""
        return "zh-Hans" if self.language == "zh-hans" else self.language


@dataclass(slots=True)
class SearchAnswer:
    """A page of results. ``facets`` maps ``kind`` and ``product`` to counts; ``engine`` is ``none`` when none answered.

    ``did_you_mean`` are the words that were searched for instead, or that would have ``did_you_mean_total`` results;
    ``elsewhere`` is the number of results without the filters; ``more`` and ``more_elsewhere`` say of ``total`` and the kinds, and of
    ``elsewhere`` and the products, that they are the least there are. ``sure`` is False when what was found only shares words with
    the question: then there are at most three hits.
    """

    query: str
    understood: str = ""
    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    page: int = 1
    pages: int = 0
    facets: dict[str, dict[str, int]] = field(default_factory=lambda: {"kind": {}, "product": {}})
    engine: str = "none"
    took_ms: float = 0.0
    did_you_mean: str = ""
    did_you_mean_total: int = 0
    elsewhere: int = 0
    more: bool = False
    more_elsewhere: bool = False
    exact: bool = False
    direct_code: Hit | None = None
    codes: list[Hit] = field(default_factory=list)
    log_id: str = ""
    empty_question: bool = False
    sure: bool = True


@dataclass(slots=True)
class SuggestGroup:
    """Suggestions of one kind."""

    kind: str
    items: list[Hit]


@dataclass(slots=True)
class SuggestAnswer:
    """Grouped suggestions for an unfinished question."""

    query: str
    groups: list[SuggestGroup] = field(default_factory=list)
    engine: str = "none"
    took_ms: float = 0.0
    did_you_mean: str = ""
    too_short: bool = False

    @property
    def items(self) -> list[Hit]:
        """All suggestions in the order shown."""
        return [hit for group in self.groups for hit in group.items]

    def as_json(self) -> dict[str, Any]:
        """The public JSON form."""
        return {
            "query": self.query,
            "engine": self.engine,
            "took_ms": round(self.took_ms, 2),
            "groups": [
                {
                    "kind": group.kind,
                    "items": [
                        {"title": h.title, "url": h.url, "score": round(h.score, 4), "snippet": str(h.snippet_html)} for h in group.items
                    ],
                }
                for group in self.groups
            ],
        }
