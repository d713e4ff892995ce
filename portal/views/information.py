"""Pages about the portal itself: privacy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import PrivacySettings
from portal.views.parts import crumbs_context


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show the maker's privacy text, or what the portal does by itself where none was written."""
    return render(request, "portal/privacy.html", {"kept": PrivacySettings.load(), **crumbs_context(request, (_("Privacy"), ""))})
