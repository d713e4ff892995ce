"""The documentation's links lead somewhere and the files it names exist."""

import re
from pathlib import Path

import pytest

from tests.house.sources import APPS, ROOT, files, name_of, text

PAGES = [path for path in files(".md") if path.parent == ROOT or path.relative_to(ROOT).parts[0] in {"docs", "benchmarks"}]
TOP_LEVEL = (*APPS, "templates", "tests", "docs", "benchmarks", "locale", "deploy", ".ci")


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, made as the usual viewers make them."""
    headings = re.findall(r"^#+\s+(.+)$", text(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text(page), flags=re.DOTALL)):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        file = (page.parent / place).resolve() if place else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_files_it_names_exist(page: Path) -> None:
    folders = "|".join(map(re.escape, TOP_LEVEL))
    named = set(re.findall(rf"`((?:{folders})/[\w./-]+\.\w+)`", text(page)))
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_functions_it_names_beside_a_file_are_in_that_file(page: Path) -> None:
    """What stands as `file.py` (`one`, `other`) is defined there."""
    missing = []
    for file, names in re.findall(r"`([\w./-]+\.py)` \(((?:`\w+`(?:, )?)+)\)", text(page)):
        if not (ROOT / file).exists():
            continue  # told by the test above
        defined = set(re.findall(r"^\s*(?:async )?(?:def|class) (\w+)|^(\w+)\b[^=\n]*=", text(ROOT / file), re.MULTILINE))
        known = {name for pair in defined for name in pair if name}
        missing += [f"{file}: {name}" for name in re.findall(r"`(\w+)`", names) if name not in known]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_make_targets_it_names_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", text(page)))
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_commands_it_names_exist(page: Path) -> None:
    from django.core.management import get_commands

    named = set(re.findall(r"manage\.py ([a-z_]+)", text(page)))
    assert named - set(get_commands()) == set()
    modules = set(re.findall(r"python -m (benchmarks\.\w+)", text(page)))
    assert sorted(name for name in modules if not (ROOT / f"{name.replace('.', '/')}.py").exists()) == []
