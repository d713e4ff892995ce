"""Who knocks at the real server: the cookies of a visitor's browser and of somebody who is signed in."""

import http.client
from typing import Any

from django.core import signing
from django.test import Client

from benchmarks.servers import Redis, Web
from core.visitors import COOKIE
from tests.factories.chat import VISITOR

__all__ = ["Redis", "Web", "post", "session_cookie", "visit", "visitor_cookie"]


def visitor_cookie(key: str = VISITOR) -> dict[str, str]:
    """Return the headers of a browser with this visitor key."""
    return {"Cookie": f"{COOKIE}={signing.Signer(salt='hearth.visitor').sign(key)}"}


def session_cookie(user: Any) -> dict[str, str]:
    """Return the headers of a browser in which somebody is signed in."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return {"Cookie": f"hearth_session={client.cookies['hearth_session'].value}"}


def visit(web: Web, path: str, headers: dict[str, str]) -> str:
    """Open a page of the real server and return the cookie of its form token."""
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
    line.request("GET", path, headers={**headers, "Host": web.origin.partition("//")[2]})
    answer = line.getresponse()
    answer.read()
    line.close()
    kept = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie" and "csrf" in value.lower()]
    return kept[0] if kept else ""


def post(web: Web, path: str, headers: dict[str, str]) -> int:
    """Press a button of the real server as the browser with these cookies does; returns the status."""
    token = visit(web, "/zh-hans/help/", {})
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
    cookies = {"Cookie": f"{headers['Cookie']}; {token}", "Host": web.origin.partition("//")[2], "Origin": web.origin}
    line.request("POST", path, body="", headers={**headers, **cookies, "X-CSRFToken": token.partition("=")[2]})
    status = line.getresponse().status
    line.close()
    return status
