"""Elasticsearch holds what the rows say: publishing, rebuilding and healing on a real server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from search import actions, queries, tasks
from search.engines.elastic import ElasticEngine
from search.maintenance import rebuild_elastic, reconcile
from search.models import SearchDocument
from search.runtime import elastic_engine, forget, service
from search.store import RowStore
from tests.search.corpus import put_all

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture
def engine(settings: Any, tmp_path: Any) -> Iterator[ElasticEngine]:
    """An index of the small maker's pages, of this test alone."""
    settings.ELASTICSEARCH_INDEX_PREFIX = f"hearth-test-{uuid.uuid4().hex[:10]}"
    settings.SEARCH_INDEX_DIR = tmp_path / "search"
    forget()
    put_all()
    made = elastic_engine()
    assert made is not None
    rebuild_elastic(made, RowStore())
    yield made
    made.drop()
    made.sweep(pattern=f"{made.prefix}-*", older_than=-1e9)
    forget()


def found(question: str) -> list[str]:
    answer = queries.search(question, language="zh-hans")
    assert answer.engine == "elasticsearch"
    return [hit.key for hit in answer.hits]


def live_rows() -> int:
    return SearchDocument.objects.filter(deleted=False).count()


def test_it_answers_through_aliases(engine: ElasticEngine) -> None:
    assert engine.count() == live_rows()
    assert engine.ready()
    assert found("洗衣机不排水")[0] == "guide:drain"


def test_published_and_removed_documents_arrive(engine: ElasticEngine) -> None:
    actions.put_document(key="guide:new:zh-hans", subject="guide:9", kind="guide", language="zh-hans", title="榨汁机卡住", url="/x/")
    tasks.push_documents(["guide:new:zh-hans"])
    engine.refresh()
    assert found("榨汁机卡住")[0] == "guide:new"
    actions.remove_document("guide:new:zh-hans")
    assert "guide:new" not in found("榨汁机卡住")
    tasks.push_documents(["guide:new:zh-hans"])
    engine.refresh()
    assert engine.count() == live_rows()


def test_a_late_write_never_undoes_a_newer_one(engine: ElasticEngine) -> None:
    old = actions.documents_of(["guide:drain:zh-hans"])
    actions.put_document(key="guide:drain:zh-hans", subject="guide:1", kind="guide", language="zh-hans", title="榨汁机", url="/x/")
    tasks.push_documents(["guide:drain:zh-hans"])
    engine.index(old)
    engine.refresh()
    assert dict(engine.versions())["guide:drain:zh-hans"] > old[0].version


def test_a_rebuild_switches_without_a_gap_and_leaves_one_index(engine: ElasticEngine) -> None:
    before = engine._indices_behind()
    assert rebuild_elastic(engine, RowStore()) == live_rows()
    after = engine._indices_behind()
    assert len(after) == 1
    assert after != before
    assert found("洗衣机不排水")[0] == "guide:drain"


def test_the_sweep_repairs_missing_changed_and_unknown_documents(engine: ElasticEngine) -> None:
    engine.remove(["guide:drain:zh-hans", "guide:hose:en"])
    SearchDocument.objects.filter(key="guide:smell:en").update(version=10_000)
    SearchDocument.objects.filter(key="guide:noise:en").delete()
    engine.refresh()
    healed = reconcile(service())[1]
    assert (healed.problem, healed.repaired, healed.removed) == ("", 3, 1)
    engine.refresh()
    assert {key for key, _ in engine.versions()} == set(SearchDocument.objects.filter(deleted=False).values_list("key", flat=True))
    assert reconcile(service())[1].repaired == 0


def test_a_deleted_index_is_answered_for_and_built_again_by_the_sweep(engine: ElasticEngine) -> None:
    engine.drop()
    answer = queries.search("洗衣机不排水", language="zh-hans")
    assert (answer.engine, answer.hits[0].key) == ("embedded", "guide:drain")
    assert queries.health()["state"] == "degraded"
    assert reconcile(service())[1].rebuilt
    assert found("洗衣机不排水")[0] == "guide:drain"
    assert queries.health()["state"] == "ok"


def test_writing_to_a_missing_index_is_tried_again_and_makes_no_guessed_index(engine: ElasticEngine) -> None:
    from core.tasks import Retry

    engine.drop()
    with pytest.raises(Retry):
        tasks.push_documents(["guide:drain:zh-hans"])
    assert not engine._writer.indices.exists(index=engine.write_alias)


def test_an_index_of_an_older_schema_is_built_again(engine: ElasticEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    from search.engines import elastic_schema

    monkeypatch.setattr(elastic_schema, "SCHEMA_VERSION", 999)
    assert not engine.ready()
    assert reconcile(service())[1].rebuilt
    assert engine.ready()


@pytest.mark.parametrize("fields", [{"all": {"type": "keyword"}}, {"all": {"type": "text"}, "audience": {"type": "long"}}])
def test_an_index_with_other_fields_is_answered_for_and_built_again(engine: ElasticEngine, fields: dict[str, Any]) -> None:
    engine.drop()
    name = f"{engine.prefix}-docs-changed"
    aliases: dict[str, Any] = {engine.read_alias: {}, engine.write_alias: {}}
    engine._writer.indices.create(index=name, mappings={"properties": fields}, aliases=aliases)
    answer = queries.search("洗衣机不排水", language="zh-hans")
    assert (answer.engine, answer.hits[0].key) == ("embedded", "guide:drain")
    assert reconcile(service())[1].rebuilt
    assert found("洗衣机不排水")[0] == "guide:drain"


def test_orphans_of_interrupted_work_are_swept(engine: ElasticEngine) -> None:
    orphan = engine.create_index()
    assert engine.sweep_orphans() == 0
    assert engine.sweep(pattern=f"{engine.prefix}-docs-*", older_than=-1) == 1
    assert not engine._writer.indices.exists(index=orphan)
    assert engine.ready()


def test_both_engines_have_the_same_words(engine: ElasticEngine) -> None:
    from search import text

    passage = text.plain("The washing machines' drain pump won't generously ring; 洗衣机报E2不排水，KFR-35GW/A1 dryness relational")
    index = next(iter(engine._indices_behind()))
    answer = engine._writer.indices.analyze(index=index, analyzer="hearth_words", text=passage)
    assert [token["token"] for token in answer["tokens"]] == text.terms(passage)
    answer = engine._writer.indices.analyze(index=index, analyzer="hearth_pairs", text=passage)
    assert [token["token"] for token in answer["tokens"]] == text.bigrams(passage)
