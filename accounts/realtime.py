"""Sockets of people who are signed in: told at once when a session ends, an account is shut or a right is taken."""

from typing import Any

from core.realtime import send

SIGNED_OUT, FORBIDDEN = 4401, 4403  # what such a socket is closed with
CHECK_EVERY = 15.0  # seconds after which a socket asks again before it says something, however the right was taken


def access_group(user_id: int) -> str:
    """Return the name of the group of a person's open sockets."""
    return f"access-{user_id}"


def access_changed(user_id: int, **ids: Any) -> None:
    """Tell a person's open sockets to ask whether they may stay (push handler)."""
    send(access_group(user_id), "access.changed")
