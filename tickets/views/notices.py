"""Notices of the desk: the part that the page fetches after a push or every half minute, and marking as seen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tickets.actions import mark_seen
from tickets.queries import notices_for, unseen_count
from tickets.views.base import desk_view


@require_safe
@desk_view
def notices(request: HttpRequest) -> HttpResponse:
    """The newest three unseen notices."""
    return notices_answer(request)


@require_POST
@desk_view
def seen(request: HttpRequest) -> HttpResponse:
    """Mark one notice, or all, as seen."""
    given = request.POST.get("notice", "")
    mark_seen(user=request.user, ids=[int(given)] if given.isdecimal() and len(given) < 18 else None)
    if request.headers.get("HX-Request"):
        return notices_answer(request)
    return redirect("tickets:desk")


def notices_answer(request: HttpRequest) -> HttpResponse:
    """Draw the part."""
    context = {"notices": notices_for(request.user, limit=3), "unseen": unseen_count(request.user)}
    return render(request, "tickets/_notices.html", context)
