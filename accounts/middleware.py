"""Signed-in devices are noticed, guessing of codes is stopped, staff without a second factor reach their account pages alone."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.actions import sessions
from core.errors import LimitReached
from core.guard import client_ip, limit

OPEN_PREFIXES = ("/accounts/", "/static/", "/media/public/", "/health/", "/language/", "/display/")


class DevicesMiddleware:
    """Keeps the list of signed-in devices true: last seen every five minutes, a changed session key followed.

    Looks only where the request has looked up its user anyway; ended devices need no check, their session is gone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = request.session.session_key
        response = self.get_response(request)
        user = getattr(request, "_cached_user", None)
        after = request.session.session_key
        if user is None or not user.is_authenticated or not after:
            return response
        if before and before != after:
            sessions.move_session(old=before, new=after)
        if sessions.is_news(after):
            sessions.touch_session(user=user, session_key=after, user_agent=request.META.get("HTTP_USER_AGENT", ""))
        return response


class CodeGuessingMiddleware:
    """Counts the codes typed in one session outside that session.

    allauth keeps the number of wrong tries in the session itself: requests that arrive together all read the same number. This counter
    lies in the cache and is atomic, so that nobody gets more than TRIES guesses at a code, however they send them.
    """

    TRIES = "10/10m"
    PATHS = ("/accounts/login/code/", "/accounts/phone/", "/accounts/confirm-email/", "/accounts/password/reset/", "/accounts/2fa/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path_info.startswith(self.PATHS) and "code" in request.POST:
            try:
                limit(request, "code-guess", self.TRIES, key=request.session.session_key or client_ip(request))
            except LimitReached as refusal:
                answer: HttpResponse = import_string(settings.RATELIMIT_VIEW)(request, refusal)
                answer.headers["Retry-After"] = str(refusal.retry_after)
                return answer
        return self.get_response(request)


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
