"""Public references: short, spoken on the phone, never a primary key and never enough to open anything."""

import secrets
import unicodedata
from collections.abc import Callable

from django.utils import timezone

TRIES = 20


def new_reference(prefix: str, *, exists: Callable[[str], bool]) -> str:
    """Return an unused reference such as `T-2611-20934`: prefix, year and month, five random digits.

    `exists` tells whether a candidate is taken. Raises RuntimeError when no free one was found (a month is full).
    """
    month = timezone.localtime().strftime("%y%m")
    for attempt in range(TRIES):
        digits = 5 if attempt < TRIES // 2 else 7
        candidate = f"{prefix}-{month}-{secrets.randbelow(10**digits):0{digits}d}"
        if not exists(candidate):
            return candidate
    raise RuntimeError(f"no free reference for {prefix}-{month}")


def normal_reference(typed: str) -> str:
    """Return a typed reference in its stored form: half-width, upper case, one dash between the parts."""
    text = unicodedata.normalize("NFKC", typed or "").upper()
    for dash in "‐‑‒–—―−":
        text = text.replace(dash, "-")
    compact = "".join(ch for ch in text if ch.isalnum())
    if len(compact) >= 6 and compact[0].isalpha() and compact[1:].isdigit():
        return f"{compact[0]}-{compact[1:5]}-{compact[5:]}"
    return "".join(text.split())[:40]
