"""Editors' words are in force at the next question."""

from __future__ import annotations

import pytest

from search import actions, queries
from search.defaults import load_defaults
from search.dictionary import Dictionary, shipped
from search.models import PromotedResult, SearchDocument, StopWord, Synonym


def first(question: str, language: str = "zh-hans") -> str:
    hits = queries.search(question, language=language).hits
    return hits[0].key if hits else ""


def test_a_synonym_works_at_once_and_both_ways(indexed: None) -> None:
    assert first("吞金怪") == ""
    actions.save_entry(Synonym(terms="吞金怪, 洗衣机"))
    assert first("吞金怪 异味") == "guide:smell"
    actions.save_entry(Synonym(terms="stink machine, washing machine"))
    assert first("stink machine noisy", "en") == "guide:noise"


def test_a_one_way_synonym_does_not_work_backwards() -> None:
    made = Dictionary.build([("hoover, vacuum", True)])
    assert made.expand("hoover")[0].alternatives == ["vacuum"]
    assert made.expand("vacuum") == []


def test_an_inactive_or_deleted_synonym_stops_working(indexed: None) -> None:
    row = Synonym(terms="吞金怪, 洗衣机异味")
    actions.save_entry(row)
    assert first("吞金怪") == "guide:smell"
    row.delete()
    assert first("吞金怪") == ""


def test_the_longest_phrase_wins_and_english_words_are_whole() -> None:
    made = shipped()
    assert [e.phrase for e in made.expand("洗烘一体机漏水")] == ["洗烘一体机", "漏水"]
    assert made.expand("covenant remotely") == []


def test_an_ignored_word_counts_no_more(indexed: None) -> None:
    actions.save_entry(StopWord(word="禾砚"))
    plan = queries.service().find("禾砚洗衣机", language="zh-hans").plan
    assert all(term.text != "禾砚" for term in plan.terms)


def test_a_promoted_result_comes_first_for_its_words_only(indexed: None) -> None:
    chosen = SearchDocument.objects.get(key="guide:hose:zh-hans")
    actions.save_entry(PromotedResult(words="不排水, 排不出", document=chosen))
    answer = queries.search("洗衣机不排水", language="zh-hans")
    assert answer.hits[0].key == "guide:hose"
    assert answer.hits[0].promoted
    assert first("洗衣机有异味") == "guide:smell"
    actions.remove_document(chosen.key)
    assert first("洗衣机不排水") == "guide:drain"


@pytest.mark.django_db
def test_the_shipped_words_are_rows_once() -> None:
    load_defaults()
    count = Synonym.objects.count()
    assert count > 40
    Synonym.objects.first().delete()
    load_defaults()
    assert Synonym.objects.count() == count - 1
