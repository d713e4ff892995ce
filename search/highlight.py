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
def _wanted(marks: tuple[str, ...], synonyms: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """Stems of words, pairs of Chinese characters that count wherever they stand, and longer Chinese words that count whole."""
    stems: set[str] = set()
    pairs: set[str] = set()
    for mark in (*marks, *synonyms):
        stems.update(filter(None, map(text.stem, text.surface_words(mark))))
    for mark in marks:
        for run in text.han_runs(mark):
            pairs.update({run} if len(run) == 1 else {run[i : i + 2] for i in range(len(run) - 1)})
    whole = {run for mark in synonyms for run in text.han_runs(mark)}
    return frozenset(stems), frozenset(pairs | {run for run in whole if len(run) <= 2}), tuple(run for run in whole if len(run) > 2)


@lru_cache(maxsize=20_000)
def _stem_of(token: str) -> str:
    return text.stem(text.plain(token))


def spans(passage: str, marks: list[str], synonyms: list[str] | None = None) -> list[tuple[int, int]]:
    """Start and end of every part of the passage that the question asked for."""
    stems, pairs, whole = _wanted(tuple(marks), tuple(synonyms or ()))
    if not stems and not pairs and not whole:
        return []
    found: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(passage):
        token, start = match.group(), match.start()
        if text.is_han(token):
            found += [(start + a, start + b) for a, b in _joined(_in_han(token, pairs, whole))]
        elif _stem_of(token) in stems:
            found.append((start, match.end()))
    return found


def _in_han(token: str, pairs: frozenset[str], whole: tuple[str, ...]) -> list[tuple[int, int]]:
    parts = [(i, i + 2) for i in range(len(token) - 1) if token[i : i + 2] in pairs]
    parts += [(i, i + 1) for i in range(len(token)) if token[i] in pairs]
    for word in whole:
        parts += [(at.start(), at.end()) for at in re.finditer(re.escape(word), token)]
    return parts


def _joined(parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same parts in order, those that touch or overlap made one."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def marked(passage: str, marks: list[str], synonyms: list[str] | None = None) -> SafeString:
    """The whole passage, escaped, with ``<mark>`` around what was asked for."""
    return _wrap(passage, spans(passage, marks, synonyms))


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


def snippet(body: str, marks: list[str], synonyms: list[str] | None = None, *, language: str, width: int = 0) -> SafeString:
    """The densest passage of about ``width`` characters, marked; the beginning when nothing in it was asked for."""
    width = width or _WIDTH.get(language, 160)
    flat = _SPACE.sub(" ", _PART.sub(" · ", _ENDED.sub(" ", body.strip())))
    found = spans(flat[:20_000], marks, synonyms)
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
