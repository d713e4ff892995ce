"""Typed text made plain: one Unicode form, no control or invisible direction characters. Pure."""

import re
import unicodedata

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

#: Addresses in what somebody wrote; the same in chat/static/chat/drawing.js.
LINK = re.compile(r"""(https?://[^\s<>"'，。；：！？（）《》【】、“”‘’]*[^\s<>"'，。；：！？（）《》【】、“”‘’.,;:!?)\]])""")
_JOINER = "\u200d"  # belongs to some emoji


def plain_text(value: str | None, *, lines: bool = True) -> str:
    """Return typed text in NFC without control and invisible direction characters; line breaks only where `lines`."""
    text = unicodedata.normalize("NFC", value or "").replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        text = text.replace("\n", " ")
    kept = "".join(ch for ch in text if ch in "\n\t" or ch == _JOINER or unicodedata.category(ch) not in {"Cc", "Cf", "Cs"})
    return kept.strip() if lines else " ".join(kept.split())


def without_word(title: str, word: str) -> str:
    """Return a title without the word of its kind at the beginning (`Recall: …`), where that word stands beside it already."""
    head, colon, rest = title.replace("：", ":", 1).partition(":")
    return rest.strip() if colon and word and head.strip().lower() == word.lower() else title


def linked(text: str) -> SafeString:
    """Return typed text as HTML with its addresses as links; Chinese punctuation right behind an address is not part of it."""
    link = '<a href="{}" rel="nofollow noopener noreferrer" target="_blank">{}</a>'
    pieces = LINK.split(text)
    return format_html_join("", "{}", ((format_html(link, piece, piece) if index % 2 else piece,) for index, piece in enumerate(pieces)))


def sentences(*parts: str) -> str:
    """Return sentences as one text: a space between them where the writing has spaces, a full stop where one is missing."""
    text = ""
    for part in (str(given).strip() for given in parts):
        if text and part:
            chinese = text[-1] > "\u2e7f" or part[0] > "\u2e7f"
            text += ("" if text[-1] in "。！？；…" else "。") if chinese and text[-1] not in ".!?" else " " if text[-1] in ".!?" else ". "
        text += part
    return text
