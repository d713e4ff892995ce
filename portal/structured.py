"""Structured data (schema.org) of public pages."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.models import BrandSettings
from products.models import ProductModel


def organization(request: HttpRequest, brand: BrandSettings) -> dict[str, Any]:
    """Return Organization with its ContactPoint; empty settings are left out."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": brand.company or brand.name,
        "url": request.build_absolute_uri("/"),
    }
    if brand.hotline:
        data["contactPoint"] = {
            "@type": "ContactPoint",
            "telephone": brand.hotline,
            "contactType": "customer support",
            "availableLanguage": ["zh-Hans", "en"],
        }
    return data


def breadcrumbs(request: HttpRequest, home: str, crumbs: list[dict[str, str]]) -> dict[str, Any]:
    """Return BreadcrumbList for `crumbs` (label, url; the last without url is this page)."""
    entries = [{"label": _("Home"), "url": home}, *crumbs]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": place,
                "name": entry["label"],
                "item": request.build_absolute_uri(entry.get("url") or request.path),
            }
            for place, entry in enumerate(entries, start=1)
        ],
    }


def product(request: HttpRequest, brand: BrandSettings, model: ProductModel, image: str) -> dict[str, Any]:
    """Return Product for a model."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": model.name,
        "model": model.number,
        "mpn": model.number,
        "category": model.family.name,
        "brand": {"@type": "Brand", "name": brand.name},
        "url": request.build_absolute_uri(request.path),
    }
    if image:
        data["image"] = request.build_absolute_uri(image)
    return data
