"""Elasticsearch is killed and frozen while people search and editors publish: answers come, nothing is lost, it heals by itself."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.tasks import Retry
from search import actions, queries, tasks
from search.engines.elastic import ElasticEngine
from search.maintenance import rebuild_elastic, reconcile
from search.runtime import elastic_engine, forget, service
from search.store import RowStore
from tests.search.corpus import put_all

pytestmark = [pytest.mark.services, pytest.mark.faults, pytest.mark.django_db]

SERVICES = Path(__file__).resolve().parent.parent.parent / ".ci" / "services"
#: Seconds a visitor may wait when the server has just gone.
PATIENCE = 1.5


def control(verb: str, *, must_work: bool = True) -> None:
    subprocess.run([str(SERVICES), verb], check=must_work, capture_output=True, timeout=180, env=os.environ)


@pytest.fixture
def engine(settings: Any, tmp_path: Path) -> Iterator[ElasticEngine]:
    """An index of this test alone; the server works again afterwards, whatever the test did to it."""
    settings.ELASTICSEARCH_INDEX_PREFIX = f"hearth-test-{uuid.uuid4().hex[:10]}"
    settings.SEARCH_INDEX_DIR = tmp_path / "search"
    forget()
    put_all()
    made = elastic_engine()
    assert made is not None
    rebuild_elastic(made, RowStore())
    assert ask()[1] == "elasticsearch"
    yield made
    control("thaw-es", must_work=False)
    control("up-search")
    made.drop()
    made.sweep(pattern=f"{made.prefix}-*", older_than=-1e9)
    forget()


def ask(question: str = "洗衣机不排水") -> tuple[str, str, float]:
    started = time.monotonic()
    answer = queries.search(question, language="zh-hans")
    return (answer.hits[0].key if answer.hits else ""), answer.engine, time.monotonic() - started


def publish() -> None:
    actions.put_document(key="guide:new:zh-hans", subject="guide:9", kind="guide", language="zh-hans", title="榨汁机卡住", url="/x/")


def wait_until_used_again(seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ask()[1] == "elasticsearch":
            return
        time.sleep(0.5)
    pytest.fail("Elasticsearch was not taken into use again")


@pytest.mark.parametrize(("fault", "repair"), [("kill-es", "up-search"), ("freeze-es", "thaw-es")])
def test_searching_and_publishing_go_on_and_it_heals(engine: ElasticEngine, fault: str, repair: str) -> None:
    control(fault)
    key, used, took = ask()
    assert (key, used) == ("guide:drain", "embedded")
    assert took < PATIENCE
    key, used, took = ask()
    assert (key, used) == ("guide:drain", "embedded")
    assert took < 0.5
    assert queries.suggest_for_panel("洗衣机洗完衣服不排水", language="zh-hans")[0].key == "guide:drain"
    health = queries.health()
    assert (health["state"], health["engine"]) == ("degraded", "embedded")

    publish()
    assert ask("榨汁机卡住")[0] == "guide:new"
    if fault == "kill-es":  # a frozen server would hold the writer for its whole time-out
        with pytest.raises(Retry):
            tasks.push_documents(["guide:new:zh-hans"])

    control(repair)
    wait_until_used_again()
    assert queries.health()["state"] == "ok"
    healed = reconcile(service())[1]
    assert healed.problem == ""
    engine.refresh()
    assert ask("榨汁机卡住")[:2] == ("guide:new", "elasticsearch")
