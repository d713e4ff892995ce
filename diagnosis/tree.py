"""A diagnosis as plain data: questions that lead to outcomes, what can be wrong with them, and how they are kept as JSON. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

QUESTION = "question"
OUTCOME = "outcome"
UNSURE = "unsure"
"""The answer key of “not sure”, which every question offers beside its own answers."""

SOLVED_GUIDE = "solved_guide"
NEEDS_PART = "needs_part"
NEEDS_VISIT = "needs_visit"
DANGER = "danger"
ASK_PERSON = "ask_person"
OUTCOMES = (SOLVED_GUIDE, NEEDS_PART, NEEDS_VISIT, DANGER, ASK_PERSON)
FEWEST_ANSWERS = 2


@dataclass(frozen=True)
class Answer:
    """One answer of a question; `to` is the key of the node it leads to, `note` a short explanation below the answer."""

    key: str
    text: str
    to: str
    note: str = ""


@dataclass(frozen=True)
class Node:
    """A question or an outcome. The same keys stand in every language.

    Attributes:
        key: stable, made of small letters, digits and dashes; part of addresses.
        kind: QUESTION or OUTCOME.
        title: the question, or the outcome in a few words.
        text: how to look, or what to do; rich text as the CMS keeps it (render with `|richtext`).
        picture: primary key of an image, or None; `picture_alt` says what it shows.
        answers: of a question, in order.
        unsure_to: where “not sure” leads.
        why: why we ask; plain text.
        safety: a warning to read before doing what the node asks; plain text.
        outcome: of an outcome, one of OUTCOMES.
        guide_key: translation key of the guide that solves it.
        part: number of the part that is needed.
        phone: number to call, of a danger.
    """

    key: str
    kind: str
    title: str
    text: str = ""
    picture: int | None = None
    picture_alt: str = ""
    answers: tuple[Answer, ...] = ()
    unsure_to: str = ""
    why: str = ""
    safety: str = ""
    outcome: str = ""
    guide_key: str = ""
    part: str = ""
    phone: str = ""

    @property
    def is_question(self) -> bool:
        """Tell a question from an outcome."""
        return self.kind == QUESTION

    def ways(self) -> Iterator[tuple[str, str]]:
        """Yield (answer key, target key) of everything that can be answered here, “not sure” last."""
        if self.is_question:
            for answer in self.answers:
                yield answer.key, answer.to
            yield UNSURE, self.unsure_to

    def target(self, answer_key: str) -> str:
        """Return the key of the node an answer leads to. Raises KeyError for an answer this node does not have."""
        return dict(self.ways())[answer_key]

    def answer(self, answer_key: str) -> Answer | None:
        """Return the answer with this key, or None (“not sure” is no Answer)."""
        return next((answer for answer in self.answers if answer.key == answer_key), None)


@dataclass(frozen=True)
class Tree:
    """A diagnosis: where it begins and its nodes in the order they are written."""

    start: str
    nodes: dict[str, Node] = field(default_factory=dict)

    def node(self, key: str) -> Node | None:
        """Return a node, or None."""
        return self.nodes.get(key)

    def walk(self, answers: list[tuple[str, str]]) -> str:
        """Return the key of the node reached after answering (node key, answer key) in order; an answer that does not fit ends it."""
        here = self.start
        for node_key, answer_key in answers:
            node = self.nodes.get(here)
            if node is None or node_key != here or answer_key not in dict(node.ways()):
                return here
            here = node.target(answer_key)
        return here

    def reachable(self) -> set[str]:
        """Return the keys of all nodes that some answers lead to."""
        seen: set[str] = set()
        waiting = [self.start]
        while waiting:
            key = waiting.pop()
            if key in seen or key not in self.nodes:
                continue
            seen.add(key)
            waiting += [to for _answer, to in self.nodes[key].ways()]
        return seen

    def longest(self) -> int:
        """Return the most questions one can be asked on the way to an outcome (loops are not followed twice)."""
        return _longest(self)


@dataclass(frozen=True)
class Problem:
    """Something wrong with a tree: what (`code`), at which node, perhaps at which answer, about which other key."""

    code: str
    node_key: str = ""
    answer_key: str = ""
    about: str = ""


# Codes of problems; diagnosis/checks.py has the words.
EMPTY = "empty"
START_UNKNOWN = "start_unknown"
START_OUTCOME = "start_outcome"
NO_TITLE = "no_title"
FEW_ANSWERS = "few_answers"
ANSWER_EMPTY = "answer_empty"
ANSWER_TWICE = "answer_twice"
DEAD_END = "dead_end"
UNKNOWN_TARGET = "unknown_target"
UNSURE_NOWHERE = "unsure_nowhere"
LOOP = "loop"
UNREACHABLE = "unreachable"
OUTCOME_UNKNOWN = "outcome_unknown"
NO_GUIDE = "no_guide"
NO_WORDS = "no_words"
NO_PART = "no_part"
DANGER_WORDS = "danger_words"
DANGER_PHONE = "danger_phone"
PICTURE_ALT = "picture_alt"


def problems(tree: Tree) -> list[Problem]:
    """Return everything that keeps a tree from being published, in the order of its nodes; empty when it is sound.

    A sound tree ends whatever is answered, within as many answers as it has questions.
    """
    if not tree.nodes:
        return [Problem(EMPTY)]
    found: list[Problem] = []
    start = tree.nodes.get(tree.start)
    if start is None:
        found.append(Problem(START_UNKNOWN, about=tree.start))
    elif not start.is_question:
        found.append(Problem(START_OUTCOME, tree.start))
    rounds = loops(tree)
    reached = tree.reachable()
    for key, node in tree.nodes.items():
        found += _of_question(tree, node) if node.is_question else _of_outcome(node)
        found += [Problem(LOOP, key, answer, to) for answer, to in rounds.get(key, [])]
        if start is not None and key not in reached:
            found.append(Problem(UNREACHABLE, key))
    return found


def _common(node: Node) -> list[Problem]:
    found = [] if node.title.strip() else [Problem(NO_TITLE, node.key)]
    if node.picture is not None and not node.picture_alt.strip():
        found.append(Problem(PICTURE_ALT, node.key))
    return found


def _of_question(tree: Tree, node: Node) -> list[Problem]:
    found = _common(node)
    if len(node.answers) < FEWEST_ANSWERS:
        found.append(Problem(FEW_ANSWERS, node.key))
    seen: set[str] = set()
    for answer in node.answers:
        if not answer.text.strip():
            found.append(Problem(ANSWER_EMPTY, node.key, answer.key))
        elif answer.text.strip() in seen or answer.key == UNSURE:
            found.append(Problem(ANSWER_TWICE, node.key, answer.key))
        seen.add(answer.text.strip())
        if not answer.to:
            found.append(Problem(DEAD_END, node.key, answer.key))
        elif answer.to not in tree.nodes:
            found.append(Problem(UNKNOWN_TARGET, node.key, answer.key, answer.to))
    if not node.unsure_to:
        found.append(Problem(UNSURE_NOWHERE, node.key, UNSURE))
    elif node.unsure_to not in tree.nodes:
        found.append(Problem(UNKNOWN_TARGET, node.key, UNSURE, node.unsure_to))
    return found


def _of_outcome(node: Node) -> list[Problem]:
    found = _common(node)
    if node.outcome not in OUTCOMES:
        found.append(Problem(OUTCOME_UNKNOWN, node.key))
    elif node.outcome == DANGER:
        if not has_words(node.text):
            found.append(Problem(DANGER_WORDS, node.key))
        if not node.phone.strip():
            found.append(Problem(DANGER_PHONE, node.key))
    elif node.outcome == SOLVED_GUIDE and not node.guide_key:
        found.append(Problem(NO_GUIDE, node.key))
    elif node.outcome == NEEDS_PART and not node.part:
        found.append(Problem(NO_PART, node.key))
    elif node.outcome != SOLVED_GUIDE and not has_words(node.text):
        found.append(Problem(NO_WORDS, node.key))
    return found


def has_words(markup: str) -> bool:
    """Tell whether rich text says anything (`<p></p>` does not)."""
    inside, words = False, []
    for sign in markup:
        if sign == "<":
            inside = True
        elif sign == ">":
            inside = False
        elif not inside:
            words.append(sign)
    return bool("".join(words).replace("&nbsp;", " ").strip())


def loops(tree: Tree) -> dict[str, list[tuple[str, str]]]:
    """Return node key → (answer key, target) of the answers that lead back to a node one may have come from (depth first, no recursion)."""
    back: dict[str, list[tuple[str, str]]] = {}
    state: dict[str, int] = {}  # 1 on the way, 2 done
    for first in [tree.start, *tree.nodes]:
        if first not in tree.nodes or first in state:
            continue
        state[first] = 1
        path = [(first, tree.nodes[first].ways())]
        while path:
            key, ways = path[-1]
            step = next(ways, None)
            if step is None:
                state[key] = 2
                path.pop()
                continue
            answer, to = step
            if to not in tree.nodes:
                continue
            if state.get(to) == 1:
                back.setdefault(key, []).append((answer, to))
            elif to not in state:
                state[to] = 1
                path.append((to, tree.nodes[to].ways()))
    return back


def _longest(tree: Tree) -> int:
    back = {(key, answer) for key, ways in loops(tree).items() for answer, _to in ways}
    known: dict[str, int] = {}
    waiting = [tree.start]
    while waiting:
        key = waiting[-1]
        node = tree.nodes.get(key)
        if key in known or node is None or not node.is_question:
            known.setdefault(key, 0)
            waiting.pop()
            continue
        targets = [to for answer, to in node.ways() if (key, answer) not in back]
        missing = [to for to in targets if to not in known]
        if missing:
            waiting += missing
        else:
            known[key] = 1 + max((known[to] for to in targets), default=0)
            waiting.pop()
    return known[tree.start]


def shape(tree: Tree) -> dict[str, Any]:
    """Return what two language versions of a diagnosis must share: keys, kinds, answers and where they lead; no words."""
    return {
        "start": tree.start,
        "nodes": {key: (node.kind, node.outcome, tuple(sorted(node.ways()))) for key, node in tree.nodes.items()},
    }


def data_of(tree: Tree) -> dict[str, Any]:
    """Return a tree as JSON-able data: `{"start": key, "nodes": [node, …]}`, empty fields left out."""
    return {"start": tree.start, "nodes": [_node_data(node) for node in tree.nodes.values()]}


def _node_data(node: Node) -> dict[str, Any]:
    row = {name: value for name, value in asdict(node).items() if value not in ("", None, ())}
    if node.answers:
        row["answers"] = [{name: value for name, value in asdict(answer).items() if value != ""} for answer in node.answers]
    return row


NODE_FIELDS = frozenset(item.name for item in fields(Node)) - {"answers"}


def tree_from(data: Mapping[str, Any]) -> Tree:
    """Return the tree kept as `data`; unknown fields are ignored, missing ones are empty. A key that comes twice counts once."""
    nodes: dict[str, Node] = {}
    for row in data.get("nodes") or []:
        known = {name: value for name, value in row.items() if name in NODE_FIELDS}
        known.setdefault("title", "")
        known.setdefault("kind", QUESTION)
        answers = tuple(
            Answer(key=item.get("key", ""), text=item.get("text", ""), to=item.get("to", ""), note=item.get("note", ""))
            for item in row.get("answers") or []
        )
        if known.get("key"):
            nodes.setdefault(known["key"], Node(answers=answers, **known))
    return Tree(start=data.get("start") or "", nodes=nodes)
