"""Gives every request an id that its log lines and its answer carry, and counts what was answered."""

import logging
import time
import uuid
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

from core.logs import request_id
from core.metering import REQUESTS, area_of

access = logging.getLogger("hearth.access")


class RequestIdMiddleware:
    """Takes a well-formed `X-Request-ID` from the proxy, or makes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        value = given if given.isascii() and given.replace("-", "").isalnum() and len(given) <= 64 else uuid.uuid4().hex[:16]
        token = request_id.set(value)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response.headers["X-Request-ID"] = value
        return response


SECRETS = frozenset({"token", "key", "secret", "uidb36"})
"""Names of the parts of an address that open something by themselves; they are never written down."""


def shown_path(request: HttpRequest) -> str:
    """Return the path as it may stand in a log: without its query and without what opens something."""
    path = request.path_info
    for name, value in (request.resolver_match.kwargs if request.resolver_match else {}).items():
        if name in SECRETS and value:
            path = path.replace(str(value), "…")
    return path


class MeterMiddleware:
    """Writes one line of log an answer, and counts answers and their durations for `/metrics`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        if area := area_of(request.path_info):
            seconds = time.perf_counter() - began
            REQUESTS.note(area, status=response.status_code, seconds=seconds)
            if access.isEnabledFor(logging.INFO):
                fields = {
                    "method": request.method,
                    "path": shown_path(request),
                    "status": response.status_code,
                    "ms": round(seconds * 1000),
                }
                access.info("%(method)s %(path)s %(status)s %(ms)s ms", fields, extra={"fields": fields})
        return response


class PlainAddressMiddleware:
    """Answers “not found” to addresses and queries with NUL characters, which no page has and PostgreSQL cannot compare."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.META["QUERY_STRING"] = request.META["QUERY_STRING"].replace("%00", "")
        return self.get_response(request)
