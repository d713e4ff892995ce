"""What must not stand in a file that strangers read: leftovers, private paths, phrases that say nothing, secrets."""

import re

import pytest

from tests.house.sources import ROOT, files, name_of, text

HERE = "tests/house/test_source.py"
LEFTOVERS = {
    "a private path": r"/work/(main|shared|seed|\.)|/root/|/home/[a-z]+/|/tmp/h_",
    "an unfinished note": r"\b(TODO|FIXME|XXX|HACK)\b",
    "a placeholder": r"(?i)\blorem ipsum\b|\bcoming soon\b|not implemented yet",
    "a registry's address": r"(?i)(index-url|registry|maven)\S*\s*[=:]\s*https?://",
    "a phrase that says nothing": "温馨提示|暂无数据|点击此处|敬请期待",
    "a private key": "-----BEGIN [A-Z ]*PRIVATE KEY-----",
}
READ = files(".py", ".html", ".css", ".js", ".md", ".yaml", ".yml", ".toml", ".txt", ".po", ".svg", ".sh", "")


@pytest.mark.parametrize("what", LEFTOVERS)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(LEFTOVERS[what])
    offenders = []
    for path in READ:
        if name_of(path) == HERE:
            continue
        try:
            content = text(path)
        except UnicodeDecodeError:
            continue
        offenders += [f"{name_of(path)}:{content.count(chr(10), 0, hit.start()) + 1}: {hit.group()}" for hit in pattern.finditer(content)]
    assert offenders == []


def test_no_caret_of_a_merge_is_left() -> None:
    offenders = [
        name_of(path) for path in files(".py", ".html", ".css", ".js", ".md", ".po") if re.search(r"^<{7} |^>{7} ", text(path), re.M)
    ]
    assert offenders == []


def test_the_newcomer_s_files_exist() -> None:
    wanted = [
        "README.md",
        "LICENSE",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "Makefile",
        ".ci/run",
        "compose.yaml",
        "Dockerfile",
        ".env.example",
    ]
    wanted += [f"docs/{name}.md" for name in ("index", "architecture", "journeys", "adding-a-feature", "glossary", "events")]
    wanted += [f"docs/{name}.md" for name in ("configuration", "operations", "testing")]
    assert [name for name in wanted if not (ROOT / name).exists()] == []


def test_a_day_is_read_off_the_clock_of_the_place() -> None:
    """What is stored is in UTC: its `.date()` is yesterday until eight in the morning in Shanghai."""
    pattern = re.compile(r"\b\w*(?:_at|\bat|\bnow)(?:\s+or\s+[\w.]+_at\))?\.date\(\)|now\(\)\.date\(\)|\bdate\.today\(\)|datetime\.now\(\)")
    offenders = []
    for path in files(".py"):
        if name_of(path).startswith(("tests/", "benchmarks/")) or "/migrations/" in name_of(path):
            continue
        offenders += [f"{name_of(path)}: {hit.group()}" for hit in pattern.finditer(text(path))]
    assert offenders == []
