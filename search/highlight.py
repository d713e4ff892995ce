"""The passage of a document that answers a question, as safe HTML with marks."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe

from search import text

_WIDTH = {"zh-hans": 90, "en": 180}
_TOKEN = re.compile(rf"[{text.HAN}]+|[^\W_{text.HAN}]+(?:['’][^\W_{text.HAN}]+)*")
_SPACE = re.compile(r"\s+")
_ENDED = re.compile(r"(?<=[。！？；：.!?;:，,])\s*\n\s*")
_PART = re.compile(r"\s*\n\s*")


@lru_cache(maxsize=512)
def _wanted(marks: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    stems: set[str] = set()
    pairs: set[str] = set()
    for mark in marks:
        for word in text.surface_words(mark):
            stem = text.stem(word)
            if stem:
                stems.add(stem)
        for run in text.han_runs(mark):
            pairs.update({run} if len(run) == 1 else {run[i : i + 2] for i in range(len(run) - 1)})
    return frozenset(stems), frozenset(pairs)


@lru_cache(maxsize=20_000)
def _stem_of(token: str) -> str:
    return text.stem(text.plain(token))


def spans(passage: str, marks: list[str]) -> list[tuple[int, int]]:
    """Start and end of every part of the passage that the question asked for."""
    stems, pairs = _wanted(tuple(marks))
    if not stems and not pairs:
        return []
    found: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(passage):
        token, start = match.group(), match.start()
        if text.is_han(token):
            for i in range(len(token)):
                end = start + i + 2
                if token[i : i + 2] in pairs and i + 1 < len(token):
                    if found and found[-1][1] >= start + i:
                        found[-1] = (found[-1][0], end)
                    else:
                        found.append((start + i, end))
                elif token[i] in pairs:
                    found.append((start + i, start + i + 1))
        else:
            if _stem_of(token) in stems:
                found.append((start, match.end()))
    return found


def marked(passage: str, marks: list[str]) -> SafeString:
    """The whole passage, escaped, with ``<mark>`` around what was asked for."""
    return _wrap(passage, spans(passage, marks))


def _wrap(passage: str, found: list[tuple[int, int]]) -> SafeString:
    out: list[str] = []
    position = 0
    for start, end in found:
        if start < position:
            continue
        out.append(escape(passage[position:start]))
        out.append(f"<mark>{escape(passage[start:end])}</mark>")
        position = end
    out.append(escape(passage[position:]))
    return mark_safe("".join(out))  # every part is escaped above


def snippet(body: str, marks: list[str], *, language: str, width: int = 0) -> SafeString:
    """The densest passage of about ``width`` characters, marked; the beginning when nothing in it was asked for."""
    width = width or _WIDTH.get(language, 160)
    flat = _SPACE.sub(" ", _PART.sub(" · ", _ENDED.sub(" ", body.strip())))
    found = spans(flat[:20_000], marks)
    if not found or len(flat) <= width:
        head = flat if len(flat) <= width else flat[:width].rstrip() + "…"
        return _wrap(head, [(s, e) for s, e in found if e <= width])
    best, best_start = -1, 0
    for start, _ in found[:200]:
        inside = sum(e - s for s, e in found if s >= start and e <= start + width)
        if inside > best:
            best, best_start = inside, start
    start = _sentence_start(flat, best_start)
    end = min(len(flat), start + width)
    passage = flat[start:end]
    before, after = ("…" if start else ""), ("…" if end < len(flat) else "")
    html = _wrap(passage, [(s - start, e - start) for s, e in found if s >= start and e <= end])
    return mark_safe(f"{before}{html}{after}")  # built from escaped parts


def _sentence_start(flat: str, position: int) -> int:
    for back in range(position, max(-1, position - 40), -1):
        if back == 0 or flat[back - 1] in "。！？；.!?;·":
            return back + (1 if back < len(flat) and flat[back] == " " else 0)
    if text.is_han(flat[position : position + 1]):
        return max(0, position - 10)
    space = flat.rfind(" ", 0, max(0, position - 10))
    return space + 1 if space >= 0 and position - space < 40 else position
