"""What a guide, a diagnosis, an announcement, a product or an error code looks like as documents, and who may find it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import strip_tags

from core.i18n import LANGUAGES, bilingual, normal_language
from diagnosis.models import DiagnosisPage
from diagnosis.outline import tree_of
from kb.models import Announcement, GuidePage
from kb.regions import places_in
from kb.subjects import code_key, guide_key
from products.models import ErrorCode, ProductFamily, ProductModel
from search.models import Audience, Kind

logger = logging.getLogger(__name__)

KINDS = ("guide", "diagnosis", "announcement", "product", "family", "code")
_LONGEST_BODY = 60_000
_SPACE = re.compile(r"[ \t\r\f\v]+")
_PAGE_KINDS = {"faq": Kind.FAQ, "manual": Kind.MANUAL, "video": Kind.VIDEO}

Draft = dict[str, Any]


def eligible(thing: Any) -> str | None:
    """Who may find a thing now: an :class:`Audience`, or None for nobody. The one rule of eligibility.

    Guides and diagnoses: live, not expired, without view restrictions. Announcements: live and within their dates for everyone;
    withdrawn, archived and restricted ones for staff only. Products and codes: shown, with a shown family.
    """
    now = timezone.now()
    if isinstance(thing, GuidePage | DiagnosisPage):
        expired = thing.expire_at is not None and thing.expire_at <= now
        public = thing.live and not expired and not thing.get_view_restrictions().exists()
        return Audience.PUBLIC if public else None
    if isinstance(thing, Announcement):
        if thing.withdrawn_at or thing.archived_at:
            return Audience.STAFF
        current = (thing.starts_at is None or thing.starts_at <= now) and (thing.ends_at is None or thing.ends_at > now)
        if not thing.live or not current:
            return None
        return Audience.PUBLIC if thing.audience == Announcement.Audience.PUBLIC else Audience.STAFF
    if isinstance(thing, ProductFamily):
        return Audience.PUBLIC if thing.is_active else None
    if isinstance(thing, ProductModel | ErrorCode):
        return Audience.PUBLIC if thing.is_active and thing.family.is_active else None
    return None


def extract(kind: str, pk: int) -> list[Draft]:
    """Arguments of ``put_document`` for every document of a subject; empty when it is gone or nobody may find it."""
    thing = _load(kind, pk)
    audience = eligible(thing) if thing is not None else None
    if thing is None or audience is None:
        return []
    drafts = {
        "guide": _guide,
        "diagnosis": _diagnosis,
        "announcement": _announcement,
        "product": _product,
        "family": _family,
        "code": _code,
    }[kind](thing)
    return [{**draft, "audience": audience} for draft in drafts]


def announcement_audiences() -> list[tuple[int, str | None]]:
    """Primary key of every announcement and who may find it now."""
    return [(item.pk, eligible(item)) for item in Announcement.objects.all()]


def subjects() -> Iterator[tuple[str, int]]:
    """Kind and primary key of everything that could be found."""
    for kind, model in _MODELS.items():
        for pk in model.objects.order_by("pk").values_list("pk", flat=True).iterator():
            yield kind, pk


_MODELS: dict[str, Any] = {
    "family": ProductFamily,
    "product": ProductModel,
    "code": ErrorCode,
    "guide": GuidePage,
    "diagnosis": DiagnosisPage,
    "announcement": Announcement,
}


def _load(kind: str, pk: int) -> Any:
    rows = _MODELS[kind].objects
    if kind in ("product", "code"):
        rows = rows.select_related("family")
    return rows.filter(pk=pk).first()


def _clean(text: str) -> str:
    return _SPACE.sub(" ", unescape(strip_tags(text.replace("</", " </").replace("<br", " <br")))).strip()


# --- guides -------------------------------------------------------------------------------------------------------


def _guide(page: GuidePage) -> list[Draft]:
    language = normal_language(page.locale.language_code)
    models = list(page.product_models.select_related("family"))
    codes = list(page.error_codes.select_related("family"))
    own = list(page.families.all())
    families = own or [*(m.family for m in models), *(c.family for c in codes)]
    parts = page.get_url_parts()
    with translation.override(language):  # names of levels and the like are read in the language of the guide
        lines = (_clean(part) for part in page.body.stream_block.get_searchable_content(page.body))
        body = "\n".join(dict.fromkeys(filter(None, lines)))  # a step's title is its picture's text, too
    return [
        {
            "key": f"{guide_key(page)}:{language}",
            "kind": _PAGE_KINDS.get(page.kind, Kind.GUIDE),
            "language": language,
            "title": page.title,
            "summary": page.summary,
            "body": body[:_LONGEST_BODY],
            "keywords": page.keywords,
            "url": parts[2] if parts else "",
            "codes": _unique(c.code for c in codes),
            "models": _unique(m.number for m in models),
            "families": _unique(f.slug for f in families),
            "extra": _guide_details(page, language, own, models),
            "popularity": float(page.popularity),
        }
    ]


def _guide_details(page: GuidePage, language: str, families: list[Any], models: list[Any]) -> dict[str, Any]:
    details = {"page_kind": page.kind, **_page_details(page, language, families, models)}
    if page.difficulty:
        details["difficulty"] = page.difficulty
    return details


def _page_details(page: GuidePage | DiagnosisPage, language: str, families: list[Any], models: list[Any]) -> dict[str, Any]:
    details: dict[str, Any] = {"applies": [m.number for m in models[:2]], "models": len(models)}
    if page.minutes:
        details["minutes"] = page.minutes
    markets = sorted(page.markets.values_list("code", flat=True)) if isinstance(page, GuidePage) else []  # a diagnosis has none
    if markets:
        details["markets"] = markets
    if page.reviewed_on:
        details["reviewed_on"] = page.reviewed_on.isoformat()
    if families:
        details["families"] = [bilingual(f, "name", language) for f in families[:3]]
    if page.picture_id:
        try:
            details["picture"] = page.picture.get_rendition("max-256x192|preserve-svg").url
        except Exception:
            # A picture that cannot be rendered must not keep a page from being found.
            logger.warning("no small picture for page %s", page.pk, exc_info=True)
    return details


def _unique(values: Any) -> list[str]:
    return list(dict.fromkeys(values))


# --- diagnoses ----------------------------------------------------------------------------------------------------


def _diagnosis(page: DiagnosisPage) -> list[Draft]:
    language = normal_language(page.locale.language_code)
    models = list(page.product_models.select_related("family"))
    codes = list(page.error_codes.select_related("family"))
    own = list(page.families.all())
    families = own or [*(m.family for m in models), *(c.family for c in codes)]
    tree = tree_of(page.outline)
    parts = page.get_url_parts()
    return [
        {
            "key": f"diagnosis:{page.translation_key}:{language}",
            "kind": Kind.DIAGNOSIS,
            "language": language,
            "title": page.title,
            "summary": page.summary,
            "body": "\n".join(f"{node.title}\n{_clean(node.text)}" for node in tree.nodes.values())[:_LONGEST_BODY],
            "keywords": page.keywords,
            "url": parts[2] if parts else "",
            "codes": _unique(c.code for c in codes),
            "models": _unique(m.number for m in models),
            "families": _unique(f.slug for f in families),
            "extra": {**_page_details(page, language, own, models), "questions": tree.longest()},
            "popularity": float(page.popularity),
        }
    ]


# --- rows in two languages ----------------------------------------------------------------------------------------


def _announcement(item: Announcement) -> list[Draft]:
    models = list(item.product_models.select_related("family"))
    families = _unique([*(f.slug for f in item.families.all()), *(m.family.slug for m in models)])
    places = list(places_in(item.region)) if item.region else []
    drafts = []
    for language in [item.language] if item.language else LANGUAGES:
        body = _clean(bilingual(item, "body", language))
        drafts.append(
            {
                "key": f"announcement:{item.reference}:{language}",
                "kind": Kind.ANNOUNCEMENT,
                "language": language,
                "title": bilingual(item, "title", language),
                "summary": body[:200],
                "body": body,
                "url": _address("portal:announcement", language, reference=item.reference),
                "models": _unique(m.number for m in models),
                "families": families,
                "extra": {
                    "severity": item.severity,
                    "withdrawn": bool(item.withdrawn_at or item.archived_at),
                    "date": timezone.localdate(item.starts_at or item.created_at).isoformat(),
                    **({"region": item.region, "places": places} if item.region else {}),
                },
            }
        )
    return drafts


def _product(model: ProductModel) -> list[Draft]:
    aliases = list(model.aliases.values_list("text", flat=True))
    drafts = []
    for language in LANGUAGES:
        family = bilingual(model.family, "name", language)
        drafts.append(
            {
                "key": f"product:{model.slug}:{language}",
                "kind": Kind.PRODUCT,
                "language": language,
                "title": f"{bilingual(model, 'name', language)} {model.number}",
                "summary": bilingual(model, "summary", language),
                "keywords": "\n".join([family, *aliases]),
                "url": _address("portal:model", language, family_slug=model.family.slug, model_slug=model.slug),
                "models": [model.number, *aliases],
                "families": [model.family.slug],
                "extra": {"families": [family], "number": model.number},
            }
        )
    return drafts


def _family(family: ProductFamily) -> list[Draft]:
    return [
        {
            "key": f"family:{family.slug}:{language}",
            "kind": Kind.PRODUCT,
            "language": language,
            "title": bilingual(family, "name", language),
            "summary": bilingual(family, "summary", language),
            "url": _address("portal:family", language, family_slug=family.slug),
            "families": [family.slug],
            "popularity": 5.0,
        }
        for language in LANGUAGES
    ]


def _code(code: ErrorCode) -> list[Draft]:
    numbers = list(code.only_models.values_list("number", flat=True))
    drafts = []
    for language in LANGUAGES:
        family = bilingual(code.family, "name", language)
        meaning, action = bilingual(code, "meaning", language), bilingual(code, "action", language)
        drafts.append(
            {
                "key": f"{code_key(code)}:{language}",
                "kind": Kind.CODE,
                "language": language,
                "title": f"{code.code} {bilingual(code, 'title', language)}",
                "summary": _clean(meaning),
                "body": _clean(action),
                "keywords": family,
                "url": _address("portal:code", language, family_slug=code.family.slug, code=code.code),
                "codes": code.spellings,
                "models": numbers,
                "families": [code.family.slug],
                "extra": {
                    "families": [family],
                    "name": bilingual(code, "title", language),
                    "action": _clean(action),
                    "severity": code.severity,
                },
            }
        )
    return drafts


def _address(name: str, language: str, **kwargs: str) -> str:
    with translation.override(language):
        return reverse(name, kwargs=kwargs)
