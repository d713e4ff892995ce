"""Announcements in force: the list and one announcement."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kb import queries
from kb.regions import EVERYWHERE, REGION_COOKIE, in_region, provinces_named, region_of
from portal.queries import audience_of
from portal.views.parts import YEAR, crumbs_context, language, not_found

PAGE_SIZE = 20
PROVINCE = len("CN-44")


@require_http_methods(["GET", "HEAD", "POST"])
def announcements(request: HttpRequest) -> HttpResponse:
    """Show the announcements in force that may be for the visitor's region, newest first; on POST remember the region they choose."""
    if request.method == "POST":
        return _choose_region(request)
    current = queries.current_announcements(audience=audience_of(request))
    regional = any(row.region for row in current)
    context = {
        "page_obj": Paginator(in_region(current, request), PAGE_SIZE).get_page(request.GET.get("page")),
        "regional": regional,
        "provinces": provinces_named(language()) if regional else [],
        "region": region_of(request)[:PROVINCE] if regional else "",
        **crumbs_context(request, (_("Announcements"), "")),
    }
    return render(request, "portal/announcements.html", context)


def _choose_region(request: HttpRequest) -> HttpResponse:
    response = redirect("portal:announcements")
    place = request.POST.get("region", "")
    kept = place if place in dict(provinces_named(language())) else EVERYWHERE
    response.set_cookie(REGION_COOKIE, kept, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE)
    return response


@require_safe
def announcement(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one announcement while it is in force; a withdrawn one looks like one that never was."""
    row = queries.get_announcement_for(request.user, reference)
    if row is None:
        return not_found(
            request,
            title=_("This announcement is no longer in force"),
            text=_("The announcements in force are in the list. For a question about your machine, ask us."),
        )
    context = {
        "announcement": row,
        "families": list(row.families.all()),
        "models": list(row.product_models.select_related("family")),
        **crumbs_context(request, (_("Announcements"), reverse("portal:announcements")), (row.title, "")),
    }
    return render(request, "portal/announcement.html", context)
