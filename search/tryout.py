"""What a question would find now, and with words that are not saved yet: for editors who try before they keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from search import panel
from search.answers import Hit
from search.dictionary import Dictionary, Expansion
from search.queries import found_hit, panel_hits
from search.runtime import service
from search.service import Found, SearchService
from search.store import RowStore

MOST = 10


@dataclass(slots=True)
class Tried:
    """One question tried: what was understood, how sure the answer is, and the first results with their place before.

    ``worth`` is ``sure``, ``weak`` (the page says that it is not sure) or ``none`` (nothing is shown); ``rows`` are
    ``{hit, place, was}``, ``was`` the place without the trial words, None when new.
    """

    question: str
    engine: str
    worth: str
    language: str
    codes: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    corrected: str = ""
    phrases: list[Expansion] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    foreign: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)
    panel: list[Hit] = field(default_factory=list)
    trial: bool = False


class _TrialStore(RowStore):
    """The rows, with one more line of synonyms in the dictionary."""

    def __init__(self, terms: str) -> None:
        self._terms = terms

    def dictionary(self) -> Dictionary:
        """The dictionary in force and the trial words."""
        return self.dictionary_with([(self._terms, False)])


def try_out(question: str, *, language: str, product: str | None = None, trial: str = "") -> Tried:
    """Ask a question as a visitor would, on the engine in force; ``trial`` are synonyms that are not saved.

    Nothing is written down. Raises nothing that the results page would not.
    """
    live = service()
    before = live.find(question, language=language, product=product)
    asked, found = live, before
    if trial.strip():
        asked = SearchService(_TrialStore(trial), live.embedded, live.main, live.circuit)
        found = asked.find(question, language=language, product=product)
    plan, known = found.plan, asked.knowledge()
    places = {document.key: place for place, (document, _) in enumerate(_shown(before), 1)}
    shown = _shown(found)
    return Tried(
        question=question,
        engine=found.engine,
        worth=_worth(found),
        language=plan.language,
        codes=plan.codes,
        models=[known.catalogue.models.get(model, model) for model in plan.models],
        corrected=plan.corrected,
        phrases=known.dictionary.expand(plan.text),
        ignored=[word for word in known.dictionary.stop_words if word in plan.text],
        own=sorted(known.dictionary.own_words(plan.text)),
        foreign=known.dictionary.names_foreign(plan.text),
        rows=[
            {"hit": found_hit(document, score, found, language), "place": place, "was": places.get(document.key)}
            for place, (document, score) in enumerate(shown[:MOST], 1)
        ],
        panel=panel_hits(found, language),
        trial=asked is not live,
    )


def _worth(found: Found) -> str:
    if not found.ranked:
        return panel.NONE
    if found.promoted:
        return panel.SURE
    return panel.verdict(found.plan, SearchService.confidence(found.plan, found.ranked[0][1]))


def _shown(found: Found) -> list[Any]:
    """What the results page would list."""
    worth = _worth(found)
    return found.ranked if worth == panel.SURE else found.ranked[: panel.MOST] if worth == panel.WEAK else []
