"""Words near what was typed, further away than a slip of the finger: a last offer where nothing was found. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from search import text, words
from search.engines.base import Lexicon
from search.plan import WORD

_SHORTEST = 5
_BEGINNING = 2
_MOST_LOOKED_AT = 400
_NEAR = 0.74
_MOST_WORDS = 6


def nearby(question: str, lexicon: Lexicon, *, own: Collection[str] = ()) -> str:
    """The question with its unknown words replaced by the nearest ones of the index that begin alike; empty when none is near.

    ``own`` words are the maker's and stay as they are.
    """
    typed = text.surface_words(text.plain(question[:400]))
    swapped: dict[str, str] = {}
    for word in list(dict.fromkeys(typed))[:_MOST_WORDS]:
        if (
            len(word) < _SHORTEST
            or not (word.isascii() and word.isalpha())
            or words.is_real(word)
            or word in own
            or lexicon.frequency(WORD, word)
        ):
            continue
        known = [w for w, _ in lexicon.completions(WORD, word[:_BEGINNING], _MOST_LOOKED_AT) if w.isalpha()]
        near = difflib.get_close_matches(word, known, n=1, cutoff=_NEAR)
        if near:
            swapped[word] = near[0]
    if not swapped:
        return ""
    return " ".join(swapped.get(part, part) for part in text.plain(question[:400]).split())
