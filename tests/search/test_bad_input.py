"""Whatever is typed and whatever the server says: a question never breaks search."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import text
from search.catalogue import Catalogue
from search.circuit import Circuit
from search.dictionary import shipped
from search.engines.elastic import ElasticEngine, connect, query_body
from search.engines.embedded import EmbeddedEngine
from search.engines.local_index import LocalIndex
from search.plan import Filters
from search.service import SearchService
from search.store import MemoryStore
from search.understanding import LONGEST_QUESTION, Knowledge, understand
from tests.search.corpus import documents

INDEX = LocalIndex(None, create=True)
INDEX.write(documents())
KNOWLEDGE = Knowledge(shipped(), Catalogue.build([["E2"], ["F-03"]], [("KFR-35GW/A1", ["air-conditioners"]), ("WF10-320", [])]), INDEX)
PIECES = st.sampled_from(
    [
        "洗衣机",
        "不排水",
        "E2",
        "ｅ－０２",
        "KFR-35GW/",
        "wf1O 32O",
        "drain",
        "xiyiji",
        "xyj",
        " AND ",
        " OR ",
        "NOT ",
        '"',
        "*",
        "~2",
        "^4",
        "title:",
        "(",
        ")",
        "[a TO b]",
        "'; DROP TABLE x; --",
        "<b onclick=x>",
        "\x00",
        "🧺",
        "👩‍🔧",
        "ｗａｓｈｅｒ",
        "\u202e",
        "é",
        "العربية",
        "\ud800",
        "\n",
        "　",
        "……",
    ]
)
QUESTIONS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=12).map("".join))


@given(QUESTIONS, st.booleans())
@settings(max_examples=250, deadline=None)
def test_every_text_becomes_a_plan_both_engines_can_ask(question: str, partial: bool) -> None:
    plan = understand(question, KNOWLEDGE, partial=partial)
    assert all(term.weight > 0 and term.text for term in plan.terms)
    assert all(group.alternatives and all(group.alternatives) for group in plan.groups)
    assert 0 <= plan.known <= 1
    assert plan.best >= 0
    found = INDEX.search(plan, Filters(), limit=10)
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    assert all(0 <= SearchService.confidence(plan, s.score) <= 1 for s in found)
    assert len(str(query_body(plan, Filters()))) < 400_000


@given(QUESTIONS)
@settings(max_examples=100, deadline=None)
def test_width_case_and_surrounding_space_change_nothing(question: str) -> None:
    once = understand(question, KNOWLEDGE)
    again = understand(f"  {question} ", KNOWLEDGE)
    assert (again.codes, again.models, sorted(t.text for t in again.terms)) == (once.codes, once.models, sorted(t.text for t in once.terms))
    assert text.plain(text.plain(question)) == text.plain(question)


@pytest.mark.parametrize(
    "question", ["排" * 10_000, "drain " * 2_000, "a" * 10_000, "洗衣机xyj" * 1_200, "x1 " * 3_400, "é" * 10_000, "🧺" * 10_000]
)
def test_ten_thousand_characters_cost_no_more_than_a_question(question: str) -> None:
    started = time.process_time()
    plan = understand(question, KNOWLEDGE, partial=True)
    INDEX.search(plan, Filters(), limit=10)
    assert time.process_time() - started < 0.5
    assert len(plan.text) <= LONGEST_QUESTION * 4
    assert len(plan.terms) + sum(len(g.alternatives) for g in plan.groups) < 1000


# --- a server that goes wrong in the middle of an answer --------------------------------------------------------------

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Elastic-Product: Elasticsearch\r\nContent-Length: %d\r\n\r\n"


def _answer(body: bytes) -> bytes:
    return _HEAD % len(body) + body


ANSWERS = {
    "dies in the middle of an answer": _HEAD % 5000 + b'{"hits": {"hits": [{"_id": "guide:dr',
    "dies before a word": b"",
    "says something that is not HTTP": b"\x00\x01\x02 hello\r\n\r\n",
    "says something that is not JSON": _answer(b'{"hits": {"hits": [}'),
    "is another server": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<h1>Hi</h1>\r\n",
    "has no hits where they should be": _answer(b'{"hits": null}'),
    "has hits without scores": _answer(b'{"hits": {"hits": [{"_id": "guide:drain:en"}]}}'),
    "has a list instead of an answer": _answer(b"[]"),
    "has lost its documents": _answer(b'{"hits": {"hits": []}}'),
    "is missing its index": b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nX-Elastic-Product: Elasticsearch\r\n"
    b'Content-Length: 52\r\n\r\n{"error":{"type":"index_not_found"},"status":404}    ',
}


@contextmanager
def server(answer: bytes) -> Iterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                caller, _ = listening.accept()
            except OSError:
                return
            with caller:
                caller.settimeout(5)
                caller.recv(65536)
                caller.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


@pytest.fixture
def over(tmp_path: Path) -> Callable[[str], SearchService]:
    def build(url: str) -> SearchService:
        store = MemoryStore(documents())
        embedded = EmbeddedEngine(tmp_path / "index", store)
        embedded.follow()
        main = ElasticEngine(connect([url]), prefix="x")
        return SearchService(store, embedded, main, Circuit(main.probe))

    return build


@pytest.mark.parametrize("case", ANSWERS)
def test_results_come_whatever_the_server_answers(over: Callable[[str], SearchService], case: str) -> None:
    with server(ANSWERS[case]) as url:
        found = over(url).find("洗衣机不排水", language="zh-hans")
        assert found.engine == "embedded"
        assert found.ranked[0][0].key == "guide:drain:zh-hans"
