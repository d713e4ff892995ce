"""Finds every text meant for translation in the product's Python and templates, without gettext's tools."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from tests.house.sources import calls, name_of, product_modules, templates, text

SINGLE = {"gettext", "gettext_lazy", "gettext_noop", "_", "trans"}
CONTEXT = {"pgettext", "pgettext_lazy"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT_PLURAL = {"npgettext", "npgettext_lazy"}
LITERAL = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"\b(_|gettext|pgettext|ngettext|npgettext)\(\s*{LITERAL}(?:\s*,\s*{LITERAL})?(?:\s*,\s*{LITERAL})?")

Message = tuple[str | None, str, str]  # context, msgid, where


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def of_python(path: Path) -> Iterator[Message]:
    """Yield the messages of one module. Raises AssertionError for a computed msgid, which no catalogue can hold."""
    for function, call in calls(path):
        if function not in SINGLE | CONTEXT | PLURAL | CONTEXT_PLURAL or not call.args:
            continue
        where = f"{name_of(path)}:{call.lineno}"
        values = [_constant(argument) for argument in call.args[:2]]
        if values[0] is None:
            continue
        if function in SINGLE | PLURAL:
            yield None, values[0], where
        elif len(values) > 1 and values[1] is not None:
            yield values[0], values[1], where


def of_template(path: Path) -> Iterator[Message]:
    """Yield the messages of one template, with Django's own reading of its tags."""
    source = text(path)
    if "trans" not in source and "_(" not in source:
        return
    for hit in IN_TEMPLATE.finditer(templatize(source, origin=name_of(path))):
        function, *literals = hit.groups()
        values = [ast.literal_eval(literal) for literal in literals if literal]
        if function in {"_", "gettext", "ngettext"}:
            yield None, values[0], name_of(path)
        elif len(values) > 1:
            yield values[0], values[1], name_of(path)


def used() -> dict[tuple[str | None, str], str]:
    """Return every message of the product with the first place that uses it."""
    found: dict[tuple[str | None, str], str] = {}
    for path in product_modules():
        for context, msgid, where in of_python(path):
            found.setdefault((context, msgid), where)
    for path in templates():
        for context, msgid, where in of_template(path):
            found.setdefault((context, msgid), where)
    return found


def computed() -> list[str]:
    """Return the places that ask for the translation of an f-string, which can never be found."""
    return [
        f"{name_of(path)}:{call.lineno}"
        for path in product_modules()
        for function, call in calls(path)
        if function in SINGLE | CONTEXT | PLURAL and any(isinstance(argument, ast.JoinedStr) for argument in call.args[:2])
    ]
