"""Opening the page of a case, whatever its kind: by the link of our message, or by account."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.errors import DomainError
from core.guard import limit
from portal import doors

LINK_RATE = "60/10m"
Find = Callable[[HttpRequest, str], Any]
Show = Callable[..., HttpResponse]
Closed = Callable[[HttpRequest], HttpResponse]


def by_link(request: HttpRequest, reference: str, *, find: Find, show: Show, closed: Closed) -> HttpResponse:
    """Show a case to its customer; a link with its secret lets this browser in and leaves the address clean.

    Args:
        find: the door of this kind of case.
        show: draws its page.
        closed: the answer for a wrong, a foreign and a missing number alike.
    """
    secret = request.GET.get("key", "")
    if secret:
        try:
            limit(request, "case-link", LINK_RATE)
        except DomainError:
            return closed(request)
        case = doors.let_in_by_link(request, reference, secret)
        return redirect(doors.page_of(case)) if case else closed(request)
    case = find(request, reference)
    return show(request, case) if case else closed(request)


def by_account(request: HttpRequest, reference: str, *, find: Find, show: Show, closed: Closed) -> HttpResponse:
    """Show a case below My service to whoever may see it by account; strangers are asked to sign in."""
    if not request.user.is_authenticated:
        return redirect(f"{reverse('account_login')}?next={request.path}")
    case = find(request, reference)
    return show(request, case) if case else closed(request)
