"""Loads the demo's catalogue: families, models, parts, error codes and the problem tree."""

from typing import Any

from django.utils.text import slugify

from core.models import HearthImage
from portal.demo.data import pair, read
from products.codes import normal_code, normal_model
from products.models import ErrorCode, ModelAlias, Part, ProblemNode, ProductFamily, ProductModel

SEVERITY = {
    "self": ErrorCode.Severity.INFO,
    "watch": ErrorCode.Severity.CAREFUL,
    "service": ErrorCode.Severity.CAREFUL,
    "danger": ErrorCode.Severity.DANGER,
}


def load_catalogue(images: dict[str, HearthImage]) -> None:
    """Create what is missing of the catalogue; rows that are there keep what people made of them."""
    content = read("catalogue")
    families = {row["slug"]: _family(row, order, images) for order, row in enumerate(content["families"])}
    models = {row["number"]: _model(row, families, images) for row in content["models"]}
    for row in content["parts"]:
        part, created = Part.objects.get_or_create(number=row["number"], defaults=pair(row["name"], "name"))
        if created:
            part.fits.set([models[number] for number in row["models"]])
    for row in content["codes"]:
        _code(row, families, models)
    _problems(content["problems"], None, families)


def _family(row: dict[str, Any], order: int, images: dict[str, HearthImage]) -> ProductFamily:
    values = {
        **pair(row["name"], "name"),
        **pair(row["intro"], "summary"),
        **pair(row["label_text"], "label_hint"),
        "series": row["series"],
        "picture": images[row["art"]],
        "label_picture": images[row["label_art"]],
        "order": order,
    }
    return ProductFamily.objects.get_or_create(slug=row["slug"], defaults=values)[0]


def _model(row: dict[str, Any], families: dict[str, ProductFamily], images: dict[str, HearthImage]) -> ProductModel:
    values = {
        **pair(row["name"], "name"),
        "family": families[row["family"]],
        "slug": slugify(row["number"]),
        "number_normal": normal_model(row["number"]),
        "picture": images[row["art"]],
        "launched_on": row["launched"],
        "specs": [{"label_zh_hans": zh, "label_en": en, **_spec_values(value)} for zh, en, value in row["specs"]],
        "order": 100 - row["popular"],
    }
    model, created = ProductModel.objects.get_or_create(number=row["number"], defaults=values)
    if created:
        for alias in row["aliases"]:
            ModelAlias.objects.create(model=model, text=alias)
    return model


def _spec_values(value: str) -> dict[str, str]:
    """Return a specification in each language: `一级 / Grade 1` is split, a figure is the same in both."""
    chinese, slash, english = value.partition(" / ")
    if not slash or chinese.isascii():
        return {"value": value, "value_zh_hans": value, "value_en": value}
    return {"value": chinese, "value_zh_hans": chinese, "value_en": english}


def _code(row: dict[str, Any], families: dict[str, ProductFamily], models: dict[str, ProductModel]) -> None:
    values = {
        "code": row["code"],
        **pair(row["title"], "title"),
        **pair(row["meaning"], "meaning"),
        **pair(row["action"], "action"),
        "severity": SEVERITY[row["severity"]],
        "hazard": row["danger"],
        "other_spellings": ", ".join(_really_other(row["shown"], row["code"])),
    }
    code, created = ErrorCode.objects.get_or_create(family=families[row["family"]], code_normal=normal_code(row["code"]), defaults=values)
    if created:
        code.only_models.set([models[number] for number in row.get("models", [])])


def _really_other(spellings: list[str], code: str) -> list[str]:
    """Return the spellings in letters that do not come to the same as the code anyway; some displays show a sign instead."""
    return [spelling for spelling in spellings if spelling.isascii() and normal_code(spelling) != normal_code(code)]


def _problems(rows: list[dict[str, Any]], parent: ProblemNode | None, families: dict[str, ProductFamily]) -> None:
    for order, row in enumerate(rows):
        limits = row.get("families", [])
        family = families[limits[0]] if len(limits) == 1 else None
        values = {**pair(row["name"], "name"), "parent": parent, "order": order, "family": family}
        node, _created = ProblemNode.objects.get_or_create(key=row["key"], defaults=values)
        _problems(row.get("children", []), node, families)
