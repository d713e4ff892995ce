"""My service: the member's home and requests; guests are shown the ways in."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from diagnosis.queries import open_runs
from portal import member_menu, member_news
from portal.views.parts import unlisted
from tickets import states
from tickets.models import Ticket
from tickets.queries import tickets_of

PAGE_SIZE = 20
LATEST = 3


def greeting(hour: int) -> str:
    """Return the greeting of the time of day (0 to 23)."""
    if 5 <= hour < 12:
        return _("Good morning")
    return _("Good afternoon") if 12 <= hour < 18 else _("Good evening")


def _row(ticket: Ticket) -> dict[str, object]:
    return {"ticket": ticket, "word": states.CUSTOMER_WORDS[ticket.status][0], "tone": states.TONES[ticket.status]}


@require_safe
@unlisted
def my(request: HttpRequest) -> HttpResponse:
    """Show the member's home: what waits for them, the doors, the latest requests; a guest gets sign-in and the look-up by number."""
    if not request.user.is_authenticated:
        return render(request, "portal/my_guest.html")
    context = {
        "doors": [door for door in member_menu.entries("") if door["note"]],
        "counts": member_news.counts(request.user),
        "waiting": member_news.waiting_for_you(request.user),
        "going_on": open_runs(user=request.user),
        "tickets": [_row(ticket) for ticket in tickets_of(request.user)[:LATEST]],
        "greeting": greeting(timezone.localtime().hour),
    }
    return render(request, "portal/my.html", context)


@login_required
@require_safe
@unlisted
def my_tickets(request: HttpRequest) -> HttpResponse:
    """Show the member's requests, newest first."""
    page = Paginator(tickets_of(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "portal/my_tickets.html", {"page_obj": page, "tickets": [_row(ticket) for ticket in page.object_list]})
