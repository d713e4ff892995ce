"""Announcements at the desk: what colleagues have to know, read receipts, and the withdrawn and archived ones."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kb.announcing import acknowledge
from kb.models import Announcement, AnnouncementRead
from kb.queries import get_announcement_for, in_force
from tickets.permissions import supervises, works_desk
from tickets.views.base import desk_view, show

PAGE_SIZE = 30
VIEWS = ("current", "scheduled", "withdrawn", "archived")
INTERNAL = (Announcement.Audience.STAFF, Announcement.Audience.OUTLETS)


def _now() -> QuerySet[Announcement]:
    now = timezone.now()
    return in_force(audience="staff").filter(Q(starts_at__isnull=True) | Q(starts_at__lte=now))


def _unread(user: Any) -> QuerySet[Announcement]:
    """Return what the person has to read and has not: internal ones, recalls and incidents."""
    must = Q(audience__in=INTERNAL) | Q(severity__in=Announcement.STAYS)
    return _now().filter(must).exclude(reads__user=user)


def _rows(view: str, words: str) -> QuerySet[Announcement]:
    now = timezone.now()
    every = Announcement.objects.all()
    rows = {
        "current": _now(),
        "scheduled": every.filter(withdrawn_at__isnull=True, archived_at__isnull=True).filter(
            Q(live=True, starts_at__gt=now) | Q(live=False, go_live_at__gt=now)
        ),
        "withdrawn": every.filter(withdrawn_at__isnull=False),
        "archived": every.filter(withdrawn_at__isnull=True).filter(Q(archived_at__isnull=False) | Q(ends_at__lte=now, expired=True)),
    }[view]
    if words:
        found = Q()
        for name in ("title_zh_hans", "title_en", "body_zh_hans", "body_en", "reference", "department", "department_en", "person"):
            found |= Q(**{f"{name}__icontains": words})
        rows = rows.filter(found)
    return rows


@desk_view
@require_safe
def announcements(request: HttpRequest) -> HttpResponse:
    """Show the announcements of a state, searchable; what is still to be read is marked."""
    view = request.GET.get("view", "current")
    view = view if view in VIEWS else "current"
    words = " ".join(request.GET.get("q", "")[:80].split())
    mine = AnnouncementRead.objects.filter(announcement=OuterRef("pk"), user=request.user)
    rows = _rows(view, words).annotate(is_read=Exists(mine)).order_by("-starts_at", "-created_at")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    tabs = [("current", _("Current")), ("scheduled", _("Scheduled")), ("withdrawn", _("Withdrawn")), ("archived", _("Archived"))]
    return show(request, "portal/desk/announcements.html", {"page_obj": page, "view": view, "tabs": tabs, "words": words})


def _get(request: HttpRequest, reference: str) -> Announcement:
    row = get_announcement_for(request.user, reference)
    if row is None:
        raise Http404
    return row


@desk_view
@require_safe
def announcement(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one announcement with department, person and who has read it."""
    row = _get(request, reference)
    reads = row.reads.select_related("user").order_by("at") if supervises(request.user) else []
    context = {
        "announcement": row,
        "is_read": row.reads.filter(user=request.user).exists(),
        "can_read": row.state == Announcement.State.CURRENT,
        "reads": list(reads),
        "count": row.reads.aggregate(count=Count("pk"))["count"],
        "families": list(row.families.all()),
        "models": list(row.product_models.select_related("family")),
        "withdrawn": _why(row),
    }
    return show(request, "portal/desk/announcement.html", context)


def _why(row: Announcement) -> str:
    from core.history import history_of

    step = history_of(row).filter(verb="withdrawn").last()
    return str(step.data.get("reason", "")) if step else ""


@desk_view
@require_POST
def read(request: HttpRequest, reference: str) -> HttpResponse:
    """Note that the person has read it."""
    row = _get(request, reference)
    acknowledge(row, by=request.user)
    messages.success(request, _("Noted: you have read it."))
    return redirect("desk_announcements:list")


def desk_entry(request: HttpRequest) -> dict[str, Any] | None:
    """The entry in the desk's navigation, with how many are still to be read."""
    if not works_desk(request.user):
        return None
    match = request.resolver_match
    return {
        "label": _("Announcements"),
        "url": reverse("desk_announcements:list"),
        "current": bool(match and match.app_name == "desk_announcements"),
        "count": _unread(request.user).count(),
    }
