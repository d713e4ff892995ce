"""Pages of the console: all my chats, one chat, its parts for the page that stays open, the supervisor's view."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chat.actions import presence
from chat.console import pages
from chat.permissions import supervises_chat, works_chat
from chat.queries import console
from chat.queries.crew import estimate_minutes
from tickets.views.base import desk_view, show

View = Callable[..., HttpResponse]


def chat_view(view: View) -> View:
    """Let the staff of live chat in: strangers sign in first, everybody else gets 403; a closed door is 404."""

    @desk_view
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not works_chat(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@chat_view
def home(request: HttpRequest) -> HttpResponse:
    """Show own chats, offers and the queue."""
    return show(request, "chat/console/home.html", pages.list_context(request))


@require_safe
@chat_view
def side(request: HttpRequest) -> HttpResponse:
    """The list alone, for the page that is open while something changes."""
    reference = request.GET.get("current", "")[:24]
    current = console.get_chat_for(request.user, reference) if reference else None
    return render(request, "chat/console/_list.html", pages.list_context(request, current=current))


@require_safe
@chat_view
def here(request: HttpRequest) -> HttpResponse:
    """A small frame for browsers without scripts: it loads itself again, which keeps the agent present, and says what is new."""
    presence.refresh_socket(f"frame-{request.user.pk}", user=request.user)
    context = {"offers": console.my_offers(request.user), "unread": sum(chat.unread for chat in console.my_chats(request.user))}
    return render(request, "chat/console/here.html", context)


@require_safe
@chat_view
def offers(request: HttpRequest) -> HttpResponse:
    """The offers that wait for an answer, for the other pages of the desk."""
    return render(request, "chat/console/_offers.html", {"offers": console.my_offers(request.user)})


@require_safe
@chat_view
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one chat."""
    return pages.show_chat(request, console.get_chat_for(request.user, reference))


@require_safe
@chat_view
def head(request: HttpRequest, reference: str) -> HttpResponse:
    """The chat's head and its forms alone: state, who has it, who else is here."""
    chat = console.get_chat_for(request.user, reference)
    return render(request, "chat/console/_head.html", pages.chat_context(request, chat))


@require_safe
@chat_view
def stream(request: HttpRequest, reference: str) -> HttpResponse:
    """What was said and noted, for a page whose socket is down."""
    chat = console.get_chat_for(request.user, reference)
    return render(request, "chat/console/_stream.html", {"chat": chat, "days": console.stream_of(chat)})


@require_safe
@chat_view
def card(request: HttpRequest, reference: str) -> HttpResponse:
    """The right side alone."""
    chat = console.get_chat_for(request.user, reference)
    return render(request, "chat/console/_card.html", pages.card_context(request, chat))


@require_safe
@chat_view
def overview(request: HttpRequest) -> HttpResponse:
    """Show a supervisor every chat, the queue with the reasons, and every agent with their load."""
    if not supervises_chat(request.user):
        raise PermissionDenied
    queue = console.the_queue()
    decisions = console.latest_decisions(queue)
    context = {
        "queue": [{"chat": chat, "decision": decisions.get(chat.pk), "place": place} for place, chat in enumerate(queue, 1)],
        "chats": console.all_open(),
        "crew": console.the_crew(),
        "minutes": estimate_minutes(),
    }
    return show(request, "chat/console/overview.html", context)
