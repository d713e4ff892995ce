"""One slip of the finger in a question, the same ones for the same seed: how much search forgives is measured with them. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable

from search import sounds, text

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHORTEST = 4


def _neighbours() -> dict[str, str]:
    """Letters beside each letter on a keyboard."""
    found: dict[str, str] = {}
    for row, keys in enumerate(_ROWS):
        for place, key in enumerate(keys):
            beside = [_ROWS[row][i] for i in (place - 1, place + 1) if 0 <= i < len(keys)]
            for other in (row - 1, row + 1):
                if 0 <= other < len(_ROWS):
                    start = place if other < row else place - 1
                    beside += [_ROWS[other][i] for i in (start, start + 1) if 0 <= i < len(_ROWS[other])]
            found[key] = "".join(beside)
    return found


NEIGHBOURS = _neighbours()


def one_typo(question: str, dice: random.Random) -> str:
    """The question with one slip: in a telling word of four letters or more, or in its Chinese; unchanged when it has neither."""
    words = [(i, w) for i, w in enumerate(question.split(" ")) if _telling(w)]
    places = [i for i, character in enumerate(question) if text.is_han(character)]
    if places and dice.random() * (len(places) + sum(len(w) for _, w in words)) < len(places):
        return _slip_in_chinese(question, dice.choice(places), dice)
    if not words:
        return question
    parts = question.split(" ")
    place, word = dice.choice(words)
    parts[place] = _slip_in_word(word, dice)
    return " ".join(parts)


def _telling(word: str) -> bool:
    return len(word) >= _SHORTEST and word.isascii() and word.isalpha() and word.lower() not in text.STOP_WORDS


def _slip_in_word(word: str, dice: random.Random) -> str:
    kinds: list[Callable[[str, random.Random], str]] = [_swapped, _dropped, _doubled, _beside]
    for _ in range(20):
        made = dice.choice(kinds)(word, dice)
        if made != word:
            return made
    return word[:-1]


def _swapped(word: str, dice: random.Random) -> str:
    i = dice.randrange(len(word) - 1)
    return word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def _dropped(word: str, dice: random.Random) -> str:
    i = dice.randrange(len(word))
    return word[:i] + word[i + 1 :]


def _doubled(word: str, dice: random.Random) -> str:
    i = dice.randrange(len(word))
    extra = dice.choice(word[i] + NEIGHBOURS.get(word[i].lower(), word[i]))
    return word[: i + 1] + extra + word[i + 1 :]


def _beside(word: str, dice: random.Random) -> str:
    i = dice.randrange(len(word))
    return word[:i] + dice.choice(NEIGHBOURS.get(word[i].lower(), word[i])) + word[i + 1 :]


def _slip_in_chinese(question: str, place: int, dice: random.Random) -> str:
    """Half are characters of the same sound (how Chinese is typed), the others are left out, swapped or simply wrong."""
    kind = dice.random()
    character = question[place]
    same = [c for c in sounds.same_sound(character) if c != character]
    if kind < 0.5 and same:
        return question[:place] + dice.choice(same) + question[place + 1 :]
    if kind < 0.8:
        return question[:place] + question[place + 1 :]
    if kind < 0.9 and place + 1 < len(question):
        return question[:place] + question[place + 1] + character + question[place + 2 :]
    return question[:place] + dice.choice(sounds.COMMON) + question[place + 1 :]
