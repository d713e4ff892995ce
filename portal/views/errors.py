"""Error pages in the visitor's language; the 500 page needs neither database nor context."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from portal.resending import has_files, page_before, typed_values


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's proof was missing or old: what was typed on a page of ours is kept and can be sent again by a press."""
    values = typed_values(request)
    if values:
        text = _("It stood open for long, or you signed in or out meanwhile. Nothing you typed is lost: send it again.")
    else:
        text = _("Go back, reload the page and send it again. What you typed is kept in your browser.")
    context = {
        "title": _("The form has expired"),
        "text": text,
        "values": values,
        "address": request.get_full_path(),
        "before": page_before(request),
        "files_lost": bool(values) and has_files(request),
    }
    return render(request, "errors/expired.html", context, status=403)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Too many attempts: say when to try again."""
    context = {"title": _("Too many attempts"), "text": _("Please wait a minute and try again, or call our hotline.")}
    return render(request, "errors/refused.html", context, status=429)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be understood."""
    return render(request, "400.html", status=400)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: not for this person; a reached limit is 429."""
    if type(exception).__name__ == "Ratelimited":
        return too_many(request, exception)
    return render(request, "403.html", status=403)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: search and help instead of a dead end."""
    return render(request, "404.html", status=404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """500: plain page with the request's number; must work while everything else is down."""
    from core.logs import request_id

    page = loader.get_template("500.html").render({"request_id": request_id.get()})
    return HttpResponse(page, status=500)


def too_long_page() -> bytes:
    """413: more was sent at once than we take; drawn in front of Django, so it needs no request."""
    return loader.get_template("413.html").render({}).encode()
