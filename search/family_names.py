"""Which families of products a question names, by whatever name people have for them. Pure.

A family goes by its own name in either language, by each part of a name of two (“hoods and stoves”), by every everyday name of the
things its products are (`things.py`), and by what the dictionary says is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from search import text, things

_BETWEEN = re.compile(r"\s+(?:and|or)\s+|\s*[&/、，,]\s*|(?<=[^a-z])[和与及](?=[^a-z])")
_SHORTEST = 2


@dataclass
class FamilyNames:
    """The families' names, English by its stems, and the everyday names of what their products are, each with the addresses of families."""

    _phrases: dict[str, frozenset[str]] = field(default_factory=dict)
    _things: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def build(cls, named: Iterable[tuple[str, str, str]]) -> FamilyNames:
        """Collect ``(address, name of the family, title of one of its products)``; the title may be empty."""
        made = cls()
        for slug, name, title in named:
            for part in (name, *_BETWEEN.split(name.casefold())):
                key = _key(text.plain(part))
                if len(key) >= _SHORTEST:
                    made._phrases[key] = made._phrases.get(key, frozenset()) | {slug}
            for _, names in things.named_in(text.plain(f"{name} | {title}")):
                made._things[names[0]] = made._things.get(names[0], frozenset()) | {slug}
        return made

    def named_in(self, plain: str, others: Iterable[str] = ()) -> tuple[str, ...]:
        """Addresses of the families that plain text names; ``others`` are words that stand for some of it."""
        if not self._phrases:
            return ()
        found: set[str] = set()
        for _, names in things.named_in(plain):
            found |= self._things.get(names[0], frozenset())
        for other in others:
            names = things.names_of(other)
            found |= self._things.get(names[0], frozenset()) if names else frozenset()
            found |= self._phrases.get(_key(other), frozenset())
        stems = f" {_stems(plain)} "
        for phrase, slugs in self._phrases.items():
            if (phrase in plain) if text.is_han(phrase) else (f" {phrase} " in stems):
                found |= slugs
        return tuple(sorted(found))


def _key(name: str) -> str:
    return name if text.is_han(name) else _stems(name)


def _stems(plain: str) -> str:
    """The English words of plain text as stems."""
    return " ".join(text.stem(word) or word for word in text.surface_words(plain))
