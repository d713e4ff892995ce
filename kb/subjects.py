"""Keys of what can be searched, read and voted on; the same key names a search document, a vote and a line of the ledger. Pure."""

import re
from typing import Any

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
