"""Where documents come from: rows in the main database, or memory when a judged set is evaluated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from django.db import connection

from search.catalogue import Catalogue
from search.dictionary import Dictionary, shipped
from search.documents import COLUMNS, Document

_HEAVY = frozenset({"body", "keywords", "pinyin", "initials"})
_LIGHT = tuple(name for name in COLUMNS if name not in _HEAVY)
#: Without the checks of ``json.loads``, which cost more than reading such short lists; the database wrote them.
_decoded = json.JSONDecoder().raw_decode
_STRUCTURED = frozenset({"codes", "models", "families", "extra"})


@dataclass(slots=True, frozen=True)
class Position:
    """How far the documents and the dictionary have come; ``epoch`` changes when the database is another one."""

    epoch: str
    value: int
    dictionary: int


class Store(Protocol):
    """The source of truth an engine catches up with and results are read from."""

    def position(self) -> Position:
        """The newest versions."""

    def changes(self, after: int) -> Iterator[Document]:
        """Documents changed after a version, removed ones too, oldest first."""

    def live(self) -> Iterator[Document]:
        """All documents that are not removed."""

    def fetch(self, keys: Iterable[str], *, body: bool) -> dict[str, Document]:
        """Documents of keys that still exist; ``body`` says whether their text is needed."""

    def vectors(self, keys: Iterable[str], encoder: str) -> dict[str, bytes]:
        """Vectors of documents, for those that have any of this encoder."""

    def dictionary(self) -> Dictionary:
        """The dictionary in force."""

    def catalogue(self) -> Catalogue:
        """The codes, models and names of families that exist."""


class RowStore:
    """Documents in :class:`search.models.SearchDocument`."""

    _chunk = 500

    def position(self) -> Position:
        """The newest versions; version 0 of no epoch before the first document."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT epoch, value, dictionary FROM search_searchcounter WHERE id = 1")
            row = cursor.fetchone()
        return Position(str(row[0]), row[1], row[2]) if row else Position("", 0, 0)

    def changes(self, after: int) -> Iterator[Document]:
        """Documents changed after a version, in order."""
        from search.models import SearchDocument

        rows = SearchDocument.objects.filter(version__gt=after).order_by("version").values_list(*COLUMNS)
        return (Document(*row) for row in rows.iterator(self._chunk))

    def live(self) -> Iterator[Document]:
        """All documents that are not removed."""
        from search.models import SearchDocument

        rows = SearchDocument.objects.filter(deleted=False).order_by("pk").values_list(*COLUMNS)
        return (Document(*row) for row in rows.iterator(self._chunk))

    def fetch(self, keys: Iterable[str], *, body: bool) -> dict[str, Document]:
        """Documents of keys that still exist.

        Written as SQL: this runs for every letter typed, and building the query cost more than the query.
        """
        wanted = list(keys)
        if not wanted:
            return {}
        columns = COLUMNS if body else _LIGHT
        marks = ", ".join(["%s"] * len(wanted))
        sql = f"SELECT {', '.join(columns)} FROM search_searchdocument WHERE key IN ({marks}) AND deleted = %s"
        with connection.cursor() as cursor:
            cursor.execute(sql, [*wanted, False])
            rows = cursor.fetchall()
        structured = [place for place, name in enumerate(columns) if name in _STRUCTURED]
        found: dict[str, Document] = {}
        for row in rows:
            values = list(row)
            for place in structured:
                if isinstance(values[place], str):
                    values[place] = _decoded(values[place])[0]
            found[row[0]] = Document(*values) if body else Document(**dict(zip(columns, values, strict=True)))
        return found

    def vectors(self, keys: Iterable[str], encoder: str) -> dict[str, bytes]:
        """Vectors of the documents that have any of this encoder."""
        from search.models import SearchVector

        rows = SearchVector.objects.filter(document_id__in=list(keys), encoder=encoder).values_list("document_id", "data")
        return {key: bytes(data) for key, data in rows}

    def dictionary(self) -> Dictionary:
        """The dictionary of the rows that editors keep."""
        return self.dictionary_with([])

    @staticmethod
    def dictionary_with(more: Iterable[tuple[str, bool]]) -> Dictionary:
        """The dictionary of the rows and more lines of synonyms (``(words, one way)``)."""
        from search.models import DomainWord, PromotedResult, StopWord, Synonym

        domain = list(DomainWord.objects.filter(active=True).values_list("role", "word"))
        return Dictionary.build(
            [*Synonym.objects.filter(active=True).values_list("terms", "one_way"), *more],
            stop_words=StopWord.objects.filter(active=True).values_list("word", flat=True),
            promotions=PromotedResult.objects.filter(active=True, document__deleted=False).values_list("words", "document__key"),
            own=[word for role, word in domain if role == DomainWord.Role.OWN],
            foreign=[word for role, word in domain if role == DomainWord.Role.FOREIGN],
        )

    def catalogue(self) -> Catalogue:
        """The codes, models and names of families of published code cards and products."""
        from search.models import Kind, SearchDocument

        rows = SearchDocument.objects.filter(deleted=False, kind__in=[Kind.CODE, Kind.PRODUCT])
        return Catalogue.of_documents(rows.values_list("kind", "title", "keywords", "codes", "models", "families"))


class MemoryStore:
    """Documents held in memory, with the shipped dictionary only."""

    def __init__(self, documents: Iterable[Document], *, dictionary: Dictionary | None = None) -> None:
        self._documents = {d.key: d for d in documents}
        self._dictionary = dictionary or shipped()
        self._vectors: dict[str, bytes] = {}

    def keep_vectors(self, vectors: dict[str, bytes]) -> None:
        """Remember the vectors of documents."""
        self._vectors.update(vectors)

    def vectors(self, keys: Iterable[str], encoder: str) -> dict[str, bytes]:
        """Vectors of the documents that have any."""
        return {key: self._vectors[key] for key in keys if key in self._vectors}

    def position(self) -> Position:
        """A fixed position: nothing changes."""
        return Position("memory", 1, 1)

    def changes(self, after: int) -> Iterator[Document]:
        """Everything, for whoever has seen nothing."""
        return iter(self._documents.values()) if after < 1 else iter(())

    def live(self) -> Iterator[Document]:
        """All documents."""
        return iter(self._documents.values())

    def fetch(self, keys: Iterable[str], *, body: bool) -> dict[str, Document]:
        """Documents of keys."""
        return {key: self._documents[key] for key in keys if key in self._documents}

    def dictionary(self) -> Dictionary:
        """The dictionary given at the start."""
        return self._dictionary

    def catalogue(self) -> Catalogue:
        """Codes, models and names of families of the documents."""
        return Catalogue.of_documents((d.kind, d.title, d.keywords, d.codes, d.models, d.families) for d in self._documents.values())
