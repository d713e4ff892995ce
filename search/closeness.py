"""Whether what a page shares with a question stands together in it: one passage and the title, or words scattered over the page. Pure."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from search import text
from search.documents import Document

#: Index terms of a passage, and how much it is worth that they stand in one.
WIDTH, POWER = 16, 0.7
#: Characters read of one page, and of all pages of a question together: reading must not cost more than searching.
_OF_ONE, _OF_ALL = 12_000, 60_000
_FIRST_HAN = "\u3007"

#: The parts of a question: index term (a pair of Chinese characters, too) → the part it belongs to, and how telling that is.
Part = tuple[int, float]
Parts = Mapping[str, Part]


@dataclass(slots=True, frozen=True)
class Page:
    """The index terms of a page in order; what stands in the title, the key words, codes and models belongs to every passage."""

    above: frozenset[str]
    terms: tuple[str, ...]
    length: int


def read(document: Document) -> Page:
    """Read a page; its body must be there."""
    above = _terms(" ".join([document.title, document.keywords, *document.codes, *document.models]))
    pairs = (first + second for first, second in itertools.pairwise(above) if first >= _FIRST_HAN <= second)
    body = f"{document.summary} {document.body}"[:_OF_ONE]
    return Page(frozenset([*above, *pairs]), _terms(body), len(body))


def _terms(words: str) -> tuple[str, ...]:
    return tuple(map(sys.intern, text.terms(text.plain(words[:_OF_ONE]))))


def worth(parts: Parts, pages: Iterable[Page]) -> list[float]:
    """What standing together makes the score of each page worth, over 0 to 1, best page first; as many as are read."""
    out: list[float] = []
    left = _OF_ALL
    for page in pages:
        left -= page.length
        if left < 0 and out:
            break
        out.append(share_together(parts, page) ** POWER)
    return out


def share_together(parts: Parts, page: Page) -> float:
    """How much of what a page shares with a question stands in its best passage and the title, by weight, over 0 to 1."""
    above = {part for term, part in parts.items() if term in page.above}
    spots = [(place, part) for place, part in _spots(parts, page.terms) if part not in above]
    if not spots:
        return 1.0
    base = sum(weight for _, weight in above)
    whole = base + sum(weight for _, weight in {part for _, part in spots})
    return (base + _best_passage(spots)) / whole if whole else 1.0


def _spots(parts: Parts, terms: Iterable[str]) -> list[tuple[int, Part]]:
    spots = []
    before = ""
    for place, term in enumerate(terms):
        if term in parts:
            spots.append((place, parts[term]))
        if term >= _FIRST_HAN:
            if before and before + term in parts:
                spots.append((place, parts[before + term]))
            before = term
        else:
            before = ""
    return spots


def _best_passage(spots: list[tuple[int, Part]]) -> float:
    inside: Counter[Part] = Counter()
    best = now = 0.0
    first = 0
    for place, part in spots:
        inside[part] += 1
        if inside[part] == 1:
            now += part[1]
        while spots[first][0] <= place - WIDTH:
            gone = spots[first][1]
            inside[gone] -= 1
            if not inside[gone]:
                now -= gone[1]
            first += 1
        best = max(best, now)
    return best
