"""Keys of what can be searched, read and voted on; the same key names a search document, a vote and a line of the ledger. Pure."""

import re
import unicodedata
from typing import Any

TYPED_CODE = re.compile(r"(?<![A-Z0-9/-])([A-Z]{1,2})[ -]?0{0,2}([1-9]\d?)(?![A-Z0-9/-])")
KEY = re.compile(r"[a-z_]{2,20}:[A-Za-z0-9:._-]{1,98}")


def guide_key(page: Any) -> str:
    """Return the key of a guide in all its languages."""
    return f"guide:{page.translation_key}"


def code_key(code: Any) -> str:
    """Return the key of an error-code card, e.g. `code:washing-machines:E2`."""
    return f"code:{code.family.slug}:{code.code_normal}"


def is_key(text: str) -> bool:
    """Tell whether `text` has the form of a key."""
    return KEY.fullmatch(text) is not None


def typed_code(words: str) -> str:
    """Return the first thing in somebody's words that looks like an error code, as displays show it: `报 e-02` gives `E2`; else empty."""
    found = TYPED_CODE.search(unicodedata.normalize("NFKC", words).upper())
    return "".join(found.groups()) if found else ""
