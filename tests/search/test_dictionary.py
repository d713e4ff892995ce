"""Editors' words are in force at the next question."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from products.actions import delete, record_saved
from products.models import ModelAlias
from search import actions, queries
from search.defaults import load_defaults
from search.dictionary import Dictionary, shipped
from search.engines.elastic import ElasticEngine
from search.maintenance import rebuild_elastic
from search.models import PromotedResult, SearchDocument, StopWord, Synonym
from search.runtime import make_service
from search.service import SearchService
from search.tasks import index_product
from tests.factories.products import ModelFactory
from tests.search.conftest import ENGINES
from tests.search.corpus import put_all


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


@pytest.fixture(params=ENGINES)
def two_processes(request: pytest.FixtureRequest, db: None, settings: Any) -> Iterator[tuple[SearchService, SearchService]]:
    """Two services over the same rows that share nothing in memory, as two web processes do."""
    settings.ELASTICSEARCH_INDEX_PREFIX = f"hearth-test-{uuid.uuid4().hex[:10]}"
    if request.param == "embedded":
        settings.ELASTICSEARCH_URL = []
    put_all()
    first, second = make_service(), make_service()
    if isinstance(first.main, ElasticEngine):
        rebuild_elastic(first.main, first.store)
    yield first, second
    if isinstance(first.main, ElasticEngine):
        first.main.drop()


def test_every_word_of_the_dictionary_is_in_force_in_another_process_without_touching_an_index(
    two_processes: tuple[SearchService, SearchService],
) -> None:
    first, second = two_processes
    engine = (first.main or first.embedded).name

    def keys(asked: SearchService, question: str) -> list[str]:
        found = asked.find(question, language="zh-hans")
        assert found.engine == engine or not found.ranked
        return [document.key for document, _ in found.ranked]

    assert keys(second, "吞金怪") == []
    assert keys(second, "洗衣机不排水")[0] == "guide:drain:zh-hans"
    before = first.store.position()
    synonym = Synonym(terms="吞金怪, 洗衣机异味, stink machine")
    promoted = PromotedResult(words="洗衣机", document=SearchDocument.objects.get(key="guide:hose:zh-hans"))
    actions.save_entry(synonym)
    for asked in (first, second):
        assert keys(asked, "吞金怪")[0] == "guide:smell:zh-hans"
        assert keys(asked, "stink machine")[0] == "guide:smell:zh-hans"
    actions.save_entry(promoted)
    for asked in (first, second):
        assert keys(asked, "洗衣机不排水")[0] == "guide:hose:zh-hans"
    actions.save_entry(StopWord(word="排水"))
    assert all(term.text != "排水" for term in second.find("洗衣机排水", language="zh-hans").plan.terms)
    for row in (synonym, promoted):
        row.delete()
    assert keys(second, "吞金怪") == []
    assert keys(second, "洗衣机有异味")[0] == "guide:smell:zh-hans"
    assert first.store.position().value == before.value


def test_another_name_of_a_model_is_in_force_in_another_process_once_the_worker_has_run(
    two_processes: tuple[SearchService, SearchService], run_tasks: Any
) -> None:
    def worker_has_run() -> None:
        run_tasks()
        run_tasks()
        if isinstance(two_processes[0].main, ElasticEngine):
            two_processes[0].main.refresh()  # the server shows what was written within half a second of its own

    model = ModelFactory(number="WF77-X", slug="wf77-x", name_zh_hans="滚筒洗衣机")
    index_product(model_id=model.pk)
    alias = ModelAlias.objects.create(model=model, text="小蓝滚筒")
    record_saved(alias, by=None, created=True)
    worker_has_run()
    for asked in two_processes:
        found = [document.key for document, _ in asked.find("小蓝滚筒", language="zh-hans").ranked]
        assert found and found[0] == "product:wf77-x:zh-hans", found
    delete(alias, by=None)
    worker_has_run()
    for asked in two_processes:
        assert all("小蓝滚筒" not in document.keywords for document, _ in asked.find("小蓝滚筒", language="zh-hans").ranked)


@pytest.mark.django_db(transaction=True)
def test_a_word_that_another_thread_saves_is_in_force_for_this_one() -> None:
    put_all()
    assert first("吞金怪") == ""

    def save() -> None:
        try:
            actions.save_entry(Synonym(terms="吞金怪, 洗衣机异味"))
        finally:
            connection.close()

    worker = threading.Thread(target=save)
    worker.start()
    worker.join()
    assert first("吞金怪") == "guide:smell"
