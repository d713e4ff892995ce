"""A judged set over what this installation publishes: its questions are asked of a copy of the live documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from search.documents import Document
from search.judged_set import JudgedSet, read_questions
from search.models import Kind
from search.store import RowStore

_GUIDES = frozenset({Kind.GUIDE, Kind.FAQ, Kind.VIDEO, Kind.MANUAL})


@dataclass(slots=True)
class LiveSet(JudgedSet):
    """A judged set over live documents; ``missing`` are judged names that nothing published answers to."""

    missing: list[str] = field(default_factory=list)


def names_of(documents: Iterable[Document]) -> dict[str, str]:
    """What judgements may call the documents, with the key of the thing in all its languages.

    Besides the keys themselves, the kind and the last part of the address: ``guide:washer-not-draining`` (of any kind of
    guide), ``announcement:A-winter-frost``. Keys of guides and announcements differ between installations, these do not.
    """
    names: dict[str, str] = {}
    for document in documents:
        kind = "guide" if document.kind in _GUIDES else document.kind
        last = document.url.rstrip("/").rpartition("/")[2]
        for name in (document.key, document.subject_key, f"{kind}:{last}"):
            names.setdefault(name, document.subject_key)
    return names


def read_live_set(directory: Path, *, split: str | None = None) -> LiveSet:
    """Read ``queries.jsonl`` and ``qrels.tsv`` over the documents that are public now; raises OSError or ValueError.

    A question's ``site`` is the language of the site it is asked on. The editors' synonyms, ignored words and promoted
    results are in force, as for visitors.
    """
    store = RowStore()
    documents = [document for document in store.live() if document.audience == "public"]
    names = names_of(documents)
    questions, judged = read_questions(directory, split=split)
    missing = sorted({name for grades in judged.values() for name in grades} - names.keys())
    resolved = {qid: {names.get(name, name): grade for name, grade in grades.items()} for qid, grades in judged.items()}
    return LiveSet(documents, questions, resolved, store.dictionary(), missing=missing)
