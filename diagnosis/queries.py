"""Reads of guided diagnosis: pages that are live, the version to start with, the diagnoses that fit a code or a machine."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language

from core.i18n import normal_language
from diagnosis.models import DiagnosisIndexPage, DiagnosisPage, DiagnosisVersion
from products.models import ErrorCode, ProductFamily, ProductModel

FITTING = 3


def live_diagnoses(language: str) -> QuerySet[DiagnosisPage]:
    """Return the published diagnoses of one language that everybody may see."""
    return DiagnosisPage.objects.live().public().filter(locale__language_code=normal_language(language))


def diagnoses_listed(language: str, *, family: str = "") -> QuerySet[DiagnosisPage]:
    """Return the diagnoses of the list page, most used first; an unknown family's slug gives none."""
    pages = live_diagnoses(language)
    if family:
        pages = pages.filter(Q(families__slug=family) | Q(product_models__family__slug=family)).distinct()
    return pages.select_related("picture", "locale").prefetch_related("families").order_by("-popularity", "title")


def index_for(language: str) -> DiagnosisIndexPage | None:
    """Return the published list page of a language."""
    return DiagnosisIndexPage.objects.live().filter(locale__language_code=normal_language(language)).first()


def diagnosis_page(slug: str, language: str) -> DiagnosisPage | None:
    """Return the published diagnosis with this address in a language, or None."""
    return live_diagnoses(language).filter(slug=slug).select_related("locale", "picture").first()


def current_version(page: DiagnosisPage) -> DiagnosisVersion | None:
    """Return the version that a new run of a published page starts with."""
    return (
        DiagnosisVersion.objects.filter(translation_key=page.translation_key, language=normal_language(page.locale.language_code))
        .order_by("-number")
        .first()
    )


def translations_of(page: DiagnosisPage) -> list[DiagnosisPage]:
    """Return the published language versions of a diagnosis, itself included when it is published."""
    return list(DiagnosisPage.objects.live().public().filter(translation_key=page.translation_key).select_related("locale"))


def diagnosis_for(
    *,
    code: ErrorCode | None = None,
    model: ProductModel | None = None,
    family: ProductFamily | None = None,
    language: str | None = None,
    limit: int = FITTING,
) -> list[DiagnosisPage]:
    """Return the published diagnoses that fit, best first: those about the code, then about the model, then about the family.

    Args:
        code: only diagnoses that name this code (of its family, and of `model` where they name models).
        model: diagnoses that name the model, or its family without naming any model.
        family: diagnoses that name the family or one of its models.
        language: of the pages; by default the one in force.
        limit: how many at most.
    """
    wanted = _fits(code, model, family)
    if wanted is None:
        return []
    pages = live_diagnoses(language or get_language() or "").filter(wanted)
    named = Count("product_models", filter=Q(product_models=model) if model is not None else None, distinct=True)
    order = "-named" if model is not None else "named"
    return list(pages.annotate(named=named).order_by(order, "-popularity", "title").select_related("locale").distinct()[:limit])


def _fits(code: ErrorCode | None, model: ProductModel | None, family: ProductFamily | None) -> Q | None:
    of_model: Any = None
    if model is not None:
        of_model = Q(product_models=model) | Q(product_models__isnull=True, families=model.family_id)
    if code is not None:
        return Q(error_codes=code) & (Q(product_models=model) | Q(product_models__isnull=True) if model is not None else Q())
    if of_model is not None:
        return of_model
    if family is not None:
        return Q(families=family) | Q(product_models__family=family)
    return None
