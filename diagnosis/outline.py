"""Reads the outline an editor writes into the plain tree, and gives nodes and answers their lasting keys."""

import re
import secrets
from typing import Any

from wagtail.blocks import StreamValue

from diagnosis.tree import OUTCOME, QUESTION, UNSURE, Answer, Node, Tree, data_of
from kb.slugs import slug_from

KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
ANSWER_LENGTH = 22
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_key() -> str:
    """Return a short random key for a node."""
    return "n" + "".join(secrets.choice(_ALPHABET) for _place in range(6))


def is_key(key: str) -> bool:
    """Tell whether `key` can stand in an address."""
    return KEY.fullmatch(key) is not None


def give_keys(outline: StreamValue) -> bool:
    """Give every node and answer without a usable key of its own a new one, in place. Returns whether anything changed.

    The first of two nodes with one key (a block that was duplicated) keeps it, so that targets stay what they were.
    """
    taken: set[str] = set()
    changed = False
    for block in outline:
        value = block.value
        key = value.get("key") or ""
        if not is_key(key) or key in taken:
            value["key"] = key = _free(taken)
            changed = True
        taken.add(key)
        if block.block_type == QUESTION:
            changed |= _give_answer_keys(value["answers"])
    return changed


def _free(taken: set[str]) -> str:
    key = new_key()
    while key in taken:
        key = new_key()
    return key


def _give_answer_keys(answers: Any) -> bool:
    taken = {UNSURE}
    changed = False
    for answer in answers:
        key = answer.get("key") or ""
        if not is_key(key) or key in taken:
            base = _short(slug_from(answer.get("text") or "")) or "answer"
            key = next(name for name in (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))) if name not in taken)
            answer["key"] = key
            changed = True
        taken.add(key)
    return changed


def _short(slug: str) -> str:
    """Return a slug of at most ANSWER_LENGTH signs, cut between words."""
    return slug if len(slug) <= ANSWER_LENGTH else slug[: ANSWER_LENGTH + 1].rsplit("-", 1)[0][:ANSWER_LENGTH].strip("-")


def tree_of(outline: StreamValue | None) -> Tree:
    """Return the tree an outline describes; it begins at the first question. Blocks whose key comes a second time are left out."""
    nodes: dict[str, Node] = {}
    start = ""
    for block in outline or []:
        node = _question(block.value) if block.block_type == QUESTION else _outcome(block.value)
        nodes.setdefault(node.key, node)
        if not start and node.is_question:
            start = node.key
    return Tree(start=start or next(iter(nodes), ""), nodes=nodes)


def _text(value: Any) -> str:
    """Return the source of rich text, or plain text without blanks around it."""
    return str(getattr(value, "source", value) or "").strip()


def _shared(value: Any) -> dict[str, Any]:
    picture = value.get("picture")
    return {
        "key": value.get("key") or "",
        "title": _text(value.get("title")),
        "text": _text(value.get("text")),
        "safety": _text(value.get("safety")),
        "picture": picture.pk if picture else None,
        "picture_alt": _text(value.get("picture_alt")),
    }


def _question(value: Any) -> Node:
    answers = tuple(
        Answer(key=item.get("key") or "", text=_text(item.get("text")), to=_text(item.get("to")), note=_text(item.get("note")))
        for item in value.get("answers") or []
    )
    return Node(kind=QUESTION, answers=answers, unsure_to=_text(value.get("unsure_to")), why=_text(value.get("why")), **_shared(value))


def _outcome(value: Any) -> Node:
    guide = value.get("guide")
    return Node(
        kind=OUTCOME,
        outcome=value.get("outcome") or "",
        guide_key=str(guide.translation_key) if guide else "",
        part=value.get("part") or "",
        phone=_text(value.get("phone")),
        **_shared(value),
    )


def content_of(page: Any) -> dict[str, Any]:
    """Return everything a run needs of a page as JSON-able data: words around the tree, and the tree itself."""
    return {
        "title": page.title,
        "summary": page.summary,
        "safety": _text(page.safety),
        "minutes": page.minutes,
        **data_of(tree_of(page.outline)),
    }
