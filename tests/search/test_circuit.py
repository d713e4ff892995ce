"""Nobody waits twice for a search server that does not answer."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from search import queries, runtime
from search.circuit import Circuit
from search.engines.base import EngineUnavailable, Scored
from search.plan import Filters, Plan
from search.runtime import make_service


class Server:
    """A search server that can be broken."""

    name = "elasticsearch"

    def __init__(self) -> None:
        self.working = True
        self.pause = 0.0
        self.asked = 0

    def search(self, plan: Plan, filters: Filters, *, limit: int) -> list[Scored]:
        self.asked += 1
        time.sleep(self.pause)
        if not self.working:
            raise EngineUnavailable("no route")
        return [Scored("guide:drain:zh-hans", 9.0)]

    def probe(self) -> None:
        if not self.working:
            raise EngineUnavailable("no route")


@pytest.fixture
def server(indexed: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A service whose main engine is a fake server."""
    made = Server()
    service = make_service()
    service.main = made  # type: ignore[assignment]
    service.circuit = Circuit(made.probe, retry_after=0.05)
    monkeypatch.setattr(runtime, "_service", service)
    yield made


def wait_until(true: object, seconds: float = 3.0) -> None:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.01)


def test_the_server_answers_while_it_works(server: Server) -> None:
    assert queries.search("洗衣机不排水", language="zh-hans").engine == "elasticsearch"
    assert queries.health()["state"] == "ok"


def test_the_embedded_engine_answers_when_it_does_not_and_nobody_asks_again(server: Server) -> None:
    server.working = False
    answer = queries.search("洗衣机不排水", language="zh-hans")
    assert answer.engine == "embedded"
    assert answer.hits[0].key == "guide:drain"
    asked = server.asked
    for _ in range(5):
        assert queries.search("洗衣机不排水", language="zh-hans").hits
    assert server.asked == asked
    state = queries.health()
    assert (state["state"], state["engine"]) == ("degraded", "embedded")
    assert state["elasticsearch"]["circuit"] == "open"  # type: ignore[index]


def test_the_server_is_used_again_after_a_probe_in_the_background(server: Server) -> None:
    server.working = False
    queries.search("洗衣机不排水", language="zh-hans")
    server.working = True
    time.sleep(0.06)

    def closed() -> bool:
        return queries.search("洗衣机不排水", language="zh-hans").engine == "elasticsearch"

    wait_until(closed)
    assert closed()


def test_waiting_grows_while_probes_fail() -> None:
    def probe() -> None:
        raise EngineUnavailable("still down")

    circuit = Circuit(probe, retry_after=10)
    circuit.failed("down")
    assert not circuit.allows()
    circuit._next_probe = 0.0
    assert not circuit.allows()
    wait_until(lambda: not circuit._probing)
    assert circuit._next_probe > time.monotonic() + 15
    circuit.worked()
    assert circuit.allows()


def test_a_server_that_names_removed_documents_does_not_show_them(server: Server) -> None:
    from search import actions

    actions.remove_document("guide:drain:zh-hans")
    assert queries.search("洗衣机不排水", language="zh-hans").hits == []
