"""Sitemaps: one a language, with the other language named beside each address and the day of the last review or change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from diagnosis.models import DiagnosisIndexPage, DiagnosisPage
from kb.models import GuideIndexPage, GuidePage
from kb.queries import current_announcements
from portal import queries
from products.models import ProductModel

LIMIT = 50_000
"""Addresses a sitemap may hold (sitemaps.org)."""
SINGLE_PAGES = ("home", "catalogue", "codes", "announcements", "privacy")


@dataclass(frozen=True)
class Entry:
    """One page in all its languages: language → path, and when it was last reviewed or changed."""

    paths: dict[str, str]
    changed: date | datetime | None = None


def _in_every_language(name: str, *args: Any) -> dict[str, str]:
    paths = {}
    for code, _label in settings.LANGUAGES:
        with translation.override(code):
            paths[code] = reverse(f"portal:{name}", args=args)
    return paths


def entries() -> Iterable[Entry]:
    """Yield every public page once: single pages, families, models, codes, announcements, guides, diagnoses."""
    for name in SINGLE_PAGES:
        yield Entry(_in_every_language(name))
    for family in queries.families():
        yield Entry(_in_every_language("family", family.slug))
    for model in ProductModel.objects.filter(is_active=True, family__is_active=True).select_related("family"):
        yield Entry(_in_every_language("model", model.family.slug, model.slug))
    for code in queries.all_codes():
        yield Entry(_in_every_language("code", code.family.slug, code.code))
    for item in current_announcements():
        yield Entry(_in_every_language("announcement", item.reference), item.last_published_at or item.starts_at)
    yield from _written()


def _written() -> Iterable[Entry]:
    """Yield guides, diagnoses and their lists, translations together; the day is that of the last review."""
    found: dict[Any, tuple[dict[str, str], date | datetime | None]] = {}
    for model in (GuideIndexPage, GuidePage, DiagnosisIndexPage, DiagnosisPage):
        for page in model.objects.live().public().select_related("locale"):
            paths, changed = found.get(page.translation_key, ({}, None))
            if page.url:
                paths[page.locale.language_code] = page.url
            found[page.translation_key] = (paths, _later(changed, getattr(page, "reviewed_on", None) or page.last_published_at))
    for paths, changed in found.values():
        if paths:
            yield Entry(paths, changed)


def _later(one: date | datetime | None, other: date | datetime | None) -> date | datetime | None:
    days = [moment for moment in (one, other) if moment]
    return max(days, key=_local) if days else None


def _local(moment: date | datetime) -> date:
    return timezone.localdate(moment) if isinstance(moment, datetime) else moment


def _day(moment: date | datetime | None) -> str:
    return _local(moment).isoformat() if moment else ""


@require_safe
@cache_control(max_age=3600, public=True)
def index(request: HttpRequest) -> HttpResponse:
    """Answer `/sitemap.xml`: the sitemap of each language."""
    maps = [f"{settings.SITE_ORIGIN}{reverse('site:sitemap', args=[code])}" for code, _label in settings.LANGUAGES]
    return render(request, "portal/sitemap_index.xml", {"maps": maps}, content_type="application/xml")


@require_safe
@cache_control(max_age=3600, public=True)
def sitemap(request: HttpRequest, code: str) -> HttpResponse:
    """Answer the sitemap of one language."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    rows = []
    for entry in entries():
        if code in entry.paths:
            others = [{"lang": lang, "url": settings.SITE_ORIGIN + path} for lang, path in entry.paths.items()]
            rows.append({"url": settings.SITE_ORIGIN + entry.paths[code], "changed": _day(entry.changed), "others": others})
    return render(request, "portal/sitemap.xml", {"rows": rows[:LIMIT]}, content_type="application/xml")


@require_safe
@cache_control(max_age=3600, public=True)
def robots(request: HttpRequest) -> HttpResponse:
    """Answer `/robots.txt`: everything public may be read; forms, cases, search results and the back office need not be."""
    return render(request, "portal/robots.txt", {"origin": settings.SITE_ORIGIN}, content_type="text/plain; charset=utf-8")
