"""What every page knows: the brand, the languages of this page, the display choices, the visitor's announcements."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse, translate_url
from django.urls.exceptions import Resolver404
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from core.brand import brand_of
from core.i18n import normal_language
from core.models import BrandSettings

TEXT_COOKIE = "hearth_text"
THEME_COOKIE = "hearth_theme"


def _brand(request: HttpRequest) -> BrandSettings:
    return brand_of(request)


def language_links(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the switch: one entry a language with its code, label, address of this page and whether it is the present one."""
    current = get_language() or settings.LANGUAGE_CODE
    given = getattr(request, "language_urls", {})
    links = []
    for code, label in settings.LANGUAGES:
        links.append({"code": code, "label": label, "url": given.get(code) or _same_page(request, code), "current": code == current})
    return links


def _same_page(request: HttpRequest, code: str) -> str:
    path = request.get_full_path()
    translated = translate_url(path, code)
    if translated != path or path.startswith(f"/{code}/"):
        return translated
    try:
        resolve(request.path_info)
    except Resolver404:
        return f"/{code}/"
    given = request.GET.copy()
    if given.get("next"):  # whoever signs in afterwards arrives in the language they chose here
        given["next"] = translate_url(str(given["next"]), code)
    back = f"{request.path}?{given.urlencode(safe='/')}" if given else request.path
    return reverse("site:language", kwargs={"code": code}) + "?" + urlencode({"next": back}, safe="/")


def _announcements(request: HttpRequest) -> list[Any]:
    from portal.queries import announcements_strip

    return announcements_strip(request)


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the context of every template; each part is looked up only when a template asks for it."""
    match = request.resolver_match
    view_name = match.view_name if match else ""
    return {
        "brand": SimpleLazyObject(lambda: _brand(request)),
        "languages": SimpleLazyObject(lambda: language_links(request)),
        "alternates": SimpleLazyObject(lambda: _alternates(request)),
        "announcements_strip": SimpleLazyObject(lambda: _announcements(request)),
        "nav": SimpleLazyObject(lambda: _nav(view_name)),
        "view_name": view_name,
        "text_large": request.COOKIES.get(TEXT_COOKIE) == "large",
        "theme": request.COOKIES.get(THEME_COOKIE) if request.COOKIES.get(THEME_COOKIE) in {"light", "dark"} else "auto",
        "demo": settings.DEMO,
        "origin": settings.SITE_ORIGIN,
        "guides_url": SimpleLazyObject(_guides_url),
    }


def _guides_url() -> str:
    """Return the address of the list of guides in the language in force, empty until there is one."""
    from kb.queries import index_urls

    urls = cache.get("portal.guides_urls")
    if not urls:
        urls = index_urls()
        cache.set("portal.guides_urls", urls, 60)
    return urls.get(normal_language(get_language()), "")


def _alternates(request: HttpRequest) -> list[dict[str, str]]:
    return [
        {"lang": link["code"], "url": settings.SITE_ORIGIN + link["url"].partition("?")[0]}
        for link in language_links(request)
        if link["url"].startswith(f"/{link['code']}/")
    ]


def _nav(view_name: str) -> dict[str, bool]:
    try:
        reverse("portal:home")
    except NoReverseMatch:
        return {}
    parts = ("home", "catalogue", "family", "model", "code", "codes", "get_help", "track", "my")
    return {name: view_name == f"portal:{name}" for name in parts}
