"""What every page of the desk shares: the door for staff, the navigation, refusals as words on the page."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from core import files
from core.errors import DomainError, NotFound
from core.models import Attachment
from tickets.navigation import extra_entries
from tickets.permissions import works_desk
from tickets.queries import queue_for, unseen_count

View = Callable[..., HttpResponse]


def desk_view(view: View) -> View:
    """Let staff of the desk in: strangers are sent to the sign-in, everybody else gets 403; a closed door is 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not works_desk(request.user):
            raise PermissionDenied
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error

    return never_cache(guarded)


def desk_nav(request: HttpRequest, *, unseen: int = 0) -> list[dict[str, Any]]:
    """Return the entries of the desk's navigation."""
    match = request.resolver_match
    name = match.url_name if match and match.app_name == "tickets" else ""
    entries = [
        {"label": _("Overview"), "url": reverse("tickets:desk"), "current": name == "desk", "count": unseen},
        {
            "label": _("Escalation queue"),
            "url": reverse("tickets:queue"),
            "current": name == "queue",
            "count": queue_for(request.user).count(),
        },
        {"label": _("Tickets"), "url": reverse("tickets:list"), "current": name == "list"},
        {"label": _("Log a call"), "url": reverse("tickets:new"), "current": name == "new"},
    ]
    entries += extra_entries(request)
    if request.user.has_perm("wagtailadmin.access_admin"):
        entries.append({"label": _("Knowledge base"), "url": reverse("wagtailadmin_home"), "current": False})
    return entries


def show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Draw a page of the desk."""
    unseen = unseen_count(request.user)
    shared = {"desk_nav": desk_nav(request, unseen=unseen), "unseen": unseen}
    return render(request, template, {**shared, **context}, status=status)


def new_key() -> str:
    """Return a fresh key for a form, so that a double submit is one step."""
    return secrets.token_urlsafe(18)


def take_files(request: HttpRequest) -> tuple[list[Attachment], list[str]]:
    """Return the agent's files that came with the form, and the refusals of those that were not taken."""
    kept = files.own_drafts(request.POST.getlist("attachments"), by=request.user)
    refused: list[str] = []
    for sent in request.FILES.getlist("files")[: files.MAX_FILES]:
        try:
            kept.append(files.accept_upload(sent, by=request.user))
        except DomainError as error:
            refused.append(str(error.message))
    return kept[: files.MAX_FILES], refused
