"""Layers inside an app point one way, third-party signals have one place, and our own do not exist."""

import ast

import pytest

from tests.house.sources import APPS, ROOT, files, imports, name_of, product_modules, text, tree

# The layer of a module inside its app, by the first folder or file name below the app; lower never imports higher.
RANKS = {
    "models": 0,
    "blocks": 0,
    "states": 0,
    "queries": 1,
    "permissions": 1,
    "actions": 2,
    "tasks": 3,
    "receivers": 3,
    "realtime": 3,
    "forms": 4,
    "views": 4,
    "consumers": 4,
    "wagtail_hooks": 4,
    "viewsets": 4,
    "urls": 5,
    "management": 5,
}
OWN_SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}


def layer(module: str) -> int | None:
    """Return the rank of a dotted module name inside its app, or None where the rule says nothing about it."""
    parts = module.split(".")
    return RANKS.get(parts[1]) if len(parts) > 1 else None


@pytest.mark.parametrize("app", [app for app in APPS if app != "portal"])
def test_layers_inside_an_app_point_one_way(app: str) -> None:
    offenders = []
    for path in product_modules():
        relative = path.relative_to(ROOT)
        if relative.parts[0] != app:
            continue
        own = layer(".".join(relative.with_suffix("").parts))
        for imported, line in imports(path):
            if own is not None and imported.split(".")[0] == app:
                theirs = layer(imported)
                if theirs is not None and theirs > own:
                    offenders.append(f"{name_of(path)}:{line} imports {imported}")
    assert offenders == []


def test_no_signals_of_our_own_and_receivers_have_one_place() -> None:
    offenders = []
    for path in product_modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("django.db.models.signals"):
                wrong = {alias.name for alias in node.names} & OWN_SIGNALS
                if path.name == "receivers.py":
                    wrong -= {"pre_delete", "post_delete"}  # the CMS deletes pages and snippets without asking an action
                if wrong:
                    offenders.append(f"{name_of(path)}:{node.lineno}: {', '.join(sorted(wrong))}")
            is_decorated = isinstance(node, ast.FunctionDef) and any(
                isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "receiver" for decorator in node.decorator_list
            )
            if is_decorated and path.name != "receivers.py":
                offenders.append(f"{name_of(path)}:{node.lineno}: a receiver outside receivers.py")
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Signal":
                offenders.append(f"{name_of(path)}:{node.lineno}: a signal of our own")
    assert offenders == []


def test_models_have_no_side_effects_in_save() -> None:
    """Mail, tasks, events and search are started by actions, never by saving a row."""
    forbidden = {"emit", "enqueue", "deliver", "send_mail", "index_document"}
    offenders = []
    for path in product_modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}:
                for inner in ast.walk(node):
                    called = getattr(getattr(inner, "func", None), "id", getattr(getattr(inner, "func", None), "attr", ""))
                    if called in forbidden:
                        offenders.append(f"{name_of(path)}:{inner.lineno}: {called} in {node.name}()")
    assert offenders == []


def test_actions_take_keywords_only() -> None:
    """A verb's arguments are named where it is called: at most the subject, or the (kind, pk) that names it, is positional."""
    offenders = []
    for path in product_modules():
        if "actions" not in {path.stem, path.parent.name} or path.name.startswith("_"):
            continue
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                positional = [argument.arg for argument in node.args.args]
                if len(positional) > 1 and positional != ["kind", "pk"]:
                    offenders.append(f"{name_of(path)}:{node.lineno}: {node.name}")
    assert offenders == []


def test_modules_open_with_their_purpose() -> None:
    missing = [name_of(path) for path in product_modules() if text(path).strip() and not ast.get_docstring(tree(path))]
    assert missing == []


def test_files_stay_readable() -> None:
    limit = 450
    long = {}
    for path in files(".py", ".html", ".css", ".js", under=(*APPS, "templates", "tests", "benchmarks")):
        if "migrations" in path.parts:
            continue
        lines = text(path).count("\n") + 1
        if lines > limit:
            long[name_of(path)] = lines
    assert long == {}
