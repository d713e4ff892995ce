"""Words one slip away from words of the index: spelling without a dictionary of its own."""

from __future__ import annotations

from collections.abc import Iterator

from search import text
from search.engines.base import Lexicon
from search.plan import WORD

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST = 4


def one_slip(word: str) -> Iterator[str]:
    """Every string one omission, swap, wrong or extra letter away."""
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]
    for i in range(len(word) - 1):
        if word[i] != word[i + 1]:
            yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    for i in range(len(word)):
        for letter in _LETTERS:
            if letter != word[i]:
                yield word[:i] + letter + word[i + 1 :]
    for i in range(len(word) + 1):
        for letter in _LETTERS:
            yield word[:i] + letter + word[i:]


def corrections(word: str, lexicon: Lexicon, *, limit: int = 3) -> list[str]:
    """Known words one slip away, the likeliest first: same first letter, then frequency."""
    if len(word) < _SHORTEST or not word.isascii() or not word.isalpha():
        return []
    found: dict[str, int] = {}
    for candidate in one_slip(word):
        if candidate not in found and candidate not in text.STOP_WORDS:
            frequency = lexicon.frequency(WORD, candidate)
            if frequency:
                found[candidate] = frequency
    ranked = sorted(found, key=lambda w: (w[0] != word[0], -found[w], w))
    return ranked[:limit]


def split_or_none(word: str, lexicon: Lexicon) -> tuple[str, str] | None:
    """Two known words written as one (``drainpump``), or None."""
    best: tuple[int, tuple[str, str]] | None = None
    for cut in range(3, len(word) - 2):
        left, right = word[:cut], word[cut:]
        weight = min(lexicon.frequency(WORD, left), lexicon.frequency(WORD, right))
        if weight and (best is None or weight > best[0]):
            best = weight, (left, right)
    return best[1] if best else None
