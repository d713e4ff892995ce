"""The number that stands in the key of every cached part of the knowledge base: raise it, and all of them are made anew."""

import time

from django.core.cache import cache

KEY = "kb:generation"
SECONDS = 15 * 60


def generation() -> int:
    """Return the present generation; a new one where the cache has none."""
    found: int | None = cache.get(KEY)
    if found is None:
        found = time.time_ns()
        cache.set(KEY, found, None)
    return found


def forget() -> None:
    """Make every cached article, list and announcement be built again (something public has changed)."""
    cache.set(KEY, time.time_ns(), None)
