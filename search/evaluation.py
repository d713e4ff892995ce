"""Asking a judged set through the product's own query path, without touching what is live."""

from __future__ import annotations

import random
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from search import panel, typos
from search.dictionary import Dictionary
from search.documents import Document
from search.engines.elastic import ElasticEngine
from search.engines.embedded import EmbeddedEngine
from search.meaning import Encoder, Meaning, encode
from search.queries import panel_hits
from search.runtime import elastic_engine
from search.service import SearchService
from search.store import MemoryStore

_DEPTH = 50


@contextmanager
def scratch_service(
    documents: list[Document], *, engine: str, dictionary: Dictionary | None = None, encoder: Encoder | None = None
) -> Iterator[SearchService]:
    """A service over documents of its own, in places of its own that are gone afterwards.

    Without a ``dictionary`` the shipped one is used; an ``encoder`` reads all documents first.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hearth-search-"))
        store = MemoryStore(documents, dictionary=dictionary)
        embedded = EmbeddedEngine(Path(folder), store)
        main: ElasticEngine | None = None
        if engine == "elasticsearch":
            live = elastic_engine()
            if live is None:
                raise ValueError("ELASTICSEARCH_URL is not set")
            live.sweep(pattern=f"{live.prefix}-scratch-*")
            main = elastic_engine(prefix=f"{live.prefix}-scratch-{uuid.uuid4().hex[:8]}")
            assert main is not None
            stack.callback(main.drop)
            name = main.create_index()
            stack.callback(main.sweep, pattern=name, older_than=-1e9)
            main.index(documents, into=name)
            main.switch_to(name)
        embedded.follow()
        meaning = None
        if encoder is not None:
            store.keep_vectors({document.key: encode(encoder, document) for document in documents})
            meaning = Meaning(encoder, store)
        yield SearchService(store, embedded, main, None, meaning=meaning)


def with_typos(questions: list[dict[str, Any]], *, seed: int) -> list[dict[str, Any]]:
    """The questions with one slip each, the same for the same seed."""
    dice = random.Random(seed)
    return [{**question, "text": typos.one_typo(str(question["text"]), dice)} for question in questions]


def ask(service: SearchService, questions: list[dict[str, Any]], *, prefixes: list[float]) -> Iterator[dict[str, Any]]:
    """One line a question (and one a beginning of it): documents best first, scores, what a panel shows, milliseconds.

    A question with a ``site`` is asked by a visitor of that language, and things are named by their key in all languages.
    """
    for question in questions:
        whole = str(question["text"])
        for share in [*prefixes, 1.0]:
            partial = share < 1.0
            typed = whole[: max(1, round(len(whole) * share))] if partial else whole
            started = time.perf_counter()
            site = question.get("site")
            found = service.find(typed, language=site, partial=partial, limit=_DEPTH)
            took = (time.perf_counter() - started) * 1000
            line: dict[str, Any] = {
                "qid": question["id"],
                "docs": [document.subject_key if site else document.key for document, _ in found.ranked],
                "scores": [round(service.confidence(found.plan, score), 6) for _, score in found.ranked],
                "show": [hit.key if site else hit.document_key for hit in panel_hits(found, site)],
                "worth": panel.verdict(found.plan, service.confidence(found.plan, found.ranked[0][1])) if found.ranked else panel.NONE,
                "ms": round(took, 3),
            }
            if partial:
                line["prefix"] = share
            yield line
