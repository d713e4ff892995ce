"""Gives every request an id that its log lines and its answer carry."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.logs import request_id


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
