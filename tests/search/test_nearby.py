"""Words near what was typed."""

from __future__ import annotations

import pytest

from search.nearby import nearby

WORDS = ["conditioner", "condition", "dripping", "compressor", "filter", "drain", "cold"]


class Lexicon:
    total = 10

    def frequency(self, field: str, term: str) -> int:
        return int(term in WORDS)

    def completions(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        return [(word, 1) for word in WORDS if word.startswith(prefix)][:limit]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("conditonner driping", "conditioner dripping"),
        ("Compresorr noisy", "compressor noisy"),
        ("filter drain", ""),  # known words stay
        ("xilophone", ""),  # nothing begins alike
        ("cond", ""),  # too short to say
        ("空调 conditonner", "空调 conditioner"),
        ("", ""),
        ("?!*", ""),
        ("co" * 5000, ""),
    ],
)
def test_near_words(typed: str, offered: str) -> None:
    assert nearby(typed, Lexicon()) == offered
