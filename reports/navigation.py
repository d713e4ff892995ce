"""The entry of the reports in the desk's navigation."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import pgettext

from reports.permissions import reads_reports


def entry(request: HttpRequest) -> dict[str, Any] | None:
    """Return the entry; None for whoever does not read reports."""
    if not reads_reports(request.user):
        return None
    match = request.resolver_match
    return {
        "label": pgettext("desk", "Reports"),
        "url": reverse("reports:self_service"),
        "current": bool(match and match.namespace == "reports"),
    }
