"""Words one slip away from words of the index: spelling without a dictionary of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from search import sounds, text
from search.engines.base import Lexicon
from search.plan import ALL, PAIRS, WORD

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST = 3


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
    """Known words one slip away, the likeliest first: same first letter, then frequency.

    A word of three letters is only ever one that lost a letter.
    """
    if len(word) < _SHORTEST or not word.isascii() or not word.isalpha():
        return []
    candidates = [c for c in dict.fromkeys(one_slip(word)) if c not in text.STOP_WORDS and c != word]
    if len(word) == _SHORTEST:
        candidates = [c for c in candidates if len(c) > _SHORTEST and c[0] == word[0]]
    found = {c: count for c in candidates if (count := lexicon.frequency(WORD, c))}
    return sorted(found, key=lambda w: (w[0] != word[0], -found[w], w))[:limit]


def begins_alike(word: str, meant: str) -> bool:
    """Whether a correction keeps the first letter, or swaps the first two: fingers slip inside words, so only these are offered."""
    return word[0] == meant[0] or word[:2] == meant[1::-1]


def split_or_none(word: str, lexicon: Lexicon) -> tuple[str, str] | None:
    """Two known words written as one (``drainpump``), or None."""
    best: tuple[int, tuple[str, str]] | None = None
    for cut in range(3, len(word) - 2):
        left, right = word[:cut], word[cut:]
        weight = min(lexicon.frequency(WORD, left), lexicon.frequency(WORD, right))
        if weight and (best is None or weight > best[0]):
            best = weight, (left, right)
    return best[1] if best else None


@dataclass(slots=True, frozen=True)
class Misheard:
    """A Chinese character that is probably meant in place of another one of the same sound.

    ``pairs`` are those it makes with its neighbours that occur in the index; ``sure`` says that it has two and both do.
    """

    place: int
    character: str
    pairs: tuple[str, ...]
    sure: bool


def misheard(run: str, lexicon: Lexicon) -> list[Misheard]:
    """Characters of a run none of whose pairs occurs in the index, and what of the same sound would occur."""
    if len(run) == 1:
        return _lone(run, lexicon)
    unknown = [not lexicon.frequency(PAIRS, run[i : i + 2]) for i in range(len(run) - 1)]
    found: list[Misheard] = []
    for place, character in enumerate(run):
        beside = [i for i in (place - 1, place) if 0 <= i < len(unknown)]
        if not all(unknown[i] for i in beside) or (found and found[-1].place == place - 1):
            continue
        best: tuple[tuple[int, int], Misheard] | None = None
        for other in sounds.same_sound(character):
            changed = run[:place] + other + run[place + 1 :]
            counts = {changed[i : i + 2]: lexicon.frequency(PAIRS, changed[i : i + 2]) for i in beside}
            pairs = tuple(pair for pair, count in counts.items() if count)
            worth = (len(pairs), sum(counts.values()))
            if pairs and other != character and (best is None or worth > best[0]):
                best = worth, Misheard(place, other, pairs, len(pairs) == 2)
        if best is not None:
            found.append(best[1])
    return found


def _lone(character: str, lexicon: Lexicon) -> list[Misheard]:
    if lexicon.frequency(ALL, character):
        return []
    likely = max(sounds.same_sound(character), key=lambda other: lexicon.frequency(ALL, other), default="")
    return [Misheard(0, likely, (), False)] if likely and lexicon.frequency(ALL, likely) else []
