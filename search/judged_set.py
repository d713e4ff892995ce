"""Reading a judged set: documents, questions and judgements as other people write them. What is wrong is said with its line."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from search import text
from search.dictionary import Dictionary
from search.documents import Document


@dataclass(slots=True)
class JudgedSet:
    """Documents, questions and judgements of one directory; ``notes`` say what was odd about them."""

    documents: list[Document]
    questions: list[dict[str, Any]]
    judged: dict[str, dict[str, float]]
    dictionary: Dictionary | None = None
    notes: list[str] = field(default_factory=list)


def read_set(directory: Path, *, split: str | None = None) -> JudgedSet:
    """Read ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv``; raises OSError or ValueError when they are not right."""
    notes: list[str] = []
    documents: dict[str, Document] = {}
    for number, row in _lines(directory / "corpus.jsonl"):
        key = _id(row, "corpus.jsonl", number)
        if key in documents:
            notes.append(f"corpus.jsonl line {number}: the id {key} is there already, this one is left out")
            continue
        documents[key] = _document(key, row, len(documents) + 1)
    if not documents:
        raise ValueError("corpus.jsonl has no documents")
    questions, judged = read_questions(directory, split=split, notes=notes)
    unknown = sorted({name for grades in judged.values() for name in grades} - documents.keys())
    if unknown:
        notes.append(f"judged, but not in corpus.jsonl: {len(unknown)} ({', '.join(unknown[:5])})")
    return JudgedSet(list(documents.values()), questions, judged, None, notes)


def read_questions(
    directory: Path, *, split: str | None = None, notes: list[str] | None = None
) -> tuple[list[dict[str, Any]], dict[str, dict[str, float]]]:
    """Read the questions and, by question, the grades of the documents that answer them; raises OSError or ValueError."""
    notes = [] if notes is None else notes
    found: dict[str, dict[str, Any]] = {}
    splits: set[str] = set()
    for number, row in _lines(directory / "queries.jsonl"):
        key = _id(row, "queries.jsonl", number)
        if "text" not in row:
            raise ValueError(f"queries.jsonl line {number}: the question has no text")
        splits.add(str(row.get("split", "")))
        if split and str(row.get("split", "")) != split:
            continue
        if key in found:
            notes.append(f"queries.jsonl line {number}: the id {key} is there already, this one is left out")
            continue
        found[key] = {**row, "id": key, "text": _text(row["text"]), "answerable": _yes(row.get("answerable", True))}
    if not found:
        there = ", ".join(sorted(splits - {""})) or "none"
        raise ValueError(f"no question of split {split!r}; there are: {there}" if splits and split else "queries.jsonl has no questions")
    return list(found.values()), _judgements(directory / "qrels.tsv")


def _judgements(path: Path) -> dict[str, dict[str, float]]:
    judged: dict[str, dict[str, float]] = defaultdict(dict)
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        parts = [part.strip() for part in (line.split("\t") if "\t" in line else line.split())]
        if len(parts) == 4:
            parts = [parts[0], parts[2], parts[3]]
        if len(parts) < 2 or not parts[0]:
            continue
        try:
            grade = float(parts[2]) if len(parts) > 2 else 1.0
            if not math.isfinite(grade):
                raise ValueError(parts[2])
        except ValueError as error:
            if number == 1:  # a heading
                continue
            raise ValueError(f"qrels.tsv line {number}: {parts[2]!r} is no grade") from error
        if grade > 0 and parts[1]:
            judged[parts[0]][parts[1]] = grade
    return dict(judged)


def _document(key: str, row: dict[str, Any], version: int) -> Document:
    title, body = _text(row.get("title")), _text(row.get("text"))
    plain = text.plain(title)
    return Document(
        key=key,
        title=title,
        body=body,
        kind=str(row.get("kind") or "guide"),
        language=str(row.get("language") or text.detect_language(f"{plain} {text.plain(body[:500])}")),
        keywords=_text(row.get("keywords")),
        codes=_several(row.get("codes")),
        models=_several(row.get("models")),
        families=_several(row.get("families")),
        pinyin=text.pinyin_terms(plain),
        initials=text.initial_terms(plain),
        version=version,
    )


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ValueError(f"{path.name} line {number}: {error}") from error
            if not isinstance(row, dict):
                raise ValueError(f"{path.name} line {number}: not an object with names and values")
            yield number, row


def _id(row: dict[str, Any], name: str, number: int) -> str:
    value = row.get("id", row.get("_id"))
    if value is None or isinstance(value, dict | list) or not str(value).strip():
        raise ValueError(f"{name} line {number}: there is no id")
    return _text(value).strip()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(_text(item) for item in value)
    return str(value).encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair can be neither stored nor shown


def _several(value: Any) -> list[str]:
    items: Iterable[Any] = value if isinstance(value, list) else [value]
    return [str(item) for item in items if item not in (None, "")]


def _yes(value: Any) -> bool:
    return str(value).strip().lower() not in {"false", "0", "no", "none", ""}
