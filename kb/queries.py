"""Reads of the knowledge base: guides and what belongs to them, announcements in force."""

import uuid
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from core.i18n import normal_language
from kb.caching import generation
from kb.ledger_queries import LedgerLine, deflection_figures, ledger_summary
from kb.models import Announcement, GuideIndexPage, GuidePage
from products.models import ErrorCode, ProductFamily, ProductModel

__all__ = [
    "LedgerLine",
    "codes_of",
    "current_announcements",
    "deflection_figures",
    "families_of",
    "families_with_guides",
    "get_announcement_for",
    "guide_for",
    "guides_listed",
    "in_force",
    "index_urls",
    "ledger_summary",
    "live_guides",
    "models_of",
    "related_guides",
    "subject_of",
    "translations_of",
]

RELATED = 5
CACHE_SECONDS = 60


def live_guides(language: str) -> QuerySet[GuidePage]:
    """Return the published guides of one language that everybody may read."""
    return GuidePage.objects.live().public().filter(locale__language_code=normal_language(language))


def guide_for(translation_key: str, language: str) -> GuidePage | None:
    """Return the published guide with this key, in `language` where it exists, else in the other one."""
    pages = list(GuidePage.objects.live().public().filter(translation_key=translation_key).select_related("locale"))
    return next(
        (page for page in pages if normal_language(page.locale.language_code) == normal_language(language)), pages[0] if pages else None
    )


def families_of(page: GuidePage) -> list[ProductFamily]:
    """Return the shown families a guide is about: the named ones, and those of the named models."""
    named = list(page.families.all()) if hasattr(page.families, "all") else []
    wanted = {family.pk for family in named} | {model.family_id for model in page.product_models.all()}
    return list(ProductFamily.objects.filter(pk__in=wanted, is_active=True))


def models_of(page: GuidePage) -> list[ProductModel]:
    """Return the shown models a guide names."""
    wanted = [model.pk for model in page.product_models.all()]
    return (
        list(ProductModel.objects.filter(pk__in=wanted, is_active=True, family__is_active=True).select_related("family")) if wanted else []
    )


def codes_of(page: GuidePage) -> list[ErrorCode]:
    """Return the shown error codes a guide deals with."""
    wanted = [code.pk for code in page.error_codes.all()]
    return list(ErrorCode.objects.filter(pk__in=wanted, is_active=True, family__is_active=True).select_related("family")) if wanted else []


def translations_of(page: GuidePage) -> list[GuidePage]:
    """Return the published language versions of a guide, itself included when it is published."""
    return list(
        GuidePage.objects.live().public().filter(translation_key=page.translation_key).select_related("locale").order_by("locale_id")
    )


def index_urls() -> dict[str, str]:
    """Return language → address of the list of guides."""
    pages = GuideIndexPage.objects.live().select_related("locale")
    return {normal_language(page.locale.language_code): page.url or "" for page in pages}


def related_guides(page: GuidePage, *, limit: int = RELATED) -> list[GuidePage]:
    """Return other guides about the same codes, then the same models, then the same families, most read first."""
    codes = [code.pk for code in page.error_codes.all()]
    models = [model.pk for model in page.product_models.all()]
    families = [family.pk for family in page.families.all()]
    if not (codes or models or families):
        return []
    near = live_guides(page.locale.language_code).exclude(translation_key=page.translation_key)
    near = near.filter(Q(error_codes__in=codes) | Q(product_models__in=models) | Q(families__in=families))
    ranked = near.annotate(
        by_code=Count("error_codes", filter=Q(error_codes__in=codes), distinct=True),
        by_model=Count("product_models", filter=Q(product_models__in=models), distinct=True),
    )
    return list(ranked.order_by("-by_code", "-by_model", "-popularity", "title").distinct()[:limit])


def guides_listed(language: str, *, family: str = "", kind: str = "") -> QuerySet[GuidePage]:
    """Return the guides of the list page, most read first.

    Args:
        language: of the pages.
        family: slug of a family; unknown ones give nothing.
        kind: one of GuidePage.Kind; unknown ones give nothing.
    """
    pages = live_guides(language)
    if family:
        pages = pages.filter(Q(families__slug=family) | Q(product_models__family__slug=family)).distinct()
    if kind:
        pages = pages.filter(kind=kind)
    return pages.select_related("picture", "locale").prefetch_related("families").order_by("-popularity", "title")


def families_with_guides(language: str) -> list[ProductFamily]:
    """Return the shown families that have at least one guide in `language`."""
    wanted = live_guides(language).values("families")
    return list(ProductFamily.objects.filter(is_active=True, pk__in=wanted))


def current_announcements(
    *, language: str = "", family: ProductFamily | None = None, model: ProductModel | None = None, audience: str = "public"
) -> list[Announcement]:
    """Return the announcements in force, newest first: one query, kept for a minute.

    Args:
        language: of the reader, the one in force by default; announcements shown in the other one only are left out.
        family, model: leave out announcements about other products; those about none are always there.
        audience: `public`, `members` (also sees public) or `staff` (sees all).
    """
    spoken = normal_language(language or get_language())
    key = f"kb:announcements:{generation()}:{family.pk if family else 0}:{model.pk if model else 0}:{audience}:{spoken}"
    found: list[Announcement] | None = cache.get(key)
    if found is None:
        found = list(in_force(audience=audience, family=family, model=model, language=spoken))
        cache.set(key, found, CACHE_SECONDS)
    now = timezone.now()
    return [item for item in found if (not item.starts_at or item.starts_at <= now) and (not item.ends_at or item.ends_at > now)]


def in_force(
    *, audience: str = "public", family: ProductFamily | None = None, model: ProductModel | None = None, language: str = ""
) -> QuerySet[Announcement]:
    """Return the announcements that are published and neither withdrawn nor archived nor over, for an audience and a product.

    `language` leaves out those shown in the other language only; empty takes all.
    """
    audiences = {"public": ["public"], "members": ["public", "members"]}.get(audience, ["public", "members", "staff", "outlets"])
    rows = Announcement.objects.filter(live=True, withdrawn_at__isnull=True, archived_at__isnull=True, audience__in=audiences)
    rows = rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now()))
    if language:
        rows = rows.filter(language__in=["", normal_language(language)])
    everywhere = Q(product_models__isnull=True, families__isnull=True)
    if model is not None:
        rows = rows.filter(Q(product_models=model) | Q(product_models__isnull=True, families=model.family_id) | everywhere).distinct()
    elif family is not None:
        rows = rows.filter(Q(families=family) | Q(product_models__family=family) | everywhere).distinct()
    return rows.order_by(F("starts_at").desc(nulls_last=True), "-created_at")


def get_announcement_for(user: Any, reference: str) -> Announcement | None:
    """Return the announcement `user` may read: those in force for their audience; staff also see withdrawn and archived ones."""
    found = Announcement.objects.filter(reference=reference[:20]).prefetch_related("families", "product_models").first()
    states = Announcement.State
    if found is None or found.state in {states.DRAFT, states.SUBMITTED, states.RETURNED}:
        return None
    if getattr(user, "is_staff", False):
        return found
    allowed = {"public", "members"} if getattr(user, "is_authenticated", False) else {"public"}
    return found if found.state == Announcement.State.CURRENT and found.audience in allowed else None


def subject_of(key: str, language: str) -> tuple[str, GuidePage | None, str] | None:
    """Return (title, guide or None, address) of what a key names for the public, or None: guides and error-code cards."""
    kind, _colon, rest = key.partition(":")
    if kind == "guide":
        try:
            page = guide_for(str(uuid.UUID(rest)), language)
        except ValueError:
            return None
        return (page.title, page, page.url or "") if page else None
    if kind == "code":
        slug, _colon, code = rest.partition(":")
        row = (
            ErrorCode.objects.filter(family__slug=slug, code_normal=code, is_active=True, family__is_active=True)
            .select_related("family")
            .first()
        )
        return (f"{row.code} {row.title}", None, "") if row else None
    return None
