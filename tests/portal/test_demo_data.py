"""The demo's data files: enough of everything, complete in both languages, pictures in the house's hand."""

import re
from collections.abc import Iterator
from typing import Any
from xml.dom import minidom

import pytest

from portal.demo.accounts import PASSWORD, demo_accounts
from portal.demo.data import ART, DATA, guides, read

HAN = re.compile(r"[\u4e00-\u9fff]")
BANNED = ("尊敬的", "Oops", "bear with us", "Click here")  # the empty phrases in Chinese are tests/house/test_source.py's
LINKS_OUT = re.compile(r"(?:href|src)\s*=\s*[\"']https?:|@import|<script|<image", re.IGNORECASE)


def strings(node: Any) -> Iterator[str]:
    """Yield every string below `node`."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)


def everything() -> list[Any]:
    return [guides(), *(read(path.stem) for path in DATA.glob("*.yaml"))]


def test_there_is_enough_of_everything():
    catalogue, people = read("catalogue"), read("people")
    requests = sum(len(row["asks"]) for row in read("tickets")) + len(read("queue"))
    assert len(catalogue["families"]) >= 6
    assert len(catalogue["models"]) >= 24
    assert len(catalogue["codes"]) >= 30
    assert len(guides()) >= 40
    assert len(read("announcements")) >= 3
    assert len(people["members"]) + len(people["contacts"]) == 41
    assert requests >= 120
    assert len(read("canned_replies")) >= 12


def test_guides_have_steps_warnings_and_pictures():
    kinds = [kind for guide in guides() for block in guide["body"] for kind in block]
    stepped = [guide for guide in guides() if sum(len(block.get("steps", [])) for block in guide["body"]) >= 3]
    assert len(stepped) >= 20
    assert kinds.count("warning") >= 15
    assert len([guide for guide in guides() if guide["kind"] == "faq"]) >= 12
    assert all(any("steps" in block or "faq" in block or "table" in block for block in guide["body"]) for guide in guides())


@pytest.mark.parametrize("guide", guides(), ids=lambda guide: guide["slug"])
def test_a_guide_is_complete_in_both_languages(guide):
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", guide["slug"])
    for field in ("title", "summary", "keywords"):
        chinese, english = guide[field]
        assert HAN.search(chinese)
        assert english
        assert not HAN.search(english)
    assert max(len(text) for text in guide["summary"]) <= 240
    for block in guide["body"]:
        for step in block.get("steps", []):
            assert {"title", "text", "image"} <= set(step)
            assert (ART / f"{step['image']}.svg").exists()


def test_no_words_that_the_house_does_not_use():
    said = "\n".join(text for part in everything() for text in strings(part))
    assert [word for word in BANNED if word in said] == []


def test_what_is_referred_to_exists():
    catalogue = read("catalogue")
    numbers = {row["number"] for row in catalogue["models"]}
    families = {row["slug"] for row in catalogue["families"]}
    slugs = {guide["slug"] for guide in guides()}
    parts = {row["number"] for row in catalogue["parts"]}
    for row in [*read("tickets"), *read("queue")]:
        assert set(row["shown"]) | set(row["read"]) <= slugs
        assert {ask[0] for ask in row.get("asks", [])} <= numbers
    for guide in guides():
        assert set(guide.get("models", [])) <= numbers
        assert set(guide.get("parts", [])) <= parts
        assert guide.get("family", next(iter(families))) in families
    for row in catalogue["codes"]:
        assert row["guide"] in slugs | {""}
        assert set(row.get("models", [])) <= numbers


def test_pictures_are_ours_and_follow_the_colour_scheme():
    drawings = sorted(ART.glob("*.svg"))
    assert len(drawings) >= 60
    for path in drawings:
        text = path.read_text(encoding="utf-8")
        assert minidom.parseString(text).documentElement.getAttribute("viewBox") == "0 0 320 240", path.name
        assert "prefers-color-scheme:dark" in text, path.name
        assert not LINKS_OUT.search(text.replace("http://www.w3.org/2000/svg", "")), path.name


def test_every_role_has_an_account_to_print():
    lines = "\n".join(demo_accounts())
    for row in [*read("people")["staff"], *read("people")["members"]]:
        assert row["email"] in lines
    assert {"agent", "second_line", "supervisor", "editor", "reviewer", "administrator"} <= {row["role"] for row in read("people")["staff"]}
    assert PASSWORD in lines
