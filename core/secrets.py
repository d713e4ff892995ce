"""Random secrets: keys of an installation and the per-case secrets of guest links."""

import os
import secrets
from pathlib import Path

from django.utils.crypto import constant_time_compare


def persistent_secret(path: Path) -> str:
    """Return the secret kept in `path`, making it on the first call (owner-readable only)."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    value = secrets.token_urlsafe(50)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as handle:
        handle.write(value)
    return value


def new_secret() -> str:
    """Return a 128-bit URL-safe secret for one case."""
    return secrets.token_urlsafe(16)


def same_secret(left: str, right: str) -> bool:
    """Compare two secrets in constant time; empty secrets never match."""
    return bool(left) and bool(right) and constant_time_compare(left, right)
