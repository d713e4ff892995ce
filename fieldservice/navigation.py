"""The entry of repairs in the desk's navigation."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from fieldservice.permissions import works_on_repairs
from fieldservice.queries import to_look_at


def entry(request: HttpRequest) -> dict[str, Any] | None:
    """Return the entry with the number of repairs to look at; None for whoever does not work on repairs."""
    if not works_on_repairs(request.user):
        return None
    match = request.resolver_match
    current = bool(match and match.namespace == "repairs")
    return {"label": _("Repairs"), "url": reverse("repairs:list"), "current": current, "count": to_look_at(request.user)}
