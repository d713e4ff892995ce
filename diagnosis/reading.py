"""How a diagnosis reads: the same look at its words as guides get; advice, never a hindrance."""

from typing import Any

from diagnosis.checks import where_of
from diagnosis.tree import Tree
from kb.models.previews import measures_for
from kb.readability import Finding, Passage, look_at, plain


def passages_of(page: Any, tree: Tree) -> list[Passage]:
    """Return everything that is read of a diagnosis, with the node it stands at; no node is a step of its own."""
    found = [Passage(str(page._meta.get_field(name).verbose_name), plain(getattr(page, name))) for name in ("title", "summary", "safety")]
    for key, node in tree.nodes.items():
        where = where_of(key, tree)
        found += [Passage(where, node.title), Passage(where, plain(node.text), node.text)]
        found += [Passage(where, words) for words in (node.why, node.safety) if words]
        found += [Passage(where, words) for answer in node.answers for words in (answer.text, answer.note) if words]
    return found


def advice_for(page: Any, tree: Tree) -> list[Finding]:
    """Return what to look at in the words of a diagnosis, by the installation's measures."""
    language = page.locale.language_code if page.locale_id else "zh-hans"
    return look_at(passages_of(page, tree), language, measures_for(language))
