"""Addresses of pages: ASCII only, made from Chinese titles by pinyin, never one that a route of the portal already answers."""

import re
from functools import lru_cache

from django.conf import settings
from django.urls import get_resolver
from django.utils.text import slugify
from pypinyin import lazy_pinyin

ASCII_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_LENGTH = 60


def is_ascii_slug(slug: str) -> bool:
    """Tell whether `slug` is made of small letters, digits and single dashes."""
    return ASCII_SLUG.fullmatch(slug) is not None


def slug_from(title: str) -> str:
    """Return an ASCII slug of a title in either language: 洗衣机不排水 → `xi-yi-ji-bu-pai-shui`; empty for a title of signs only."""
    words = slugify(" ".join(lazy_pinyin(title or "")))
    if len(words) <= MAX_LENGTH:
        return words
    return words[:MAX_LENGTH].rsplit("-", 1)[0]


@lru_cache(maxsize=1)
def reserved_slugs() -> frozenset[str]:
    """Return the first parts of all addresses below a language prefix that views answer (`search`, `help`, …)."""
    found = {code for code, _name in settings.LANGUAGES}
    for entry in get_resolver().url_patterns:
        children = getattr(entry, "url_patterns", [])
        is_language_prefix = entry.pattern.__class__.__name__ == "LocalePrefixPattern"
        for pattern in children if is_language_prefix else [entry]:
            found |= _first_parts(pattern)
    return frozenset(found)


def _first_parts(entry: object) -> set[str]:
    route = str(getattr(entry, "pattern", ""))
    first = route.lstrip("^").split("/", 1)[0]
    if first and re.fullmatch(r"[a-z0-9-]+", first):
        return {first}
    if not route:
        return {part for child in getattr(entry, "url_patterns", []) for part in _first_parts(child)}
    return set()
