"""Reads of the catalogue: families, models by any spelling, error codes."""

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from products.codes import look_of, normal_code, normal_model
from products.models import ErrorCode, Market, ProductFamily, ProductModel

LONGEST = 60


def shown_models() -> QuerySet[ProductModel]:
    """Return the models that customers may see, with family and picture."""
    return ProductModel.objects.filter(is_active=True, family__is_active=True).select_related("family", "picture")


def shown_codes() -> QuerySet[ErrorCode]:
    """Return the error codes that customers may see, with their family."""
    return ErrorCode.objects.filter(is_active=True, family__is_active=True).select_related("family")


def families_with_counts() -> QuerySet[ProductFamily]:
    """Return the shown families in their order, each with `model_count` and `code_count`."""
    return (
        ProductFamily.objects.filter(is_active=True)
        .select_related("picture")
        .annotate(
            model_count=Count("models", filter=Q(models__is_active=True), distinct=True),
            code_count=Count("codes", filter=Q(codes__is_active=True), distinct=True),
        )
    )


def get_family(slug: str) -> ProductFamily | None:
    """Return the shown family at this address, or None."""
    return ProductFamily.objects.filter(slug=slug[:LONGEST].lower(), is_active=True).select_related("picture", "label_picture").first()


def get_model(slug: str, *, family_slug: str = "") -> ProductModel | None:
    """Return the shown model at this address (of this family, where given), or None."""
    rows = shown_models().filter(slug=slug[:LONGEST].lower())
    return rows.filter(family__slug=family_slug[:LONGEST].lower()).first() if family_slug else rows.first()


def find_model(text: str) -> ProductModel | None:
    """Return the shown model with this number or alias in any spelling (`kfr 35gw`, full width, letter O for zero), or None.

    A number wins over an alias; an alias that several models share finds none of them.
    """
    typed = normal_model(text[:LONGEST])
    if not typed:
        return None
    by_number = shown_models().filter(number_normal=typed).first()
    if by_number is not None:
        return by_number
    by_alias = list(shown_models().filter(aliases__text_normal=typed).distinct()[:2])
    return by_alias[0] if len(by_alias) == 1 else None


def codes_for(*, family: ProductFamily | None = None, model: ProductModel | None = None) -> list[ErrorCode]:
    """Return the shown codes of a family, or those one model can show (codes that name models belong to these only)."""
    rows = shown_codes()
    if model is not None:
        named = rows.filter(family_id=model.family_id)
        return list(named.filter(Q(only_models__isnull=True) | Q(only_models=model)).distinct())
    return list(rows.filter(family=family)) if family is not None else []


def get_code(family: ProductFamily | str, code: str) -> ErrorCode | None:
    """Return the shown code of a family (row or slug) in any spelling (`e-02`, `Ｅ２`, its other spellings, `L0` for `LO`), or None."""
    typed = normal_code(code[:LONGEST])
    if not typed:
        return None
    slug = family if isinstance(family, str) else family.slug
    return meant_code(shown_codes().filter(family__slug=slug[:LONGEST].lower()), typed)


def meant_code(codes: Iterable[ErrorCode], typed: str) -> ErrorCode | None:
    """Return the one of some codes that a normal form means: exactly, by another spelling, or by its looks if only one looks so."""
    rows = list(codes) if typed else []
    for row in rows:
        if row.code_normal == typed:
            return row
    spelt = [row for row in rows if typed in row.spellings_normal]
    alike = spelt or [row for row in rows if look_of(typed) in {look_of(form) for form in row.spellings_normal}]
    return alike[0] if len(alike) == 1 else None


def shown_markets() -> list[Market]:
    """Return the markets a reader can choose, in their order."""
    return list(Market.objects.filter(is_active=True))
