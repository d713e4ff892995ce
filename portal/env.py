"""Reads the environment: every variable in one place, wrong values refused at once with their name."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """Return the variable's value, or `default` where it is unset."""
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool = False) -> bool:
    """Return a yes/no variable. Raises ImproperlyConfigured for any other word."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    value = raw.strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r}: expected one of 1/0, true/false, yes/no, on/off.")


def number(name: str, default: int, *, at_least: int | None = None) -> int:
    """Return a whole-number variable. Raises ImproperlyConfigured when it is not one or is too small."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r}: expected a whole number.") from error
    if at_least is not None and value < at_least:
        raise ImproperlyConfigured(f"{name}={value}: expected {at_least} or more.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list without empty entries."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    """Return a directory variable as an absolute path (not created here)."""
    raw = os.environ.get(name, "").strip()
    return Path(raw).expanduser().resolve() if raw else default


def database(name: str, *, sqlite_path: Path) -> dict:
    """Return Django's database settings for a `postgres://` URL, or for SQLite at `sqlite_path` where the variable is unset.

    SQLite runs in WAL mode with immediate transactions and a busy time-out, so that web, worker and clock can write side by side.
    PostgreSQL gets a connection pool that looks at a connection before it lends it: a restart of the server costs nobody an error page.
    Raises ImproperlyConfigured for any other scheme.
    """
    url = text(name)
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(sqlite_path),
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-16000;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name}: only postgres:// addresses are understood; leave it empty for SQLite.")
    options: dict = dict(parse_qsl(parts.query))
    options["pool"] = {"min_size": 1, "max_size": number("DATABASE_POOL_SIZE", 12, at_least=2), "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
