"""Announcements in force: the list and one announcement."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kb import queries
from portal.views.parts import crumbs_context, not_found

PAGE_SIZE = 20


@require_safe
def announcements(request: HttpRequest) -> HttpResponse:
    """Show the announcements in force, newest first."""
    page = Paginator(queries.current_announcements(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page, **crumbs_context(request, (_("Announcements"), ""))}
    return render(request, "portal/announcements.html", context)


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
