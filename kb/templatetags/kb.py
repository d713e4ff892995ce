"""Template tags of the guides: the article with all that stands around it, pictures, the list of guides."""

from typing import Any
from urllib.parse import urljoin

from django import template
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.brand import brand_of
from core.i18n import normal_language
from kb import queries
from kb.article import STEP_SPEC, WIDE_SPEC, Article, Picture, article_of, picture
from kb.fit import NOTHING_KNOWN, Reading
from kb.models import ArticleVote, GuideIndexPage, GuidePage
from kb.subjects import guide_key

register = template.Library()
PER_PAGE = 20
LEVEL_WORDS = {"danger": gettext_lazy("Danger"), "warning": gettext_lazy("Warning"), "caution": gettext_lazy("Caution")}
LEVEL_KINDS = {"danger": "danger", "warning": "warning", "caution": "note"}
LEVEL_ICONS = {"danger": "danger", "warning": "warning", "caution": "info"}


@register.simple_tag(takes_context=True)
def guide_article(context: template.Context, page: GuidePage) -> Article:
    """Return the article of the page; built once a request, cached between requests. Also tells the language switch where to go."""
    request: HttpRequest = context["request"]
    found: Article | None = getattr(request, "_guide_article", None)
    if found is None:
        brand = brand_of(request)
        is_preview = bool(getattr(request, "is_preview", False))
        reading = getattr(request, "guide_reading", NOTHING_KNOWN)
        found = article_of(page, hotline=brand.hotline if brand else "", fresh=is_preview, reading=reading)
        request._guide_article = found  # type: ignore[attr-defined]
        request.language_urls = {**found.index_urls, **{item["lang"]: item["url"] for item in found.alternates}}  # type: ignore[attr-defined]
    return found


@register.simple_tag(takes_context=True)
def guide_picture(context: template.Context, image: Any, alt: str = "", wide: bool = False) -> Picture | None:
    """Return address, size and text alternative of a picture in a guide."""
    return picture(image, alt=alt, spec=WIDE_SPEC if wide else STEP_SPEC, draft=bool(context.get("draft")))


@register.simple_tag(takes_context=True)
def guide_reading(context: template.Context) -> Reading:
    """Return what is known of the reader's machine, and the machines a member can pick from."""
    return getattr(context["request"], "guide_reading", NOTHING_KNOWN)


@register.simple_tag(takes_context=True)
def fitted(context: template.Context, entries: Any) -> list[dict[str, Any]]:
    """Return the entries of a list block, each with its label; outside a guide's page all are for everybody.

    `place` is the entry's place in the text, which stays whoever reads; `number` counts what is shown.
    """
    parts = context.get("parts")
    rows, number = [], 0
    for place, value in enumerate(entries, start=1):
        label = parts.label(value) if parts is not None else {"words": "", "fits": False, "open": False, "others": False}
        number += not label["others"]
        rows.append({"value": value, "label": label, "place": place, "number": number})
    return rows


@register.simple_tag
def level_word(level: str) -> str:
    """The word that stands beside the icon of a safety text."""
    return str(LEVEL_WORDS.get(level, LEVEL_WORDS["caution"]))


@register.filter
def level_kind(level: str) -> str:
    """The look's name of a safety level."""
    return LEVEL_KINDS.get(level, "note")


@register.filter
def level_icon(level: str) -> str:
    """The icon of a safety level."""
    return LEVEL_ICONS.get(level, "info")


@register.simple_tag(takes_context=True)
def vote_state(context: template.Context, page: GuidePage) -> dict[str, Any]:
    """Return what the vote box needs: subject, state after a vote without script (`?voted=`), reasons, the search that led here."""
    request: HttpRequest = context["request"]
    voted = request.GET.get("voted", "")
    state = {"yes": "done", "reason": "reason", "thanks": "done", "again": "again"}.get(voted, "ask")
    return {
        "key": guide_key(page),
        "state": state,
        "answer": "yes" if voted == "yes" else "no",
        "reasons": ArticleVote.Reason.choices,
        "query": request.GET.get("q", "")[:200],
    }


@register.simple_tag(takes_context=True)
def tech_article(context: template.Context, page: GuidePage, article: Article) -> list[dict[str, Any]]:
    """Return the structured data of a guide: TechArticle, its place in the site, its videos; FAQPage only for a page of questions."""
    request: HttpRequest = context["request"]
    address = _absolute(request.path)
    language = "zh-Hans" if normal_language(page.locale.language_code) == "zh-hans" else "en"
    brand = brand_of(request)
    main: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "TechArticle",
        "headline": page.title,
        "description": page.summary,
        "inLanguage": language,
        "url": address,
        "dateModified": (page.last_published_at or page.latest_revision_created_at or page.first_published_at),
        "author": {"@type": "Organization", "name": brand.name if brand else ""},
    }
    main["dateModified"] = main["dateModified"].isoformat() if main["dateModified"] else ""
    if article.picture:
        main["image"] = _absolute(article.picture.url)
    if article.models:
        main["about"] = [{"@type": "Product", "name": link.note, "model": link.text} for link in article.models]
    if page.minutes:
        main["timeRequired"] = f"PT{page.minutes}M"
    crumbs = [
        {"label": _("Home"), "url": f"/{normal_language(page.locale.language_code)}/"},
        *article.crumbs,
        {"label": page.title, "url": request.path},
    ]
    trail = {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": str(crumb["label"]), "item": _absolute(crumb["url"])}
            for place, crumb in enumerate(crumbs, start=1)
        ],
    }
    videos = [
        {
            "@context": "https://schema.org",
            "@type": "VideoObject",
            "name": video["title"],
            "description": page.summary,
            "contentUrl": _absolute(video["url"]),
            "thumbnailUrl": _absolute(video["poster"]) if video["poster"] else "",
            "uploadDate": main["dateModified"],
        }
        for video in article.videos
    ]
    return [main, trail, *videos, *_faq_page(page, article)]


def _absolute(url: str) -> str:
    """Return an address with the portal's own origin, whatever host the reader came by: the one the canonical link names."""
    return urljoin(f"{settings.SITE_ORIGIN}/", url)


def _faq_page(page: GuidePage, article: Article) -> list[dict[str, Any]]:
    if page.kind != GuidePage.Kind.FAQ or not article.questions:
        return []
    entities = [
        {"@type": "Question", "name": item["question"], "acceptedAnswer": {"@type": "Answer", "text": strip_tags(item["answer"])}}
        for item in article.questions
    ]
    return [{"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": entities}]


@register.simple_tag(takes_context=True)
def guide_list(context: template.Context, page: GuideIndexPage) -> dict[str, Any]:
    """Return the list of guides for the filters and page in the address; nonsense in the address shows the first page of all."""
    request: HttpRequest = context["request"]
    language = normal_language(page.locale.language_code)
    families = queries.families_with_guides(language)
    family = next((row for row in families if row.slug == request.GET.get("family")), None)
    kind = request.GET.get("kind", "")
    kind = kind if kind in GuidePage.Kind.values else ""
    listed = queries.guides_listed(language, family=family.slug if family else "", kind=kind)
    shown = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    request.language_urls = queries.index_urls()  # type: ignore[attr-defined]
    kinds = set(queries.live_guides(language).order_by().values_list("kind", flat=True).distinct())
    return {
        "page_obj": shown,
        "families": families,
        "family": family,
        "kinds": [(value, label) for value, label in GuidePage.Kind.choices if value in kinds],
        "kind": kind,
        "total": shown.paginator.count,
    }


@register.filter
def brief(text: str, length: int = 150) -> str:
    """A text cut at a word for descriptions of pages."""
    return Truncator(strip_tags(text or "")).chars(length)
