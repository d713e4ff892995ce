"""Staff need a second factor: without one they reach their account pages and nothing else."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

OPEN_PREFIXES = ("/accounts/", "/static/", "/media/public/", "/health/", "/language/", "/display/")


class StaffSecondFactorMiddleware:
    """Sends staff without a second factor to its set-up; settings.STAFF_SECOND_FACTOR is off in the demo only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.STAFF_SECOND_FACTOR and not request.path_info.startswith(OPEN_PREFIXES):
            user = request.user
            if user.is_authenticated and user.is_staff and not is_mfa_enabled(user):
                messages.warning(request, _("Staff need a second step to sign in. Set up an authenticator app or a passkey first."))
                return redirect("mfa_index")
        return self.get_response(request)
