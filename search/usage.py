"""How often editors' words were at work in what visitors asked, so that dead ones can be told from busy ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone

from search import text
from search.dictionary import Dictionary, words_of
from search.models import DomainWord, PromotedResult, SearchLog, StopWord, Synonym
from search.store import RowStore

DAYS = 90
_MOST_QUESTIONS = 20_000
_KEPT_SECONDS = 600


@dataclass(slots=True)
class Usage:
    """Number of searches by primary key in which a row of each kind was at work."""

    synonyms: dict[int, int] = field(default_factory=dict)
    stop_words: dict[int, int] = field(default_factory=dict)
    promoted: dict[int, int] = field(default_factory=dict)
    domain: dict[int, int] = field(default_factory=dict)


def usage() -> Usage:
    """Usage of the last 90 days by the rows in force now; at most ten minutes old, and new whenever a row changes."""
    position = RowStore().position()
    key = f"search:usage:{position.epoch}:{position.dictionary}"
    known: Usage | None = cache.get(key)
    if known is None:
        since = timezone.now() - timedelta(days=DAYS)
        rows = SearchLog.objects.filter(at__gte=since).order_by().values_list("query").annotate(times=Count("pk")).order_by("-times")
        known = count(rows[:_MOST_QUESTIONS])
        cache.set(key, known, _KEPT_SECONDS)
    return known


def count(questions: Iterable[tuple[str, int]]) -> Usage:
    """Usage in questions, each given as plain text and how often it was asked."""
    by_word: dict[str, list[int]] = defaultdict(list)
    synonyms = list(Synonym.objects.filter(active=True).values_list("pk", "terms", "one_way"))
    for pk, terms, one_way in synonyms:
        words = words_of(terms)
        for word in words[:1] if one_way else words:
            by_word[word].append(pk)
    promotions = PromotedResult.objects.filter(active=True, document__deleted=False).values_list("words", "pk")
    made = Dictionary.build(((terms, one_way) for _, terms, one_way in synonyms), promotions=((words, str(pk)) for words, pk in promotions))
    ignored = {text.plain(word): pk for pk, word in StopWord.objects.filter(active=True).values_list("pk", "word")}
    domain = {text.plain(word): pk for pk, word in DomainWord.objects.filter(active=True).values_list("pk", "word")}
    found: dict[str, Counter[int]] = {name: Counter() for name in ("synonyms", "stop_words", "promoted", "domain")}
    for question, times in questions:
        for pk in {pk for expansion in made.expand(question) for pk in by_word[expansion.phrase]}:
            found["synonyms"][pk] += times
        for key in set(made.promoted(question)):
            found["promoted"][int(key)] += times
        asked = set(question.split()) | set(text.surface_words(question))
        for kind, entries in (("stop_words", ignored), ("domain", domain)):
            for word, pk in entries.items():
                if word in asked or (text.is_han(word) and word in question) or f" {word} " in f" {question} ":
                    found[kind][pk] += times
    return Usage(**{name: dict(counter) for name, counter in found.items()})
