"""Typed text made plain: one Unicode form, no control or invisible direction characters. Pure."""

import unicodedata

_JOINER = "\u200d"  # belongs to some emoji


def plain_text(value: str, *, lines: bool = True) -> str:
    """Return typed text in NFC without control and invisible direction characters; line breaks only where `lines`."""
    text = unicodedata.normalize("NFC", value or "").replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        text = text.replace("\n", " ")
    kept = "".join(ch for ch in text if ch in "\n\t" or ch == _JOINER or unicodedata.category(ch) not in {"Cc", "Cf", "Cs"})
    return kept.strip() if lines else " ".join(kept.split())
