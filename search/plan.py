"""What a question means, in terms an engine can match: the hand-over from understanding to engines."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Fields of weighted text. One setting for every language and shape of content; docs/search.md has the evidence.
ALL, TITLE, WORD, PAIRS = "all", "title", "word", "pairs"
PINYIN, INITIALS = "pinyin", "initials"
#: Field and label of documents that have a title: where none has, an ideal answer has none either.
TITLED = ("about", "*titled")
WEIGHTS = {ALL: 1.0, TITLE: 0.5, WORD: 0.3, PAIRS: 1.0, PINYIN: 1.6, INITIALS: 1.6}

#: What changes while a question is still being typed: titles of English say more, single Chinese characters of titles less,
#: characters of the text more, because the pairs that would tell them apart are not there yet.
TYPED_TITLE_WORD, TYPED_TITLE_CHARACTER, TYPED_CHARACTER = 2.0, 0.3, 1.6

SYNONYM_WEIGHT = 0.6
EVERYDAY_WEIGHT = 0.4
#: Two words of the question side by side in the text, too.
PHRASE_WEIGHT, PHRASE_SLOP = 0.2, 1
PREFIX_WEIGHT = 0.8
TYPO_WEIGHT = 0.7
#: Pairs that may follow from the last Chinese character typed, and characters of the same sound in place of an unknown one.
NEXT_WEIGHT = 0.3
SOUND_WEIGHT = 0.5
#: What a recognised code or model adds: to whatever names it, and on top of that to its own card or page.
CODE_WEIGHT, CARD_WEIGHT = 10.0, 25.0
MODEL_WEIGHT, PAGE_WEIGHT = 6.0, 14.0


@dataclass(slots=True, frozen=True)
class Term:
    """One index term in one field; ``weight`` already includes the weight of the field."""

    field: str
    text: str
    weight: float


@dataclass(slots=True, frozen=True)
class Phrase:
    """Neighbouring index terms of the combined text; one word may stand between two of them. A hint, no part of an ideal answer."""

    terms: tuple[str, ...]
    weight: float


@dataclass(slots=True)
class Group:
    """Alternatives of which the best one counts; each alternative is a list of terms whose scores add up."""

    alternatives: list[list[Term]]


@dataclass(slots=True)
class Filters:
    """What a hit must be, whatever its score; empty means any."""

    audiences: tuple[str, ...] = ("public",)
    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    families: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """A question, understood.

    ``terms`` add up; of each of ``groups`` the best alternative counts; ``codes`` and ``models`` are canonical forms
    known to the catalogue. ``best`` is the score of an ideal document (0 when nothing can match) among ``total``
    documents, ``known`` the share of what the question is about (not of how it is asked) that occurs in the index at all,
    ``trust`` what sureness is worth: less when the question names a thing that no page is about; ``families`` are the addresses of
    those the question names, itself or by a model; ``parts`` are what of the question should stand together in a page
    (`closeness.py`), empty while typing; ``begun`` is the word that may still be unfinished.
    """

    raw: str
    text: str
    language: str
    terms: list[Term] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    phrases: list[Phrase] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    families: tuple[str, ...] = ()
    marks: list[str] = field(default_factory=list)  # what was typed, or meant by it: any part of it is marked in what is found
    synonyms: list[str] = field(default_factory=list)  # other words for it: marked where they stand whole
    parts: dict[str, tuple[int, float]] = field(default_factory=dict)
    corrected: str = ""
    begun: str = ""
    best: float = 0.0
    total: int = 0
    known: float = 1.0
    trust: float = 1.0

    def exact_parts(self) -> list[tuple[str, str, float]]:
        """Label, value and weight of what must match as a whole."""
        parts = [("codes", code, CODE_WEIGHT) for code in self.codes] + [("about", code, CARD_WEIGHT) for code in self.codes]
        parts += [("models", model, MODEL_WEIGHT) for model in self.models]
        return parts + [("about", model, PAGE_WEIGHT) for model in self.models]

    @property
    def empty(self) -> bool:
        """Whether nothing is left to look for."""
        return not (self.terms or self.groups or self.codes or self.models)
