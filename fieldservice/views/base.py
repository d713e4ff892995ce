"""What every repair page of the desk shares: the door for who works on repairs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from fieldservice.permissions import works_on_repairs
from tickets.views.base import desk_view

View = Callable[..., HttpResponse]


def repair_view(view: View) -> View:
    """Let staff in who work on repairs: strangers are sent to the sign-in, everybody else gets 403; a closed door is 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not works_on_repairs(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return desk_view(guarded)
