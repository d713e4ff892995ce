"""How people ask, as against what they ask about: words that still count (titles are questions too), but less. Pure."""

from __future__ import annotations

import re

from search import text

ASKING = re.compile("怎么办|怎么回事|怎么弄|怎么解决|怎么样|怎样|如何|为什么|怎么|咋|什么|请问|你好|您好|我的|我家|吗|呢")
#: Characters that say nothing by themselves; a pair of two of them is no evidence of what a question is about.
_PARTICLES = frozenset("的了是在我你他她它们这那有没不吗呢吧啊呀哦嗯哈么就都也还很和与谁")
#: As plain text writes them; they say nothing about the thing either.
_DENIALS = frozenset(
    {"arent", "cannot", "cant", "couldnt", "didnt", "doesnt", "dont", "hasnt", "havent", "isnt", "wasnt", "wont", "wouldnt"}
)


def only_asking(plain: str) -> frozenset[str]:
    """Characters and pairs of plain text that stand in nothing but words of asking."""
    inside: set[str] = set()
    for match in ASKING.finditer(plain):
        inside.update(match.group())
        inside.update(text.bigrams(match.group()))
    rest = ASKING.sub(" ", plain)
    return frozenset(inside.difference(rest, text.bigrams(rest)))


def asked_about(plain: str) -> tuple[list[str], list[str]]:
    """Pairs of characters, and words, that tell what a question in plain text is about."""
    about = ASKING.sub(" ", plain)
    pairs = [pair for pair in dict.fromkeys(text.bigrams(about)) if not _PARTICLES.issuperset(pair)]
    return pairs, [word for word in dict.fromkeys(text.surface_words(about)) if word not in text.STOP_WORDS | _DENIALS]
