"""Small parts that the public views share: breadcrumbs, remembered products, the not-found answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django_permissions_policy.decorators import permissions_policy_override

from core.text import plain_text
from portal import queries, structured
from products.models import ProductModel

PRODUCTS_COOKIE = "hearth_products"
REMEMBERED = 4
YEAR = 60 * 60 * 24 * 365

View = Callable[..., HttpResponse]


def language() -> str:
    """Return the language of the request in force."""
    return get_language() or settings.LANGUAGE_CODE


def typed(request: HttpRequest, name: str, limit: int) -> str:
    """Return a query parameter as plain text: no control characters, one line, at most `limit` characters."""
    return plain_text(request.GET.get(name, "")[: limit * 4], lines=False)[:limit]


def crumbs_context(request: HttpRequest, *crumbs: tuple[str, str]) -> dict[str, Any]:
    """Return `crumbs` for the breadcrumb component and the same as structured data; each is (label, url), the last url empty."""
    rows = [{"label": label, "url": url} for label, url in crumbs]
    return {"crumbs": rows, "breadcrumb_data": structured.breadcrumbs(request, reverse("portal:home"), rows)}


def remembered_products(request: HttpRequest) -> list[ProductModel]:
    """Return the models this browser looked at last, newest first."""
    slugs = [slug for slug in request.COOKIES.get(PRODUCTS_COOKIE, "")[:400].split(".") if slug]
    return queries.models_by_slug(slugs[:REMEMBERED]) if slugs else []


def remember_product(request: HttpRequest, response: HttpResponse, model: ProductModel) -> None:
    """Put a model first in this browser's list."""
    slugs = [slug for slug in request.COOKIES.get(PRODUCTS_COOKIE, "")[:400].split(".") if slug and slug != model.slug]
    value = ".".join([model.slug, *slugs][:REMEMBERED])
    response.set_cookie(PRODUCTS_COOKIE, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE)


def not_found(request: HttpRequest, *, title: str, text: str, status: int = 404) -> HttpResponse:
    """Answer 404 with the way on: search, products, help. The same page whoever asks."""
    context = {"title": title, "text": text, "families": queries.families()}
    return render(request, "portal/not_found.html", context, status=status)


def unlisted(view: View) -> View:
    """Mark a view's answers as not for search engines and not for shared caches."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "private, no-store"
        return response

    return wrapper


def with_camera(view: View) -> View:
    """Let a page ask for the camera; every other page of the portal may not (Permissions-Policy)."""
    allowed: View = permissions_policy_override({**settings.PERMISSIONS_POLICY, "camera": "self"})(view)
    return allowed
