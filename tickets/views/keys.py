"""Single-key shortcuts: on or off for the person, whatever browser they use."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.actions.choices import save_single_keys
from tickets.views.base import desk_view


@require_POST
@desk_view
def keys(request: HttpRequest) -> HttpResponse:
    """Keep what the switch says."""
    user: Any = request.user
    save_single_keys(user=user, on=request.POST.get("on") == "1")
    return HttpResponse(status=204)
