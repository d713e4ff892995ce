"""What a question means: one understanding for both engines. Pure; everything it needs is passed in."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from search import everyday, pinyin, spelling, text, things, words
from search.asking import ASKING, asked_about, only_asking
from search.catalogue import Catalogue
from search.dictionary import Dictionary
from search.engines.base import Lexicon
from search.plan import (
    ALL,
    CARD_WEIGHT,
    CODE_WEIGHT,
    EVERYDAY_WEIGHT,
    INITIALS,
    MODEL_WEIGHT,
    NEXT_WEIGHT,
    PAGE_WEIGHT,
    PAIRS,
    PHRASE_WEIGHT,
    PINYIN,
    PREFIX_WEIGHT,
    SOUND_WEIGHT,
    SYNONYM_WEIGHT,
    TITLE,
    TITLED,
    TYPED_CHARACTER,
    TYPED_TITLE_CHARACTER,
    TYPED_TITLE_WORD,
    TYPO_WEIGHT,
    WEIGHTS,
    WORD,
    Group,
    Phrase,
    Plan,
    Term,
)

#: Longer questions are cut here; nobody types more, and a pasted page must not cost more than a question.
LONGEST_QUESTION = 400
_MOST_WORDS = 48
_MOST_UNKNOWN = 4
#: BM25 saturates at k1 + 1 times the rarity of a term; both engines use k1 = 1.2.
_SATURATION = 2.2
_HAS_CONTENT = re.compile(r"\w")
_ASKING_WEIGHT, _ASKING_WEIGHT_TYPED = 0.6, 1.0
_MOST_NEXT = 12
_MOST_PHRASES = 12
_MOST_RUNS, _LONGEST_RUN = 8, 60
#: What sureness is worth when the question names a thing nobody wrote about.
STRANGE_THING = 0.5
#: How much of a word that had to be corrected counts as unknown: the correction may be another word.
_GUESSED = 0.5


@dataclass(slots=True)
class Knowledge:
    """What understanding draws on: the dictionary in force, the catalogue, and the words of the index."""

    dictionary: Dictionary
    catalogue: Catalogue
    lexicon: Lexicon


def cut(query: str) -> str:
    """The part of a question that is used, cut between words where there are any."""
    query = query[: LONGEST_QUESTION * 4].replace("\x00", " ").strip()
    if len(query) <= LONGEST_QUESTION:
        return query
    head = query[:LONGEST_QUESTION]
    return head.rsplit(" ", 1)[0] if " " in head[LONGEST_QUESTION // 2 :] else head


def understand(query: str, knowledge: Knowledge, *, partial: bool = False, exact: bool = False) -> Plan:
    """Turn a question into a plan.

    ``partial`` says that the last word may be unfinished (as you type), ``exact`` that no word is to be
    corrected. Never raises for any text; a question without letters or digits gives an empty plan.
    """
    raw = cut(query)
    plain = text.plain(raw)
    plan = Plan(raw=raw, text=plain, language=text.detect_language(plain))
    if not plain or not _HAS_CONTENT.search(plain):
        return plan
    return _Reader(raw, plain, knowledge, partial, exact).fill(plan)


class _Reader:
    """One reading of one question; collects terms and groups."""

    def __init__(self, raw: str, plain: str, knowledge: Knowledge, partial: bool, exact: bool = False) -> None:
        self.exact = exact
        self.raw = raw
        self.plain = plain
        self.know = knowledge
        self.lexicon = knowledge.lexicon
        self.typing = partial
        self.titled = min(self.lexicon.frequency(*TITLED) / max(self.lexicon.total, 1), 1.0)
        self.partial = partial and not raw.endswith((" ", "\u3000"))
        self.terms: dict[tuple[str, str], Term] = {}
        self.groups: list[Group] = []
        self.hints: list[Group] = []
        self.unknown_rarity = 0.0
        self.corrected: dict[str, str] = {}
        self.marks: list[str] = []
        self.synonyms: list[str] = []
        self.read: dict[str, float] = {}  # phrases and words that need not be in the index as written, and how far they are understood
        self.asking = only_asking(plain)
        self.own = self.know.dictionary.own_words(plain)

    def fill(self, plan: Plan) -> Plan:
        """Read codes and models, phrases with synonyms, then word by word; calibrate."""
        plan.codes, without = self.know.catalogue.read_codes(self.raw)
        plan.models = self.know.catalogue.find_models(self.raw)
        plan.families = self._families(plan.models)
        rest = self._phrases(self.plain if not plan.codes else text.plain(without))
        self._words(rest)
        self._pairs(rest)
        plan.phrases = self._neighbours()
        plan.begun = self._unfinished(rest)
        plan.terms = list(self.terms.values())
        plan.groups = self.groups
        plan.synonyms = list(dict.fromkeys(self.synonyms))
        plan.marks = list(dict.fromkeys([*self.marks, *text.surface_words(self.plain), *text.han_runs(self.plain)]))
        if self.corrected:
            plan.corrected = " ".join(self._corrected(word) for word in self.plain.split())
        self._calibrate(plan)
        plan.parts = {} if self.typing else self._parts()
        plan.groups = [*self.groups, *self.hints]
        return plan

    def _corrected(self, word: str) -> str:
        if word in self.corrected or not text.is_han(word):
            return self.corrected.get(word, word)
        for run, meant in self.corrected.items():
            word = word.replace(run, meant) if text.is_han(run) else word
        return word

    def _families(self, models: list[str]) -> tuple[str, ...]:
        known = self.know.catalogue
        others = [other for found in self.know.dictionary.expand(self.plain) for other in found.alternatives]
        of_models = (slug for model in models for slug in known.families_of.get(model, ()))
        return tuple(dict.fromkeys([*known.families.named_in(self.plain, others), *of_models]))

    # --- phrases of the dictionary --------------------------------------------------------------------------------

    def _phrases(self, plain: str) -> str:
        rest = plain
        for found in self.know.dictionary.expand(plain):
            share = self._asking_weight() if ASKING.fullmatch(found.phrase) else 1.0
            own = self._phrase_terms(found.phrase, share)
            if not own:
                continue
            options = [own]
            for alternative in found.alternatives:
                terms = self._phrase_terms(alternative, SYNONYM_WEIGHT * share)
                if terms and any(self.lexicon.frequency(t.field, t.text) for t in terms):
                    options.append(terms)
                    self.synonyms.append(alternative)
            if len(options) > 1:
                self.groups.append(Group(options))
                self.read[found.phrase] = 1.0
                rest = rest.replace(found.phrase, " | ")
        return rest

    def _phrase_terms(self, phrase: str, factor: float) -> list[Term]:
        out = [Term(field, term, WEIGHTS[field] * factor) for term in dict.fromkeys(text.terms(phrase)) for field in (ALL, TITLE)]
        out += [Term(PAIRS, pair, WEIGHTS[PAIRS] * factor) for pair in dict.fromkeys(text.bigrams(phrase))]
        out += [
            Term(WORD, word, WEIGHTS[WORD] * factor) for word in dict.fromkeys(text.surface_words(phrase)) if word not in text.STOP_WORDS
        ]
        return out

    # --- words ----------------------------------------------------------------------------------------------------

    def _neighbours(self) -> list[Phrase]:
        """English words that stand side by side, as stems; none while the question is still being typed."""
        if self.typing or not PHRASE_WEIGHT:
            return []
        stems = [text.stem(self.corrected.get(word, word)) for word in self.plain.split()]
        pairs = [pair for pair in itertools.pairwise(filter(None, stems)) if not text.is_han("".join(pair))]
        known = [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1] and all(self.lexicon.frequency(ALL, stem) for stem in pair)]
        return [Phrase(pair, PHRASE_WEIGHT) for pair in known[:_MOST_PHRASES]]

    def _parts(self) -> dict[str, tuple[int, float]]:
        """What of the question should stand together in a page: its terms, and of each group whatever stands for the same."""
        parts: dict[str, tuple[int, float]] = {}
        for field, term in self.terms:
            if field in (ALL, PAIRS) and term not in self.asking:
                parts[term] = len(parts), self._rarity(field, term)
        for number, group in enumerate(self.groups, len(parts)):
            telling = [found for option in group.alternatives if (found := self._telling(option))]
            weight = max((rarity for _, rarity in telling[:1]), default=0.0)
            for terms, _ in telling:
                for term in terms:
                    parts.setdefault(term, (number, weight))
        return parts

    def _telling(self, option: list[Term]) -> tuple[list[str], float] | None:
        """What of an alternative shows that it is there: the pairs of Chinese, the rarest word of English; and how rare it is."""
        pairs = [term.text for term in option if term.field == PAIRS]
        if pairs:
            return pairs, max(self._rarity(PAIRS, pair) for pair in pairs)
        words = [(self._rarity(ALL, term.text), term.text) for term in option if term.field == ALL]
        rarest = max(words, default=None)
        return ([rarest[1]], rarest[0]) if rarest else None

    def _words(self, rest: str) -> None:
        typed = [w for w in text.surface_words(rest) if not self.know.dictionary.ignores(w)][:_MOST_WORDS]
        content = [w for w in typed if w not in text.STOP_WORDS]
        last = self._unfinished(rest)
        for run in text.han_runs(rest):
            for character in run:
                if not self.know.dictionary.ignores(character):
                    self._add(ALL, character)
                    self._add(TITLE, character)
        if not content and not self.groups and not text.is_han(rest):
            content = typed
        apart = self._pinyin_apart(typed)
        unknown = 0
        for word in dict.fromkeys(content):
            if word in apart:
                continue
            if word == last and self._complete(word):
                continue
            if self._known(word):
                self._word(word)
            elif unknown < _MOST_UNKNOWN:
                unknown += 1
                self._unknown(word)
            else:
                self.unknown_rarity += self._word_rarity(0)
        if last and last in text.STOP_WORDS:
            self._complete(last)

    def _unfinished(self, rest: str) -> str:
        words = text.surface_words(rest)
        return words[-1] if self.partial and words and rest.rstrip().endswith(words[-1]) else ""

    def _known(self, word: str) -> bool:
        if self.lexicon.frequency(WORD, word):
            return True
        stem = text.stem(word)
        return bool(stem and self.lexicon.frequency(ALL, stem))

    def _word(self, word: str) -> None:
        stem = text.stem(word)
        like = self._like(stem)
        if like:
            self.groups.append(Group([self._phrase_terms(word, 1.0), *like]))
            return
        if stem:
            self._add(ALL, stem)
            self._add(TITLE, stem)
        self._add(WORD, word)

    def _like(self, stem: str) -> list[list[Term]]:
        """Terms of known everyday words that mean much the same as the word of a stem."""
        if not EVERYDAY_WEIGHT or self.typing:
            return []
        return [self._phrase_terms(word, EVERYDAY_WEIGHT) for word in everyday.like_stem(stem) if self._known(word)]

    def _complete(self, word: str) -> bool:
        """Read the last word as a beginning; False when nothing begins with it."""
        if len(word) < 2:
            return False
        options = [self._phrase_terms(word, 1.0)] if self._known(word) and word not in text.STOP_WORDS else []
        for completion, _ in self.lexicon.completions(WORD, word, 9):
            if completion != word:
                options.append(self._phrase_terms(completion, PREFIX_WEIGHT))
        if not options:
            return False
        self.groups.append(Group([o for o in options if o]))
        return True

    def _unknown(self, word: str) -> None:
        if self._as_pinyin(word):
            return
        if self.exact:
            self.unknown_rarity += self._word_rarity(0)
            return
        like = self._like(text.stem(word))
        if like:
            self.unknown_rarity += _GUESSED * self._word_rarity(0)
            self.groups.append(Group(like))
            self.read[word] = 1.0 - _GUESSED
            return
        if word in self.own:
            self.unknown_rarity += self._word_rarity(0)
            return
        likely = [] if words.is_real(word) else spelling.corrections(word, self.lexicon)
        if likely:
            self.unknown_rarity += _GUESSED * self._word_rarity(0)
            self.groups.append(Group([self._phrase_terms(w, TYPO_WEIGHT) for w in likely]))
            self.read[word] = 1.0 - _GUESSED
            self.marks.extend(likely)
            if spelling.begins_alike(word, likely[0]):
                self.corrected[word] = likely[0]
            return
        halves = spelling.split_or_none(word, self.lexicon)
        if halves:
            self.corrected[word] = " ".join(halves)
            self.read[word] = 1.0
            for half in halves:
                self._word(half)
            return
        self.unknown_rarity += self._word_rarity(0)

    def _pinyin_apart(self, words: list[str]) -> set[str]:
        """Words that are syllables of Chinese typed with spaces; they are read together, where titles have them so."""
        read: set[str] = set()
        for run in pinyin.syllables_apart(words):
            strange = [word for word in run if word not in text.STOP_WORDS and not self._known(word)]
            syllables = pinyin.syllables_of(run)
            pairs = [first + second for first, second in itertools.pairwise(syllables)]
            there = [pair for pair in dict.fromkeys(pairs) if self.lexicon.frequency(PINYIN, pair)]
            if there and len(strange) * 2 >= len(run):
                for pair in there:
                    self._add(PINYIN, pair)
                read.update(run)
        return read

    def _as_pinyin(self, word: str) -> bool:
        pairs = [p for p in pinyin.pinyin_pairs(word) if self.lexicon.frequency(PINYIN, p)]
        if pairs:
            for pair in pairs:
                self._add(PINYIN, pair)
            return True
        if self.partial and len(word) >= 4:
            options = [[Term(PINYIN, p, WEIGHTS[PINYIN])] for p, _ in self.lexicon.completions(PINYIN, word, 5)]
            if options:
                self.groups.append(Group(options))
                return True
        if pinyin.looks_like_initials(word) and self.lexicon.frequency(INITIALS, word):
            self._add(INITIALS, word)
            return True
        return False

    # --- Chinese pairs --------------------------------------------------------------------------------------------

    def _pairs(self, rest: str) -> None:
        for pair in text.bigrams(rest)[: _MOST_WORDS * 8]:
            if not self.know.dictionary.ignores(pair):
                self._add(PAIRS, pair)
        if self.partial and rest and text.is_han(rest[-1]):
            following = [pair for pair, _ in self.lexicon.completions(PAIRS, rest[-1], _MOST_NEXT) if len(pair) == 2]
            if following:
                self.groups.append(Group([[Term(PAIRS, pair, WEIGHTS[PAIRS] * NEXT_WEIGHT)] for pair in following]))
        if EVERYDAY_WEIGHT and not self.typing:
            self._everyday(rest)
        for run in [] if self.exact else text.han_runs(rest)[:_MOST_RUNS]:
            for piece in self.know.dictionary.beside_own(run[:_LONGEST_RUN]):
                self._sounds(piece)

    def _everyday(self, rest: str) -> None:
        """Phrases that mean much the same as those of the question: a hint, no part of the ideal answer."""
        for _, others in everyday.phrases_in(rest):
            options = []
            for other in others:
                pairs = [pair for pair in text.bigrams(other) if self.lexicon.frequency(PAIRS, pair)]
                if pairs and other not in rest:
                    options.append([Term(PAIRS, pair, WEIGHTS[PAIRS] * EVERYDAY_WEIGHT) for pair in pairs])
            if options:
                self.hints.append(Group(options))

    def _sounds(self, run: str) -> None:
        """Characters of the same sound in place of those that the index does not know in this place."""
        meant = list(run)
        for heard in spelling.misheard(run, self.lexicon):
            terms = [Term(PAIRS, pair, WEIGHTS[PAIRS] * SOUND_WEIGHT) for pair in heard.pairs]
            self.groups.append(Group([[*terms, Term(ALL, heard.character, WEIGHTS[ALL] * SOUND_WEIGHT)]]))
            if heard.sure:
                meant[heard.place] = heard.character
        if meant != list(run):
            self.corrected[run] = "".join(meant)
            self.marks.append("".join(meant))

    # --- weights --------------------------------------------------------------------------------------------------

    def _add(self, field: str, term: str) -> None:
        weight = WEIGHTS[field]
        if term in self.asking:
            weight *= self._asking_weight()
        if self.typing:
            weight *= self._while_typing(field, term)
        self.terms.setdefault((field, term), Term(field, term, weight))

    def _asking_weight(self) -> float:
        return _ASKING_WEIGHT_TYPED if self.typing else _ASKING_WEIGHT

    @staticmethod
    def _while_typing(field: str, term: str) -> float:
        if field == TITLE:
            return TYPED_TITLE_CHARACTER if text.is_han(term) else TYPED_TITLE_WORD
        return TYPED_CHARACTER if field == ALL and text.is_han(term) else 1.0

    def _rarity(self, field: str, term: str) -> float:
        total = max(self.lexicon.total, 1)
        frequency = min(self.lexicon.frequency(field, term), total)
        return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5)) * _SATURATION

    def _word_rarity(self, frequency: int) -> float:
        total = max(self.lexicon.total, 1)
        rarity = math.log(1 + (total - frequency + 0.5) / (frequency + 0.5)) * _SATURATION
        return rarity * (WEIGHTS[ALL] + WEIGHTS[TITLE] * self.titled + WEIGHTS[WORD])

    def _ideal(self, terms: Iterable[Term]) -> float:
        return sum(term.weight * self._rarity(term.field, term.text) * (self.titled if term.field == TITLE else 1.0) for term in terms)

    def _calibrate(self, plan: Plan) -> None:
        best = self._ideal(plan.terms) + self.unknown_rarity
        for group in plan.groups:
            best += max((self._ideal(option) for option in group.alternatives), default=0.0)
        bonus = (CODE_WEIGHT + CARD_WEIGHT) * min(len(plan.codes), 1) + (MODEL_WEIGHT + PAGE_WEIGHT) * min(len(plan.models), 1)
        plan.best = best + bonus
        plan.total = self.lexicon.total
        plan.trust = STRANGE_THING if not self.typing and self._names_strange_thing(plan) else 1.0
        plan.known = self._evidence(plan) * plan.trust

    def _names_strange_thing(self, plan: Plan) -> bool:
        """Whether a thing is named that no page is about, or a code beside a family that has no such code."""
        known = self.know.dictionary
        if plan.codes and plan.families and not self.know.catalogue.has_cards(plan.codes, plan.families):
            return True
        return known.names_foreign(self.plain) or things.strange_in(self.plain, known.groups, self.lexicon, own=known.own)

    def _evidence(self, plan: Plan) -> float:
        """Share of what the question is about, pairs of characters and words, that occurs in the index at all."""
        if plan.codes or plan.models or any(term.field in (PINYIN, INITIALS) for term in plan.terms):
            return 1.0
        pairs, words_of_it = asked_about(self.plain)
        parts = [(PAIRS, pair) for pair in pairs] + [(WORD, word) for word in words_of_it]
        asked = known = 0.0
        for field, part in parts:
            there = self._known(part) if field == WORD else bool(self.lexicon.frequency(PAIRS, part))
            rarity = self._rarity(field, part)
            asked += rarity
            known += rarity * (1.0 if there else max((share for phrase, share in self.read.items() if part in phrase), default=0.0))
        return known / asked if asked else 0.0
