"""The embedded index is always what the rows say, whatever happened to its files."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from search import actions, queries
from search.models import SearchCounter, SearchDocument
from search.runtime import forget, service

pytestmark = pytest.mark.usefixtures("indexed")


def keys(question: str, language: str = "zh-hans", **kwargs: Any) -> list[str]:
    return [hit.key for hit in queries.search(question, language=language, **kwargs).hits]


def put(title: str, key: str = "guide:new:zh-hans", **fields: Any) -> None:
    fields = {"kind": "guide", "language": "zh-hans", "url": "/x/", "subject": "guide:99", **fields}
    actions.put_document(key=key, title=title, **fields)


def test_a_new_document_is_found_by_the_next_question() -> None:
    assert keys("榨汁机卡住") == [] or "guide:new" not in keys("榨汁机卡住")
    put("榨汁机卡住了怎么清理")
    assert keys("榨汁机卡住")[0] == "guide:new"


def test_a_changed_document_is_found_by_its_new_words_only() -> None:
    put("榨汁机卡住了怎么清理")
    put("面包发酵失败")
    assert keys("面包发酵")[0] == "guide:new"
    assert "guide:new" not in keys("榨汁卡住")


def test_a_removed_document_is_gone_from_results_suggestions_and_counts() -> None:
    before = queries.search("排水", language="zh-hans").total
    assert actions.remove_document("guide:drain:zh-hans")
    answer = queries.search("排水", language="zh-hans")
    assert answer.total == before - 1
    assert "guide:drain" not in keys("洗衣机不排水")
    assert "guide:drain" not in [hit.key for hit in queries.suggest("洗衣机不排水", language="zh-hans").items]
    assert not actions.remove_document("guide:drain:zh-hans")


def test_a_removed_document_can_come_back() -> None:
    actions.remove_document("guide:drain:zh-hans")
    put("洗衣机不排水", key="guide:drain:zh-hans")
    assert keys("洗衣机不排水")[0] == "guide:drain"


def test_versions_grow_with_every_change() -> None:
    first = SearchCounter.objects.get().value
    put("一")
    put("二")
    assert SearchCounter.objects.get().value == first + 2
    assert SearchDocument.objects.get(key="guide:new:zh-hans").version == first + 2


@pytest.mark.parametrize("damage", ["delete", "truncate", "state", "schema"])
def test_a_missing_or_broken_index_is_built_again_by_itself(damage: str, settings: Any) -> None:
    assert keys("洗衣机不排水")[0] == "guide:drain"
    root = Path(settings.SEARCH_INDEX_DIR) / "embedded"
    if damage == "delete":
        shutil.rmtree(root)
    elif damage == "truncate":
        for file in root.glob("g-*/*"):
            file.write_bytes(b"")
    elif damage == "state":
        (root / "state.json").write_text("not json")
    else:
        state = root / "state.json"
        state.write_text(state.read_text().replace('"schema": ', '"schema": 9'))
    forget()
    assert keys("洗衣机不排水")[0] == "guide:drain"


def test_an_index_of_another_database_is_not_trusted(settings: Any) -> None:
    import uuid

    assert service().embedded.count() > 10
    SearchCounter.objects.update(epoch=uuid.uuid4())
    SearchDocument.objects.filter(kind="guide").delete()
    assert "guide:drain" not in keys("洗衣机不排水")


def test_two_services_share_one_directory() -> None:
    from search.runtime import make_service

    first, second = make_service(), make_service()
    assert first.embedded.count() == second.embedded.count()
    put("榨汁机卡住了怎么清理")
    assert second.find("榨汁机", language="zh-hans").ranked[0][0].key == "guide:new:zh-hans"
    assert first.find("榨汁机", language="zh-hans").ranked[0][0].key == "guide:new:zh-hans"
    assert len(list(first.embedded.directory.glob("g-*"))) == 1


def test_whoever_cannot_write_still_answers(settings: Any) -> None:
    import fcntl

    assert keys("洗衣机不排水")[0] == "guide:drain"
    with open(Path(settings.SEARCH_INDEX_DIR) / "embedded" / "lock", "a+b") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        put("榨汁机卡住了怎么清理")
        assert keys("洗衣机不排水")[0] == "guide:drain"
        assert "guide:new" not in keys("榨汁机")
    assert keys("榨汁机")[0] == "guide:new"


def test_an_unusable_directory_gives_an_empty_answer_not_an_error(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.SEARCH_INDEX_DIR = tmp_path / "file"
    forget()
    answer = queries.search("洗衣机", language="zh-hans")
    assert (answer.engine, answer.hits) == ("none", [])
    assert queries.suggest("洗衣机", language="zh-hans").items == []
    assert queries.suggest_for_panel("洗衣机不排水", language="zh-hans") == []
    assert queries.health()["state"] == "down"


def test_staff_documents_are_for_staff_only() -> None:
    put("内部：榨汁机批次问题", audience="staff")
    assert keys("榨汁机批次") == [] or "guide:new" not in keys("榨汁机批次")
    assert queries.search("榨汁机批次", language="zh-hans").facets["kind"] == {} or "guide:new" not in keys("榨汁机批次")
    assert "guide:new" in keys("榨汁机批次", audience="staff")
    assert all(hit.key != "guide:new" for hit in queries.suggest("榨汁机批次", language="zh-hans").items)


def test_many_threads_ask_while_rows_change() -> None:
    asked = service()
    index = asked.embedded.follow()
    errors: list[Exception] = []

    def ask() -> None:
        from search.plan import Filters
        from search.understanding import Knowledge, understand

        know = Knowledge(asked.store_dictionary, asked.store_catalogue, index)
        try:
            for _ in range(40):
                index.search(understand("洗衣机不排水", know), Filters(), limit=10)
        except Exception as error:
            errors.append(error)

    know = asked.knowledge()
    asked.store_dictionary, asked.store_catalogue = know.dictionary, know.catalogue  # type: ignore[attr-defined]
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(5):
        put(f"榨汁机 {number}")
        asked.embedded.follow()
    for thread in threads:
        thread.join()
    assert errors == []
    assert keys("榨汁机")[0] == "guide:new"
