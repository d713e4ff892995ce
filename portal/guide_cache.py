"""A guide's whole page, kept for the next reader: only the reader's own marks (form token, script nonce) are put in afresh."""

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.translation import get_language

from core.brand import brand_of
from core.models import BrandSettings
from kb.caching import SECONDS, generation
from kb.models import GuidePage
from portal.context import site
from portal.guide_reader import is_own, reading_of
from portal.queries import announcements_of_guide

# Templates, styles and words change with a release, and a release starts new processes: each keeps pages of its own.
PROCESS = secrets.token_hex(8)
TOKEN_PLACE = secrets.token_hex(32)
NONCE_PLACE = secrets.token_hex(32)
# Fields whose change is told by another part of the key (the live revision), or that the page does not show.
LEFT_OUT = frozenset({"body", "popularity", "keywords"})


def kept_page(page: GuidePage, request: HttpRequest) -> HttpResponse | None:
    """Return the page of a guide from the cache, made and kept there if need be.

    All that the page is made of stands in the key: the guide's row, the maker's settings, the announcement in force, the reader's
    language and display choices, what is known of the reader's machine, the address, and the generation, which every other public
    change raises. So nothing needs to be thrown away, in however many processes.

    Args:
        page: a live guide that this reader may see.
        request: the reader's request.
    Returns:
        The answer; None where the page is this reader's alone (a vote, a search or a chosen model in the address, a message waiting, a
        member's machines to pick from), and in debugging.
    """
    reading = reading_of(request, page)
    request.guide_reading = reading  # type: ignore[attr-defined]
    nonce = getattr(request, "csp_nonce", None)
    if settings.DEBUG or nonce is None or request.META.get("QUERY_STRING") or len(get_messages(request)) or is_own(reading):
        return None
    key = f"kb:page:{PROCESS}:{generation()}:{_digest(page, request)}"
    kept: str | None = cache.get(key)
    if kept is None:
        request.is_preview = False  # type: ignore[attr-defined]
        context = {**page.get_context(request), "csrf_token": TOKEN_PLACE}
        kept = render_to_string(page.get_template(request), context, request).replace(str(nonce), NONCE_PLACE)
        cache.set(key, kept, SECONDS)
    return HttpResponse(kept.replace(TOKEN_PLACE, get_token(request)).replace(NONCE_PLACE, str(nonce)))


def _digest(page: GuidePage, request: HttpRequest) -> str:
    shown = site(request)
    parts = (
        _row(page),
        _brand(brand_of(request)),
        [sorted(item.items()) for item in shown["announcements_strip"]],
        announcements_of_guide(page, request),
        (get_language(), request.path, shown["text_large"], shown["theme"], str(shown["guides_url"])),
        request.guide_reading,  # type: ignore[attr-defined]
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _row(row: Any) -> list[Any]:
    return [getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in LEFT_OUT]


def _brand(brand: BrandSettings) -> tuple[list[Any], str]:
    return _row(brand), brand.logo.file.name if brand.logo else ""
