"""Where a run stands: the path its answers make through a tree, what a changed answer keeps, how far there is to go. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diagnosis.tree import Node, Tree


@dataclass(frozen=True)
class Given:
    """One answer that counts: at which node, which answer."""

    node_key: str
    answer_key: str


@dataclass(frozen=True)
class Change:
    """What answering a question does to the answers that counted before.

    Attributes:
        path: the answers that count now, in order; the given one is among them.
        dropped: node keys of earlier answers that no longer count, in their old order.
        here: key of the node one stands at now.
        changed: whether anything is different from before; False when the same answer came again.
    """

    path: tuple[Given, ...]
    dropped: tuple[str, ...]
    here: str
    changed: bool


@dataclass(frozen=True)
class Progress:
    """How far a run has come, in questions: the number of the present one, and how many more there can be at most after it."""

    number: int
    left: int

    @property
    def total(self) -> int:
        """The most questions this run can have."""
        return self.number + self.left


class NotOnThePath(ValueError):
    """The question is neither the present one nor one that was answered on the way to it."""


class UnknownAnswer(ValueError):
    """The question has no such answer."""


def follow(tree: Tree, answers: Mapping[str, str]) -> tuple[tuple[Given, ...], str]:
    """Return the answers that lie on the way from the start, in order, and the key of the node that has none yet (or is an outcome).

    Args:
        answers: node key → answer key, in any order; what does not lie on the way is ignored, and so is what a node does not know.
    A node is never passed twice, so this ends in a tree with loops, too.
    """
    path: list[Given] = []
    here, passed = tree.start, set[str]()
    while here not in passed:
        passed.add(here)
        node = tree.node(here)
        answer = answers.get(here)
        if node is None or not node.is_question or answer is None or answer not in dict(node.ways()):
            break
        path.append(Given(here, answer))
        here = node.target(answer)
    return tuple(path), here


def standing(tree: Tree, given: Iterable[Given]) -> str:
    """Return the key of the node these answers lead to."""
    return follow(tree, {item.node_key: item.answer_key for item in given})[1]


def give(tree: Tree, given: Iterable[Given], node_key: str, answer_key: str) -> Change:
    """Return what becomes of the answers `given` so far when `answer_key` is given at `node_key`, now or in place of an earlier one.

    Later answers are kept where they still lie on the way; the others are dropped.
    Raises NotOnThePath, or UnknownAnswer; both leave everything as it was.
    """
    before = {item.node_key: item.answer_key for item in given}
    path, here = follow(tree, before)
    passed = [item.node_key for item in path]
    node = tree.node(node_key)
    if node is None or not node.is_question or (node_key != here and node_key not in passed):
        raise NotOnThePath(node_key)
    if answer_key not in dict(node.ways()):
        raise UnknownAnswer(answer_key)
    now, stands = follow(tree, {**before, node_key: answer_key})
    kept = {item.node_key for item in now}
    return Change(
        path=now,
        dropped=tuple(key for key in before if key not in kept),
        here=stands,
        changed=before.get(node_key) != answer_key,
    )


def most_left(tree: Tree, node_key: str) -> int:
    """Return the most questions there can be after this one until an outcome (0 at an outcome); loops are not followed."""
    return max(_depth(tree, node_key) - 1, 0)


def _depth(tree: Tree, node_key: str) -> int:
    """Return the most questions from this node on, itself included; depth first without recursion."""
    known: dict[str, int] = {}
    waiting = [(node_key, False)]
    passing: set[str] = set()
    while waiting:
        key, seen = waiting.pop()
        node = tree.node(key)
        if node is None or not node.is_question:
            known[key] = 0
        elif seen:
            known[key] = 1 + max((known.get(to, 0) for _answer, to in node.ways()), default=0)
            passing.discard(key)
        elif key not in known and key not in passing:
            passing.add(key)
            waiting.append((key, True))
            waiting += [(to, False) for _answer, to in node.ways()]
    return known.get(node_key, 0)


def progress(tree: Tree, given: Iterable[Given], node_key: str = "") -> Progress:
    """Return how far the run is at its present question, or at the answered question `node_key`.

    The total never grows from one question to the next as long as no earlier answer is changed.
    """
    path, here = follow(tree, {item.node_key: item.answer_key for item in given})
    passed = [item.node_key for item in path]
    at = node_key if node_key in passed else here
    number = passed.index(at) + 1 if at in passed else len(passed) + 1
    node = tree.node(at)
    if node is None or not node.is_question:
        return Progress(len(passed), 0)
    return Progress(number, most_left(tree, at))


def before(tree: Tree, given: Iterable[Given], node_key: str) -> str:
    """Return the key of the question before this node on the way, or an empty string at the first one and off the way."""
    path, here = follow(tree, {item.node_key: item.answer_key for item in given})
    order = [item.node_key for item in path] + [here]
    place = order.index(node_key) if node_key in order else 0
    return order[place - 1] if place else ""


def words(node: Node | None, answer_key: str, *, unsure: str) -> str:
    """Return an answer in words: its text, `unsure` for “not sure”, its key where the node is not known."""
    answer = node.answer(answer_key) if node is not None else None
    if answer is not None:
        return answer.text
    return unsure if node is not None and answer_key in dict(node.ways()) else answer_key
