"""What keeps a diagnosis from its readers, in words: the mistakes of its tree and those that only the catalogue and the guides tell."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Conflict
from diagnosis import tree as t
from diagnosis.outline import tree_of
from diagnosis.tree import UNSURE, Problem, Tree, problems, shape
from kb.models import GuidePage
from kb.translations import source_locale_id
from products.models import Part

GUIDE_GONE = "guide_gone"
PART_GONE = "part_gone"
OTHER_SHAPE = "other_shape"

WORDS = {
    t.EMPTY: gettext_lazy("There is no question yet."),
    t.START_UNKNOWN: gettext_lazy("There is no question to begin with."),
    t.START_OUTCOME: gettext_lazy("A diagnosis begins with a question, not with an outcome."),
    t.NO_TITLE: gettext_lazy("It has no words yet."),
    t.FEW_ANSWERS: gettext_lazy("A question needs at least two answers."),
    t.ANSWER_EMPTY: gettext_lazy("An answer has no words."),
    t.ANSWER_TWICE: gettext_lazy("The answer “%(answer)s” stands there twice."),
    t.DEAD_END: gettext_lazy("The answer “%(answer)s” leads nowhere. Choose what comes next."),
    t.UNKNOWN_TARGET: gettext_lazy("The answer “%(answer)s” leads to something that is no longer there."),
    t.UNSURE_NOWHERE: gettext_lazy("Say where “not sure” leads."),
    t.LOOP: gettext_lazy("The answer “%(answer)s” leads back to “%(target)s”: people would go round in circles."),
    t.UNREACHABLE: gettext_lazy("No answer leads here."),
    t.OUTCOME_UNKNOWN: gettext_lazy("Choose what kind of outcome it is."),
    t.NO_GUIDE: gettext_lazy("Choose the guide that solves it."),
    t.NO_WORDS: gettext_lazy("Say what to do."),
    t.NO_PART: gettext_lazy("Choose the part that is needed."),
    t.DANGER_WORDS: gettext_lazy("A danger needs words: what to do at once, and what not to touch."),
    t.DANGER_PHONE: gettext_lazy("A danger needs a number to call."),
    t.PICTURE_ALT: gettext_lazy("Say in words what the picture shows."),
    GUIDE_GONE: gettext_lazy("The guide is not published."),
    PART_GONE: gettext_lazy("The part is no longer in the catalogue."),
    OTHER_SHAPE: gettext_lazy(
        "This version asks differently than the source does: questions, answers or ways differ. Both must be the same."
    ),
}


@dataclass(frozen=True)
class Finding:
    """One problem as an editor reads it: at which node (`where` with its number and words, may be empty) and what to do."""

    code: str
    node_key: str
    answer_key: str
    where: str
    words: str


def findings(page: Any, tree: Tree | None = None) -> list[Finding]:
    """Return everything that keeps a page from being published, in the order of its nodes; empty when it is sound.

    Args:
        page: a DiagnosisPage, saved or not.
        tree: of what is being written; the page's own by default.
    """
    tree = tree if tree is not None else tree_of(page.outline)
    found = [*problems(tree), *_outside(tree)]
    order = {key: place for place, key in enumerate(tree.nodes)}
    found.sort(key=lambda problem: order.get(problem.node_key, -1))
    if not found and _differs_from_source(page, tree):
        found.append(Problem(OTHER_SHAPE))
    return [finding_of(problem, tree) for problem in found]


def finding_of(problem: Problem, tree: Tree) -> Finding:
    """Return a problem in the words of the active language."""
    node = tree.node(problem.node_key)
    answer = node.answer(problem.answer_key) if node else None
    said = answer.text if answer else _("Not sure") if problem.answer_key == UNSURE else ""
    about = tree.node(problem.about)
    words = str(WORDS[problem.code]) % {"answer": said or "…", "target": about.title if about else ""}
    return Finding(problem.code, problem.node_key, problem.answer_key, where_of(problem.node_key, tree), words)


def where_of(key: str, tree: Tree) -> str:
    """Return a node as editors know it, `3. Does the pump hum?`; empty for none."""
    node = tree.node(key)
    if node is None:
        return ""
    return f"{list(tree.nodes).index(key) + 1}. {node.title or _('(no words yet)')}"


def refuse_broken(page: Any) -> None:
    """Raise Conflict (`broken_diagnosis`) with the first finding when a page may not go before its readers."""
    found = findings(page)
    if found:
        first = found[0]
        raise Conflict(
            _("This diagnosis cannot be published yet. %(where)s %(words)s") % {"where": first.where, "words": first.words},
            code="broken_diagnosis",
        )


def _outside(tree: Tree) -> list[Problem]:
    """Return the outcomes whose guide or part is not there (any more)."""
    guides = {node.guide_key for node in tree.nodes.values() if node.guide_key and node.outcome == t.SOLVED_GUIDE}
    parts = {node.part for node in tree.nodes.values() if node.part and node.outcome == t.NEEDS_PART}
    live = {str(key) for key in GuidePage.objects.live().filter(translation_key__in=guides).values_list("translation_key", flat=True)}
    known = set(Part.objects.filter(number__in=parts).values_list("number", flat=True))
    gone = [Problem(GUIDE_GONE, node.key) for node in tree.nodes.values() if node.guide_key in guides - live]
    return gone + [Problem(PART_GONE, node.key) for node in tree.nodes.values() if node.part in parts - known]


def _differs_from_source(page: Any, tree: Tree) -> bool:
    """Tell whether a translation asks differently than its published source."""
    if not page.pk or not page.locale_id:
        return False
    source = type(page).objects.live().filter(translation_key=page.translation_key, locale_id=source_locale_id(page)).exclude(pk=page.pk)
    found = source.first()
    return found is not None and shape(tree_of(found.outline)) != shape(tree)
