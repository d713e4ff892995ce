"""Rows every installation starts with, from policy.yaml: part groups, terms, reasons for returning a registration. Edited rows stay."""

from pathlib import Path
from typing import Any

import yaml

from products.models import ProductFamily, ProductModel
from warranty.models import PartGroup, ReturnReason, WarrantySettings, WarrantyTerm

POLICY = Path(__file__).with_name("policy.yaml")


def policy() -> dict[str, Any]:
    """Return the shipped policy."""
    content: dict[str, Any] = yaml.safe_load(POLICY.read_text(encoding="utf-8"))
    return content


def _pair(value: list[str], field: str) -> dict[str, str]:
    return {f"{field}_zh_hans": value[0], f"{field}_en": value[1]}


def load_defaults() -> None:
    """Create the rows that are missing; terms of a family or model are made once it exists."""
    content = policy()
    for order, (key, name) in enumerate(content["groups"].items()):
        PartGroup.objects.get_or_create(key=key, defaults={**_pair(name, "name"), "order": order})
    groups = {group.key: group for group in PartGroup.objects.all()}
    families = {family.slug: family for family in ProductFamily.objects.all()}
    for row in content["terms"]:
        _term(row, families, groups)
    for order, row in enumerate(content["reasons"]):
        texts = {**_pair(row["name"], "name"), **_pair(row["text"], "text")}
        ReturnReason.objects.get_or_create(key=row["key"], defaults={**texts, "order": order})
    settings = WarrantySettings.load()
    if not (settings.exclusions_zh_hans or settings.exclusions_en):
        settings.exclusions_zh_hans, settings.exclusions_en = content["never"]
        settings.save()


def _term(row: dict[str, Any], families: dict[str, ProductFamily], groups: dict[str, PartGroup]) -> None:
    model = ProductModel.objects.filter(number=row["model"]).select_related("family").first() if "model" in row else None
    family = model.family if model else families.get(row.get("family", ""))
    if ("model" in row and model is None) or ("family" in row and family is None):
        return
    group = groups.get(row.get("group", ""))
    values = {
        **_pair(row["name"], "name"),
        "family": family,
        "model": model,
        "group": group,
        "use": row.get("use", WarrantyTerm.Use.HOME),
        "months": row["months"],
        "start": row.get("start", WarrantyTerm.Start.PURCHASE),
        "valid_from": row["from"],
        "valid_until": row.get("until"),
        "on_replacement": WarrantyTerm.OnReplacement.INHERIT if group else WarrantyTerm.OnReplacement.RESTART,
    }
    WarrantyTerm.objects.get_or_create(key=row["key"], defaults=values)
