"""Asking a judged set through the product's own query path, without touching what is live."""

from __future__ import annotations

import json
import random
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search import panel, text, typos
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


@dataclass(slots=True)
class JudgedSet:
    """Documents, questions and judgements of one directory."""

    documents: list[Document]
    questions: list[dict[str, Any]]
    judged: dict[str, dict[str, float]]
    dictionary: Dictionary | None = None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def read_set(directory: Path, *, split: str | None = None) -> JudgedSet:
    """Read ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv``; raises OSError or ValueError when they are not right."""
    documents = []
    for number, row in enumerate(_lines(directory / "corpus.jsonl"), 1):
        title, body = str(row.get("title") or ""), str(row.get("text") or "")
        plain = text.plain(title)
        documents.append(
            Document(
                key=str(row["id"]),
                title=title,
                body=body,
                kind=str(row.get("kind") or "guide"),
                language=row.get("language") or text.detect_language(f"{plain} {text.plain(body[:500])}"),
                keywords=str(row.get("keywords") or ""),
                codes=list(row.get("codes") or ()),
                models=list(row.get("models") or ()),
                families=list(row.get("families") or ()),
                pinyin=text.pinyin_terms(plain),
                initials=text.initial_terms(plain),
                version=number,
            )
        )
    return JudgedSet(documents, *read_questions(directory, split=split))


def read_questions(directory: Path, *, split: str | None = None) -> tuple[list[dict[str, Any]], dict[str, dict[str, float]]]:
    """Read the questions and, by question, the grades of the documents that answer them; raises OSError or ValueError."""
    questions = [q for q in _lines(directory / "queries.jsonl") if not split or q.get("split") == split]
    judged: dict[str, dict[str, float]] = defaultdict(dict)
    for line in (directory / "qrels.tsv").read_text("utf-8").splitlines():
        parts = line.split("\t")
        if len(parts) == 4:
            parts = [parts[0], parts[2], parts[3]]
        if len(parts) >= 3:
            try:
                grade = float(parts[2])
            except ValueError:
                continue
            if grade > 0:
                judged[parts[0]][parts[1]] = grade
    return questions, dict(judged)


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
