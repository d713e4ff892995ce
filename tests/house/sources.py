"""The project's own source files and their syntax trees, for the tests that read the house rules off the code."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = tuple(
    name
    for name in (
        "core",
        "accounts",
        "products",
        "warranty",
        "kb",
        "diagnosis",
        "tickets",
        "chat",
        "fieldservice",
        "search",
        "reports",
        "portal",
    )
    if (ROOT / name / "__init__.py").exists()
)
NOT_OURS = {
    ".venv",
    ".git",
    "var",
    "data_dir",
    "node_modules",
    "__pycache__",
    "vendor",
    "htmlcov",
    "staticfiles",
    "test-results",
    ".hypothesis",
}


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith("_cache")]
        for name in sorted(name for name in names if name not in NOT_OURS):
            yield Path(place) / name


@cache
def files(*suffixes: str, under: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Return our files with one of these suffixes, below the named top-level folders or anywhere."""
    places = [ROOT / name for name in under] if under else [ROOT]
    return tuple(path for place in places if place.exists() for path in _walk(place) if path.suffix in suffixes)


def product_modules() -> tuple[Path, ...]:
    """Return every Python module of the product: the apps, without migrations."""
    return tuple(path for path in files(".py", under=APPS) if "migrations" not in path.parts)


def templates() -> tuple[Path, ...]:
    """Return every template of the product."""
    return tuple(path for path in files(".html", ".txt", under=("templates", *APPS)) if "templates" in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def text(path: Path) -> str:
    """Return a file's text."""
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    """Return the path as people write it, from the project's root."""
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield (function name without its owner, call) for every call in a module."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name):
                yield function.id, node
            elif isinstance(function, ast.Attribute):
                yield function.attr, node


def first_text(call: ast.Call, position: int = 0) -> str | None:
    """Return a literal text argument of a call, or None where it is computed."""
    if len(call.args) > position:
        argument = call.args[position]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            return argument.value
    return None


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield (imported dotted name, line) for every import of a module, `from a import b` as both `a` and `a.b`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno
