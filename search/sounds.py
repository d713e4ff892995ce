"""Chinese characters that sound alike: what an input method offers beside the one that was meant. Pure."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from pypinyin import Style, pinyin


def _common() -> str:
    """The 3,755 characters of the first level of GB 2312: those that people type."""
    rows = ((high, low) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF if high < 0xD7 else 0xFA))
    return "".join(bytes(pair).decode("gb2312") for pair in rows)


COMMON = _common()


@lru_cache(maxsize=8192)
def readings(character: str) -> tuple[str, ...]:
    """Syllables without tones of one character, the usual one first; empty for what is not Chinese."""
    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(found[0]) if found else ()


@lru_cache(maxsize=1)
def _by_sound() -> dict[str, str]:
    found: dict[str, list[str]] = defaultdict(list)
    for character in COMMON:
        for reading in readings(character)[:1]:
            found[reading].append(character)
    return {reading: "".join(characters) for reading, characters in found.items()}


@lru_cache(maxsize=8192)
def same_sound(character: str) -> str:
    """Common characters with the usual sound of this one, itself among them."""
    usual = readings(character)[:1]
    return "".join(_by_sound().get(reading, "") for reading in usual)
