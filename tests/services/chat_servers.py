"""Who knocks at the real server: the cookies of a visitor's browser and of somebody who is signed in."""

from typing import Any

from django.core import signing
from django.test import Client

from benchmarks.servers import Redis, Web
from core.visitors import COOKIE
from tests.factories.chat import VISITOR

__all__ = ["Redis", "Web", "session_cookie", "visitor_cookie"]


def visitor_cookie(key: str = VISITOR) -> dict[str, str]:
    """Return the headers of a browser with this visitor key."""
    return {"Cookie": f"{COOKIE}={signing.Signer(salt='hearth.visitor').sign(key)}"}


def session_cookie(user: Any) -> dict[str, str]:
    """Return the headers of a browser in which somebody is signed in."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return {"Cookie": f"hearth_session={client.cookies['hearth_session'].value}"}
