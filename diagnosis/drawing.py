"""What the screens of the CMS need to show a tree: the drawing with words, the findings, and the same as a text outline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.models import HearthImage
from diagnosis import tree as t
from diagnosis.checks import Finding, findings, where_of
from diagnosis.graph import Box, Drawing, Note, draw
from diagnosis.outline import tree_of
from diagnosis.tree import Tree

SHORT = {
    t.SOLVED_GUIDE: pgettext_lazy("outcome", "Guide"),
    t.NEEDS_PART: pgettext_lazy("outcome", "Part"),
    t.NEEDS_VISIT: pgettext_lazy("outcome", "Visit"),
    t.DANGER: pgettext_lazy("outcome", "Danger"),
    t.ASK_PERSON: pgettext_lazy("outcome", "Ask a person"),
}
QUESTION_WORD = pgettext_lazy("node", "Question")


@dataclass(frozen=True)
class Way:
    """An answer in the text outline and where it leads, in words."""

    answer: str
    to: str
    target: str
    note: str = ""


@dataclass(frozen=True)
class Line:
    """A node in the text outline."""

    key: str
    where: str
    word: str
    ways: tuple[Way, ...]
    findings: tuple[str, ...]
    note: str = ""


def word_of(kind: str, outcome: str) -> str:
    """Return the short word for a node's kind."""
    return str(QUESTION_WORD if kind == t.QUESTION else SHORT.get(outcome, _("Outcome")))


def shown(
    tree: Tree,
    found: Iterable[Finding] = (),
    *,
    notes: Mapping[tuple[str, str], Note] | None = None,
    path: Iterable[tuple[str, str]] = (),
    here: str = "",
) -> dict[str, Any]:
    """Return what `diagnosis/cms/_graph.html` shows.

    Args:
        tree: sound or not.
        found: the findings, marked at their nodes and answers.
        notes: figures beside nodes and answers (see diagnosis.graph.draw).
        path: (node key, answer key) gone so far, `here`: where one stands; both are marked.
    """
    found = list(found)
    path = list(path)
    broken = {(item.node_key, item.answer_key) for item in found} | {(item.node_key, "") for item in found if item.node_key}
    drawing = draw(tree, unsure=_("Not sure"), notes=notes, broken=broken)
    _dress(drawing, tree, found, {node for node, _answer in path}, here)
    return {
        "drawing": drawing,
        "lines": _lines(drawing, set(path)),
        "outline": [_line(tree, box, found, notes or {}) for box in drawing.boxes],
        "findings": found,
    }


def _dress(drawing: Drawing, tree: Tree, found: list[Finding], passed: set[str], here: str) -> None:
    for box in drawing.boxes:
        box.word = word_of(box.kind, box.outcome)
        marks = [box.kind, box.outcome, "is-broken" if box.broken else "", "is-passed" if box.key in passed else ""]
        box.marks = " ".join(mark for mark in [*marks, "is-here" if box.key == here else ""] if mark)
        said = " ".join(item.words for item in found if item.node_key == box.key)
        box.aria = f"{box.word} {where_of(box.key, tree)} {box.note} {said}".strip()


def _lines(drawing: Drawing, path: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the lines with their classes, those that were gone last so that they lie on top."""
    rows = [
        {
            "path": line.path,
            "width": round(line.width, 1),
            "marks": f"{line.kind} is-passed" if (line.source, line.answer) in path else line.kind,
        }
        for line in drawing.lines
    ]
    return sorted(rows, key=lambda row: "is-passed" in row["marks"])


def _line(tree: Tree, box: Box, found: list[Finding], notes: Mapping[tuple[str, str], Note]) -> Line:
    node = tree.nodes[box.key]
    ways = []
    for key, to in node.ways():
        answer = node.answer(key)
        text = answer.text if answer else _("Not sure")
        ways.append(
            Way(text or "…", to if to in tree.nodes else "", where_of(to, tree) or _("nowhere"), notes.get((box.key, key), Note()).text)
        )
    said = tuple(item.words for item in found if item.node_key == box.key)
    return Line(box.key, where_of(box.key, tree), box.word, tuple(ways), said, box.note)


def preview_of(page: Any, *, graph: bool) -> dict[str, Any]:
    """Return what `diagnosis/preview.html` shows of a draft: its nodes in order with their pictures, and perhaps the graph."""
    tree = tree_of(page.outline)
    drawn = shown(tree, findings(page, tree))
    wanted = {node.picture for node in tree.nodes.values() if node.picture}
    pictures = HearthImage.objects.in_bulk(list(wanted))
    cards = [
        {"node": node, "word": word_of(node.kind, node.outcome), "picture": pictures.get(node.picture), "ways": line.ways}
        for node, line in zip(tree.nodes.values(), drawn["outline"], strict=True)
    ]
    return {"cards": cards, "show_graph": graph, **(drawn if graph else {})}
