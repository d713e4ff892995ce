"""Addresses without a language prefix: the front door, display choices, language choice, public media."""

import mimetypes
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils._os import safe_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_cookie, vary_on_headers
from wagtail import hooks
from wagtail.documents import get_document_model
from wagtail.documents.views.serve import serve as serve_document

from core.ranges import file_response
from portal.context import TEXT_COOKIE, THEME_COOKIE

YEAR = 60 * 60 * 24 * 365


@require_GET
@vary_on_cookie
@vary_on_headers("Accept-Language")
def front_door(request: HttpRequest) -> HttpResponse:
    """Send `/` to the remembered or preferred language; never by place."""
    return redirect(f"/{get_language_from_request(request)}/")


def _safe_next(request: HttpRequest, given: str) -> str:
    hosts = {request.get_host()}
    return given if given and url_has_allowed_host_and_scheme(given, hosts, require_https=request.is_secure()) else "/"


@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Remember text size and theme in cookies, so that the server draws them without a flash."""
    response = redirect(_safe_next(request, request.POST.get("next", "")))
    choices = ((TEXT_COOKIE, "text", {"large", "normal"}), (THEME_COOKIE, "theme", {"light", "dark", "auto"}))
    for cookie, field, allowed in choices:
        value = request.POST.get(field, "")
        if value in allowed:
            response.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


@require_GET
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Choose the language of pages that carry none in their address."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    response = redirect(_safe_next(request, request.GET.get("next", "")))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=settings.LANGUAGE_COOKIE_AGE, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


FILMS = {"mp4": "video/mp4", "webm": "video/webm", "vtt": "text/vtt; charset=utf-8"}


@require_GET
def public_media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve pictures of the CMS from MEDIA_ROOT; an SVG cannot run anything."""
    try:
        full = Path(safe_join(settings.MEDIA_ROOT, path))
    except ValueError as error:
        raise Http404 from error
    if not full.is_file() or path.startswith("documents/"):
        raise Http404
    kind = mimetypes.guess_type(full.name)[0] or "application/octet-stream"
    response = file_response(request, full.open("rb"), size=full.stat().st_size, content_type=kind)
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if kind == "image/svg+xml":
        response._csp_replace = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "sandbox": True}  # type: ignore[attr-defined]
    return response


@require_GET
def document(request: HttpRequest, document_id: int, document_filename: str) -> HttpResponseBase:
    """Serve a document of the CMS; films of guides and their captions open in the page, and in parts: browsers seek with them."""
    found = get_document_model().objects.filter(pk=document_id).first()
    kind = FILMS.get(found.file_extension.lower()) if found is not None else None
    if found is None or kind is None or found.filename != document_filename:
        return serve_document(request, document_id, document_filename)
    for check in hooks.get_hooks("before_serve_document"):  # who may see the collection
        refusal = check(found, request)
        if isinstance(refusal, HttpResponseBase):
            return refusal
    response = file_response(request, found.file.open("rb"), size=found.file.size, content_type=kind)
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
