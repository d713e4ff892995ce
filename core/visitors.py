"""A visitor's key: a random value in a signed first-party cookie, so that a guest's drafts, votes and attempts belong together."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "hearth_visitor"
COOKIE_AGE = 60 * 60 * 24 * 365


def known_visitor_key(request: HttpRequest) -> str:
    """Return the key the visitor came with, or an empty string; a forged cookie counts as none."""
    key = getattr(request, "_visitor_key", None)
    if key is None:
        try:
            key = signing.Signer(salt="hearth.visitor").unsign(request.COOKIES.get(COOKIE, ""))
        except signing.BadSignature:
            key = ""
        request._visitor_key = key  # type: ignore[attr-defined]
    return key


def visitor_key(request: HttpRequest) -> str:
    """Return the visitor's key, making one on first need; VisitorMiddleware sets the cookie on the answer."""
    key = known_visitor_key(request)
    if not key:
        key = secrets.token_urlsafe(18)
        request._visitor_key = key  # type: ignore[attr-defined]
        request._visitor_is_new = True  # type: ignore[attr-defined]
    return key


class VisitorMiddleware:
    """Sets the cookie when a key was made during the request; pages that need none set none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "_visitor_is_new", False):
            response.set_cookie(
                COOKIE,
                signing.Signer(salt="hearth.visitor").sign(visitor_key(request)),
                max_age=COOKIE_AGE,
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return response
