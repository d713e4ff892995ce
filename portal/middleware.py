"""Page-wide behaviour: the language that a prefixed page was read in is remembered; the CMS gets its own content policy."""

from collections.abc import Callable

from allauth.core.exceptions import RateLimited
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, get_language_from_path
from django.utils.translation import gettext as _

from core.errors import DomainError, LimitReached, NotFound


class ContentPolicyMiddleware(CSPMiddleware):
    """Strict policy with nonces everywhere; `/cms/` gets the looser one that Wagtail's screens need."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Swap the directives for the CMS before the header is written."""
        if request.path_info.startswith("/cms/") and not hasattr(response, "_csp_replace"):
            response._csp_replace = settings.CMS_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]
        return super().process_response(request, response)  # type: ignore[return-value]


WITHOUT_LANGUAGE = frozenset(
    {"accounts", "api", "cms", "desk", "display", "documents", "health", "language", "media", "metrics", "p", "static", "uploads", "ws"}
)
"""First parts of addresses that never stand below a language (`api` is kept free for programs)."""


class LanguageMiddleware(LocaleMiddleware):
    """Django's, except that a page without a language prefix that says “not found” is not looked for below one.

    The guides' route takes any path, so Django would send `/media/private/…` and `/desk/nothing/` on to `/en/…`.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Let a genuine 404 be one."""
        known = getattr(request, "resolver_match", None) or request.path_info.split("/", 2)[1] in WITHOUT_LANGUAGE
        if response.status_code == 404 and known and not get_language_from_path(request.path_info):
            response.headers.setdefault("Content-Language", get_language() or "")
            patch_vary_headers(response, ("Accept-Language",))
            return response
        return super().process_response(request, response)  # type: ignore[return-value]


class LanguageCookieMiddleware:
    """Remembers the language of a prefixed page, so that `/accounts/`, `/desk/` and `/cms/` follow it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        language = get_language_from_path(request.path_info)
        if language and response.status_code < 400 and request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != language:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response


class DomainErrorMiddleware:
    """A refusal that no view turned into words of its own becomes a page (or JSON) with its sentence and status, never a 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for a DomainError and for a limit of the accounts library; anything else goes on as it was."""
        if isinstance(exception, RateLimited):
            # The accounts library raises it in the middle of a sign-up, where it catches it nowhere.
            from portal.views.errors import too_many

            return too_many(request, exception)
        if not isinstance(exception, DomainError):
            return None
        if isinstance(exception, NotFound):
            from portal.views.errors import not_found

            return not_found(request, Http404())
        if request.headers.get("Accept", "").startswith("application/json"):
            response: HttpResponse = JsonResponse({"error": str(exception.message), "code": exception.code}, status=exception.status)
        else:
            title = _("Too many attempts") if isinstance(exception, LimitReached) else _("That did not work")
            response = render(request, "errors/refused.html", {"title": title, "text": exception.message}, status=exception.status)
        if isinstance(exception, LimitReached):
            response.headers["Retry-After"] = str(exception.retry_after)
        return response
