"""The query path: understanding, the engine that can answer, the rows that may be shown."""

from __future__ import annotations

import logging
import math
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from products.codes import normal_code, normal_model
from search import closeness, text
from search.catalogue import Catalogue
from search.circuit import Circuit
from search.dictionary import Dictionary
from search.documents import Document
from search.engines.base import Engine, EngineUnavailable, Lexicon, Scored
from search.engines.embedded import EmbeddedEngine
from search.meaning import Meaning
from search.plan import ALL, Filters, Plan
from search.store import Position, Store
from search.understanding import Knowledge, understand

logger = logging.getLogger(__name__)

#: How many documents of a question are looked at; totals and counts stop here.
WINDOW = 200
#: Documents below this share of the best one's score are noise of OR matching and are left out.
CUT = 0.25
CUT_WITH_CODE = 0.10
#: Below this confidence a match is chance (one shared character) and nothing was found.
CHANCE = 0.05
#: Below this confidence the other language is asked too.
WEAK = 0.18
_FOREIGN_ADVANTAGE = 1.4
#: What one rare word adds to an ideal score, in units of the logarithm of the number of documents.
_WORTH_OF_A_WORD = 4.0
_TELLING_POWER = 0.35
#: Between equal matches an explanation comes before a card, a page or a notice that merely names the same things.
_STANDING = {"code": 0.9, "product": 0.8, "diagnosis": 0.88, "announcement": 0.85}
#: How many of the best documents are looked into for how close together they have the question's words, and how many are remembered.
_LOOKED_INTO, _REMEMBERED = 20, 400
#: Documents for every product carry this in place of families.
ANY_FAMILY = "*"
#: What a page for other families than the question names is worth beside one for those.
_OTHER_FAMILY = 0.85
#: What a title is worth while typing that has a word beginning like the unfinished one.
_BEGINS_IN_TITLE = 1.25


class NoLexicon:
    """Stands in when there is no local index: every word counts as known and equally rare."""

    total = 1

    def frequency(self, field: str, term: str) -> int:
        """Always known."""
        return 1

    def together(self, stems: list[str], field: str = ALL) -> int:
        """Always known."""
        return 1

    def completions(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """No completions."""
        return []


@dataclass(slots=True)
class Found:
    """Ranked documents of one question; `cut` where the engine may know more of them than were looked at."""

    plan: Plan
    engine: str
    ranked: list[tuple[Document, float]] = field(default_factory=list)
    promoted: set[str] = field(default_factory=set)
    cut: bool = False


class SearchService:
    """Answers questions from a store with a main engine, or the embedded one while that cannot."""

    def __init__(
        self,
        store: Store,
        embedded: EmbeddedEngine,
        main: Engine | None = None,
        circuit: Circuit | None = None,
        *,
        meaning: Meaning | None = None,
    ) -> None:
        self.store = store
        self.embedded = embedded
        self.main = main
        self.circuit = circuit
        self.meaning = meaning
        self._lock = threading.Lock()
        self._read: dict[tuple[str, int], closeness.Page] = {}
        self._dictionary: tuple[tuple[str, int, int], Dictionary] | None = None
        self._catalogue: tuple[tuple[str, int], Catalogue] | None = None

    # --- knowledge ------------------------------------------------------------------------------------------------

    def knowledge(self) -> Knowledge:
        """The dictionary and catalogue in force and the words of the index."""
        position = self.store.position()
        try:
            lexicon: Lexicon = self.embedded.follow(position)
        except EngineUnavailable as error:
            logger.warning("no local index: %s", error)
            lexicon = NoLexicon()
        return Knowledge(self._dictionary_at(position), self._catalogue_at(position), lexicon)

    def _dictionary_at(self, position: Position) -> Dictionary:
        stamp = (position.epoch, position.dictionary, position.value)
        cached = self._dictionary
        if cached is None or cached[0] != stamp:
            with self._lock:
                cached = (stamp, self.store.dictionary())
                self._dictionary = cached
        return cached[1]

    def _catalogue_at(self, position: Position) -> Catalogue:
        stamp = (position.epoch, position.value)
        cached = self._catalogue
        if cached is None or cached[0] != stamp:
            with self._lock:
                cached = (stamp, self.store.catalogue())
                self._catalogue = cached
        return cached[1]

    # --- asking ---------------------------------------------------------------------------------------------------

    def ask(self, plan: Plan, filters: Filters, *, limit: int) -> tuple[str, list[Scored]]:
        """Name of the engine that answered, and the best documents; ``none`` when no engine could."""
        if plan.empty:
            return (self.main.name if self._main_usable() and self.main else self.embedded.name), []
        if self.main is not None and self._main_usable():
            try:
                scored = self.main.search(plan, filters, limit=limit)
            except EngineUnavailable as error:
                if self.circuit is not None:
                    self.circuit.failed(error)
            else:
                return (self.main.name, scored) if scored else self._second_opinion(self.main, plan, filters, limit)
        try:
            return self.embedded.name, self.embedded.search(plan, filters, limit=limit)
        except EngineUnavailable as error:
            logger.error("no search engine can answer: %s", error)
            return "none", []

    def _second_opinion(self, main: Engine, plan: Plan, filters: Filters, limit: int) -> tuple[str, list[Scored]]:
        """What the local index knows when the server has nothing: its index may be empty, or have fields it should not have."""
        try:
            scored = self.embedded.search(plan, filters, limit=limit)
        except EngineUnavailable:
            scored = []
        if not scored:
            return main.name, []
        logger.warning("%s has nothing where the local index has %d documents; the sweep will compare them", main.name, len(scored))
        return self.embedded.name, scored

    def _main_usable(self) -> bool:
        return self.main is not None and (self.circuit is None or self.circuit.allows())

    def find(
        self,
        query: str,
        *,
        language: str | None = None,
        product: str | None = None,
        kinds: tuple[str, ...] = (),
        audience: str = "public",
        partial: bool = False,
        strict_product: bool = False,
        exact: bool = False,
        limit: int = WINDOW,
        body: bool = False,
    ) -> Found:
        """Ranked documents of a question.

        ``language`` is preferred, another one is shown where nothing fits; ``product`` is a family's address or a model
        number; ``strict_product`` leaves out what is for every product, ``exact`` corrects no spelling.
        """
        know = self.knowledge()
        plan = understand(query, know, partial=partial, exact=exact)
        families = self._families(product, know)
        if families and not strict_product:
            families = (*families, ANY_FAMILY)
        base = Filters(audiences=("public", "staff") if audience == "staff" else ("public",), kinds=kinds)
        by_meaning = self.meaning is not None and not (partial or plan.empty or plan.codes or plan.models)
        engine, scored, rows = self._in_language(plan, base, families, language, WINDOW if by_meaning else limit, body)
        if by_meaning:
            scored = self._by_meaning(plan, scored)[:limit]
        found = Found(plan, engine)
        found.ranked = self._ranked(plan, self._by_closeness(plan, scored, rows), rows, base, language)
        found.cut = len(scored) >= limit and bool(found.ranked) and min(item.score for item in scored) >= found.ranked[0][1] * CUT
        self._promote(found, know.dictionary, base, language, body)
        return found

    def _in_language(
        self, plan: Plan, base: Filters, families: tuple[str, ...], language: str | None, limit: int, body: bool
    ) -> tuple[str, list[Scored], dict[str, Document]]:
        def run(languages: tuple[str, ...]) -> tuple[str, list[Scored]]:
            engine, scored = self.ask(plan, Filters(base.audiences, languages, base.kinds, families), limit=limit)
            if plan.codes and plan.families and not families:  # what is for the families named, whatever its score
                engine, own = self.ask(plan, Filters(base.audiences, languages, base.kinds, plan.families), limit=limit)
                scored = sorted({item.key: item for item in (*scored, *own)}.values(), key=lambda item: -item.score)
            return engine, scored

        engine, scored = run((language,) if language else ())
        if language and not plan.empty and (not scored or self.confidence(plan, scored[0].score) < WEAK):
            other_engine, other = run(())
            if other and (not scored or other[0].score > scored[0].score * _FOREIGN_ADVANTAGE):
                engine, scored = other_engine, other
        return engine, scored, self.store.fetch([s.key for s in scored], body=body) if scored else {}

    def _by_meaning(self, plan: Plan, scored: list[Scored]) -> list[Scored]:
        """The documents with closeness in meaning added to their scores; no other documents come in."""
        assert self.meaning is not None
        words = {item.key: self.confidence(plan, item.score) for item in scored}
        return [Scored(key, self._score_of(plan, value)) for key, value in sorted(self.meaning.fused(plan.raw, words).items(), key=_second)]

    def _by_closeness(self, plan: Plan, scored: list[Scored], rows: dict[str, Document]) -> list[Scored]:
        """The documents with the first ones worth less where what they share with the question is scattered over them."""
        if not plan.parts or plan.codes or plan.models:
            return scored
        first = [rows[item.key] for item in scored if item.key in rows][:_LOOKED_INTO]
        pages = self._pages(first)
        read = [document.key for document in first if document.key in pages]
        shares = dict(zip(read, closeness.worth(plan.parts, map(pages.__getitem__, read)), strict=False))
        others = sum(shares.values()) / len(shares) if shares else 1.0
        return [Scored(item.key, item.score * shares.get(item.key, others)) for item in scored]

    def _pages(self, documents: list[Document]) -> dict[str, closeness.Page]:
        """Documents as they are read for how close together words stand; those of late are remembered."""
        marks = {document.key: (document.key, document.version) for document in documents}
        found = {key: page for key, mark in marks.items() if (page := self._read.get(mark)) is not None}
        missing = [key for key in marks if key not in found]
        if missing:
            found |= {key: closeness.read(document) for key, document in self.store.fetch(missing, body=True).items()}
            with self._lock:
                self._read.update((marks[key], found[key]) for key in missing if key in found)
                for old in list(self._read)[: max(0, len(self._read) - _REMEMBERED)]:
                    del self._read[old]
        return found

    def _ranked(
        self, plan: Plan, scored: list[Scored], rows: dict[str, Document], base: Filters, language: str | None
    ) -> list[tuple[Document, float]]:
        out: list[tuple[Document, float]] = []
        for item in scored:
            document = rows.get(item.key)
            if document is not None and document.audience in base.audiences:
                out.append((document, item.score * _liking(document, plan)))
        out.sort(key=lambda pair: -pair[1])
        out = _named_first(out, plan)
        if out and self.confidence(plan, out[0][1]) < CHANCE:
            return []
        if out:
            floor = out[0][1] * (CUT_WITH_CODE if plan.codes or plan.models else CUT)
            out = [pair for pair in out if pair[1] >= floor]
        return _one_language_each(out, language)

    def _promote(self, found: Found, dictionary: Dictionary, base: Filters, language: str | None, body: bool) -> None:
        keys = dictionary.promoted(found.plan.text) if found.plan.text else []
        if not keys:
            return
        rows = self.store.fetch(keys, body=body)
        first = [
            row
            for key in keys
            if (row := rows.get(key)) is not None
            and row.audience in base.audiences
            and (not base.kinds or row.kind in base.kinds)
            and (not language or row.language == language)
        ]
        chosen = {row.key for row in first}
        top = found.ranked[0][1] if found.ranked else found.plan.best
        found.ranked = [(row, max(top, 0.0)) for row in first] + [p for p in found.ranked if p[0].key not in chosen]
        found.promoted = chosen

    def families_of(self, product: str) -> tuple[str, ...]:
        """Addresses of the families that a product filter means; of a model number those of the model."""
        return self._families(product, self.knowledge())

    @staticmethod
    def _families(product: str | None, know: Knowledge) -> tuple[str, ...]:
        if not product:
            return ()
        number = know.catalogue.models.get(normal_model(product))
        if number is not None:
            return know.catalogue.families_of.get(normal_model(product), ()) or (product,)
        return (product,)

    # --- calibration ----------------------------------------------------------------------------------------------

    @staticmethod
    def confidence(plan: Plan, score: float) -> float:
        """How sure it is that a document of this score answers the question, 0 to 1; comparable between questions.

        The share of an ideal document's score, raised for questions with many telling words: those reach a smaller
        share of their ideal. The exponent comes from judged sets (docs/search.md).
        """
        return min(1.0, score * _unit(plan))

    @staticmethod
    def _score_of(plan: Plan, confidence: float) -> float:
        unit = _unit(plan)
        return confidence / unit if unit else 0.0


def _unit(plan: Plan) -> float:
    """Confidence of one point of score."""
    if plan.best <= 0:
        return 0.0
    telling = plan.best / (_WORTH_OF_A_WORD * math.log(1 + max(plan.total, 1)))
    return float(telling**_TELLING_POWER / plan.best) * plan.trust


def _second(pair: tuple[str, float]) -> float:
    return -pair[1]


def _liking(document: Document, plan: Plan) -> float:
    popular = 1.0 + 0.02 * min(math.log1p(max(document.popularity, 0.0)), 5.0)
    if len(plan.begun) > 1 and not plan.models and _has_word_beginning(document.title, plan.begun):
        popular *= _BEGINS_IN_TITLE
    if plan.families and not plan.codes and is_for_others(document, plan.families):
        popular *= _OTHER_FAMILY
    return popular if plan.codes or plan.models else popular * _STANDING.get(document.kind, 1.0)


def _has_word_beginning(title: str, begun: str) -> bool:
    return any(word.startswith(begun) for word in text.surface_words(text.plain(title)))


def _named_first(ranked: list[tuple[Document, float]], plan: Plan) -> list[tuple[Document, float]]:
    """The same code means something else on another machine: beside a code, what is for the families named comes before all else."""
    if not (plan.codes and plan.families):
        return ranked
    least = ranked[0][1] * CUT_WITH_CODE if ranked else 0.0
    own = [pair for pair in ranked if pair[1] >= least and is_for(pair[0], plan.families)]
    if not own:
        return ranked
    last = own[-1][1]
    return own + [(document, min(score, last)) for document, score in ranked if not is_for(document, plan.families)]


def is_for(document: Document, families: Iterable[str]) -> bool:
    """Whether a document is for one of the families in particular."""
    return any(family in document.families for family in families)


def is_for_others(document: Document, families: Iterable[str]) -> bool:
    """Whether a document is for families, and for none of these."""
    return any(family != ANY_FAMILY for family in document.families) and not is_for(document, families)


def _one_language_each(ranked: list[tuple[Document, float]], language: str | None) -> list[tuple[Document, float]]:
    """Of a thing found in two languages keep the preferred one, in the place of the better."""
    if not language:
        return ranked
    places: dict[str, int] = {}
    out: list[tuple[Document, float]] = []
    for document, score in ranked:
        subject = document.subject_key
        place = places.get(subject)
        if place is None:
            places[subject] = len(out)
            out.append((document, score))
        elif document.language == language and out[place][0].language != language:
            out[place] = (document, out[place][1])
    return out


def count_facets(ranked: Iterable[tuple[Document, float]]) -> dict[str, dict[str, int]]:
    """How many of the documents are of each kind and for each family."""
    kinds: Counter[str] = Counter()
    families: Counter[str] = Counter()
    for document, _ in ranked:
        kinds[document.kind] += 1
        families.update(f for f in document.families if f != ANY_FAMILY)
    return {"kind": dict(kinds.most_common()), "product": dict(families.most_common())}


def code_of(document: Document) -> str:
    """The code a card is about, as displayed."""
    return document.codes[0] if document.kind == "code" and document.codes else ""


def has_code(document: Document, codes: list[str]) -> bool:
    """Whether the document is the card of one of the codes (normal forms)."""
    return document.kind == "code" and any(normal_code(c) in codes for c in document.codes)
