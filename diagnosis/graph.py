"""Draws a tree from left to right: questions with their answers as rows, a line from each row to where it leads. Pure.

The layout is the usual layered one: nodes stand in columns by the longest way to them, long lines pass through empty places of the
columns between, the order within a column follows the neighbours, and the heights are the closest to the neighbours' that do not overlap.
Lines that lead back, which a sound tree has none of, are drawn below everything.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from diagnosis.tree import UNSURE, Tree, loops

WIDTH = 232
COLUMN_GAP = 76
ROW_GAP = 26
MARGIN = 14
LINE = 18
HEAD = 24
ROW = 25
PADDING = 10
LETTER = 13.5
SWEEPS = 6
DUMMY = 8
MOST_LINES = 3


@dataclass(frozen=True)
class Note:
    """What a drawing says beside the words: a short text, and how many of all went this way (0 to 1) for the width of the line."""

    text: str = ""
    share: float = 0.0


@dataclass(frozen=True)
class Row:
    """One answer of a question as drawn; `broken` when it leads nowhere."""

    key: str
    text: str
    y: float
    note: str = ""
    is_unsure: bool = False
    broken: bool = False


@dataclass
class Box:
    """One node as drawn; whoever shows it may add the word for its kind, further classes and its words for screen readers."""

    key: str
    number: int
    kind: str
    outcome: str
    title: str
    lines: list[str]
    rows: list[Row]
    x: float = 0
    y: float = 0
    width: float = WIDTH
    height: float = 0
    note: str = ""
    broken: bool = False
    word: str = ""
    marks: str = ""
    aria: str = ""


@dataclass(frozen=True)
class Line:
    """One way from an answer to a node, as the path of an SVG."""

    source: str
    answer: str
    target: str
    path: str
    kind: str  # answer, unsure or back
    width: float = 1.5


@dataclass
class Drawing:
    """Boxes and lines with the size of the whole."""

    width: float
    height: float
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def draw(
    tree: Tree,
    *,
    unsure: str,
    notes: Mapping[tuple[str, str], Note] | None = None,
    broken: set[tuple[str, str]] | None = None,
) -> Drawing:
    """Return the drawing of a tree, sound or not.

    Args:
        unsure: the words for “not sure”.
        notes: (node key, answer key) → note of a row; (node key, "") → note of a node.
        broken: (node key, answer key) or (node key, "") of what has a problem.
    """
    notes, broken = notes or {}, broken or set()
    boxes = {key: _box(tree, key, place, unsure, notes, broken) for place, key in enumerate(tree.nodes, start=1)}
    back = {(key, answer) for key, found in loops(tree).items() for answer, _to in found}
    layout = _Layout(tree, boxes, back)
    layout.arrange()
    lines = [
        Line(key, answer, to, layout.path(key, answer, to), _kind(key, answer, back), 1.5 + 6 * notes.get((key, answer), Note()).share)
        for key, node in tree.nodes.items()
        for answer, to in node.ways()
        if to in boxes
    ]
    width = max((box.x + box.width for box in boxes.values()), default=0) + MARGIN
    height = max((box.y + box.height for box in boxes.values()), default=0) + MARGIN
    depth = sum(1 for line in lines if line.kind == "back") * 12 + (14 if any(line.kind == "back" for line in lines) else 0)
    return Drawing(width + (MARGIN if back else 0), height + depth, list(boxes.values()), lines)


def _kind(key: str, answer: str, back: set[tuple[str, str]]) -> str:
    return "back" if (key, answer) in back else "unsure" if answer == UNSURE else "answer"


def width_of(text: str) -> float:
    """Return about how many units wide `text` is: Chinese signs count one em, others a little more than half."""
    return sum(LETTER if unicodedata.east_asian_width(sign) in "WF" else LETTER * 0.58 for sign in text)


def wrapped(text: str, width: float, most: int = MOST_LINES) -> list[str]:
    """Return `text` in lines that fit, cut with “…” after `most`; breaks at blanks, and between any two Chinese signs."""
    lines: list[str] = []
    current = ""
    for piece in _pieces(text):
        if current and width_of(current + piece.rstrip()) > width:
            lines.append(current.rstrip())
            current = piece.lstrip()
        else:
            current += piece
        while width_of(current) > width and len(current) > 1:
            cut = next(n for n in range(len(current), 0, -1) if n == 1 or width_of(current[:n]) <= width)
            if cut >= len(current):
                break
            lines.append(current[:cut])
            current = current[cut:]
    lines.append(current.rstrip())
    if len(lines) > most:
        lines = [*lines[: most - 1], shortened(lines[most - 1] + "…", width, force=True)]
    return lines


def shortened(text: str, width: float, *, force: bool = False) -> str:
    """Return `text`, cut with “…” where it is wider than `width`."""
    if width_of(text) <= width and not force:
        return text
    kept = text.rstrip("…")
    while kept and width_of(kept + "…") > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for sign in text:
        wide = unicodedata.east_asian_width(sign) in "WF"
        closing = sign in "，。？！：；、”）》,.?!:;)"
        if pieces and (closing or not (wide or pieces[-1].endswith(" ") or unicodedata.east_asian_width(pieces[-1][-1]) in "WF")):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


def _box(tree: Tree, key: str, number: int, unsure: str, notes: Mapping[tuple[str, str], Note], broken: set[tuple[str, str]]) -> Box:
    node = tree.nodes[key]
    lines = wrapped(node.title or "…", WIDTH - 2 * PADDING)
    note = notes.get((key, ""), Note()).text
    top = HEAD + len(lines) * LINE + PADDING + (LINE if note else 0)
    rows = []
    if node.is_question:
        for place, (answer_key, to) in enumerate(node.ways()):
            answer = node.answer(answer_key)
            text = answer.text if answer else unsure
            said = notes.get((key, answer_key), Note()).text
            room = WIDTH - 2 * PADDING - (width_of(said) + 8 if said else 0)
            rows.append(
                Row(
                    answer_key,
                    shortened(text or "…", room),
                    top + place * ROW + ROW / 2,
                    said,
                    answer is None,
                    to not in tree.nodes or (key, answer_key) in broken,
                )
            )
    height = top + len(rows) * ROW + (0 if rows else 2)
    return Box(key, number, node.kind, node.outcome, node.title, lines, rows, height=height, note=note, broken=(key, "") in broken)


class _Layout:
    """Places boxes; `""`-free names of empty places are tuples (source, target, column)."""

    def __init__(self, tree: Tree, boxes: dict[str, Box], back: set[tuple[str, str]]) -> None:
        self.boxes = boxes
        self.back = back
        self.ways = [
            (key, answer, to) for key, node in tree.nodes.items() for answer, to in node.ways() if to in boxes and (key, answer) not in back
        ]
        self.column = self._columns(list(tree.nodes))
        self.chains: dict[tuple[str, str], list[object]] = {}
        self.columns: list[list[object]] = [[] for _place in range(max(self.column.values(), default=-1) + 1)]
        self.y: dict[object, float] = {}
        self.before: dict[object, list[tuple[object, float]]] = {}
        self.after: dict[object, list[tuple[object, float]]] = {}

    def _columns(self, keys: list[str]) -> dict[str, int]:
        waiting = dict.fromkeys(keys, 0)
        for _key, _answer, to in self.ways:
            waiting[to] += 1
        found = dict.fromkeys(keys, 0)
        ready = [key for key in keys if not waiting[key]]
        for key in ready:
            for source, _answer, to in self.ways:
                if source == key:
                    found[to] = max(found[to], found[key] + 1)
                    waiting[to] -= 1
                    if not waiting[to]:
                        ready.append(to)
        return found

    def height(self, name: object) -> float:
        return self.boxes[name].height if isinstance(name, str) else DUMMY

    def arrange(self) -> None:
        """Give every box its place."""
        for key in self.boxes:
            self.columns[self.column[key]].append(key)
        for key, answer, to in self.ways:
            self._chain(key, answer, to)
        for sweep in range(SWEEPS):
            self._order(forwards=sweep % 2 == 0)
        for column in self.columns:
            self._stack(column, {})
        for sweep in range(SWEEPS):
            self._settle(forwards=sweep % 2 == 0)
        lowest = min((self.y[key] for key in self.boxes), default=0)
        for name in self.y:
            self.y[name] += MARGIN - lowest
        for key, box in self.boxes.items():
            box.x = MARGIN + self.column[key] * (WIDTH + COLUMN_GAP)
            box.y = round(self.y[key], 1)

    def _port(self, key: str, answer: str) -> float:
        return next(row.y for row in self.boxes[key].rows if row.key == answer)

    def _chain(self, key: str, answer: str, to: str) -> None:
        """Join a row and a node through one empty place in each column between; ways between the same two nodes share theirs."""
        names = self.chains.get((key, to))
        if names is None:
            names = [(key, to, column) for column in range(self.column[key] + 1, self.column[to])]
            self.chains[key, to] = names
            for name in names:
                self.columns[name[2]].append(name)  # type: ignore[index]
            stops: list[object] = [*names, to]
            for one, two in pairwise(stops):
                self._join(one, DUMMY / 2, two)
        self._join(key, self._port(key, answer), names[0] if names else to)

    def _join(self, one: object, port: float, two: object) -> None:
        self.after.setdefault(one, []).append((two, port))
        self.before.setdefault(two, []).append((one, port))

    def _order(self, *, forwards: bool) -> None:
        places = {name: place + 0.0 for column in self.columns for place, name in enumerate(column)}
        for column in self.columns if forwards else reversed(self.columns):
            wish: dict[object, float] = {}
            for place, name in enumerate(column):
                near = self.before.get(name, []) if forwards else self.after.get(name, [])
                ports = [places[other] + (port / self.height(other) if forwards else port / 1000) for other, port in near]
                wish[name] = sum(ports) / len(ports) if ports else place
            column.sort(key=lambda name: wish[name])
            places.update({name: place + 0.0 for place, name in enumerate(column)})

    def _settle(self, *, forwards: bool) -> None:
        for column in self.columns if forwards else reversed(self.columns):
            wishes: dict[object, float] = {}
            for name in column:
                if forwards:
                    ports = [self.y[other] + port for other, port in self.before.get(name, [])]
                    wishes[name] = sum(ports) / len(ports) - self._entry(name) if ports else self.y[name]
                else:
                    ports = [self.y[other] + self._entry(other) - port for other, port in self.after.get(name, [])]
                    wishes[name] = sum(ports) / len(ports) if ports else self.y[name]
            self._stack(column, wishes)

    def _entry(self, name: object) -> float:
        return HEAD / 2 + 6 if isinstance(name, str) else DUMMY / 2

    def _stack(self, column: list[object], wishes: Mapping[object, float]) -> None:
        """Place a column in its order, without overlap, with the least sum of squared distances from the wishes."""
        groups: list[tuple[float, float, list[object]]] = []  # mean wish less offset, weight, names
        offset = 0.0
        offsets: dict[object, float] = {}
        for name in column:
            offsets[name] = offset
            groups.append((wishes.get(name, offset) - offset, 1.0, [name]))
            offset += self.height(name) + ROW_GAP
            while len(groups) > 1 and groups[-2][0] > groups[-1][0]:
                (one, many, first), (two, more, second) = groups[-2:]
                groups[-2:] = [((one * many + two * more) / (many + more), many + more, first + second)]
        for base, _weight, names in groups:
            for name in names:
                self.y[name] = base + offsets[name]

    def path(self, key: str, answer: str, to: str) -> str:
        """Return the SVG path from a row to a node."""
        box, end = self.boxes[key], self.boxes[to]
        x, y = box.x + WIDTH, box.y + self._port(key, answer)
        if (key, answer) in self.back:
            return self._round_below(x, y, end)
        steps = [f"M{x:.0f} {y:.0f}"]
        for name in self.chains[key, to]:
            left = MARGIN + name[2] * (WIDTH + COLUMN_GAP)  # type: ignore[index]
            middle = self.y[name] + DUMMY / 2
            steps += [_curve(x, y, left, middle), f"L{left + WIDTH:.0f} {middle:.0f}"]
            x, y = left + WIDTH, middle
        return "".join([*steps, _curve(x, y, end.x - 5, end.y + self._entry(to))])

    def _round_below(self, x: float, y: float, end: Box) -> str:
        bottom = max(box.y + box.height for box in self.boxes.values()) + 16
        left, top = end.x - 5, end.y + self._entry(end.key)
        return (
            f"M{x:.0f} {y:.0f}C{x + 40:.0f} {y:.0f} {x + 40:.0f} {bottom:.0f} {x:.0f} {bottom:.0f}"
            f"L{left:.0f} {bottom:.0f}C{left - 11:.0f} {bottom:.0f} {left - 11:.0f} {top:.0f} {left:.0f} {top:.0f}"
        )


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    bend = max((to_x - x) / 2, 20)
    return f"C{x + bend:.0f} {y:.0f} {to_x - bend:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"
