"""Notices of the desk: the part that the page fetches after a push or every half minute, and marking as seen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from tickets.actions import mark_seen
from tickets.queries import notices_for, unseen_count
from tickets.views.base import desk_view


@require_safe
@desk_view
def notices(request: HttpRequest) -> HttpResponse:
    """The newest three unseen notices; with `since` only those written after the page was drawn."""
    return notices_answer(request)


@require_POST
@desk_view
def seen(request: HttpRequest) -> HttpResponse:
    """Mark one notice, or all, as seen."""
    given = request.POST.get("notice", "")
    mark_seen(user=request.user, ids=[int(given)] if given.isdecimal() and len(given) < 18 else None)
    if request.headers.get("HX-Request"):
        return HttpResponse("")
    return redirect("tickets:desk")


def notices_answer(request: HttpRequest) -> HttpResponse:
    """Draw the part."""
    try:
        since = parse_datetime(request.GET.get("since", "")[:40])
    except ValueError:
        since = None
    aware = since if since is not None and since.tzinfo else None
    context = {"notices": notices_for(request.user, limit=3, since=aware), "unseen": unseen_count(request.user)}
    return render(request, "tickets/_notices.html", context)
