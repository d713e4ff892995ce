"""Where documents come from: rows in the main database, or memory when a judged set is evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from search.catalogue import Catalogue
from search.dictionary import Dictionary, shipped
from search.documents import COLUMNS, Document


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

    def dictionary(self) -> Dictionary:
        """The dictionary in force."""

    def catalogue(self) -> Catalogue:
        """The codes and models that exist."""


class RowStore:
    """Documents in :class:`search.models.SearchDocument`."""

    _chunk = 500

    def position(self) -> Position:
        """The newest versions; version 0 of no epoch before the first document."""
        from search.models import SearchCounter

        row = SearchCounter.objects.values_list("epoch", "value", "dictionary").first()
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
        """Documents of keys that still exist."""
        from search.models import SearchDocument

        columns = COLUMNS if body else tuple(c for c in COLUMNS if c not in _HEAVY)
        rows = SearchDocument.objects.filter(key__in=list(keys), deleted=False).values_list(*columns)
        if body:
            return {row[0]: Document(*row) for row in rows}
        return {row[0]: Document(**dict(zip(columns, row, strict=True))) for row in rows}

    def dictionary(self) -> Dictionary:
        """The dictionary of the rows that editors keep."""
        from search.models import PromotedResult, StopWord, Synonym

        return Dictionary.build(
            Synonym.objects.filter(active=True).values_list("terms", "one_way"),
            stop_words=StopWord.objects.filter(active=True).values_list("word", flat=True),
            promotions=PromotedResult.objects.filter(active=True, document__deleted=False).values_list("words", "document__key"),
        )

    def catalogue(self) -> Catalogue:
        """The codes and models of published code cards and products."""
        from search.models import Kind, SearchDocument

        rows = SearchDocument.objects.filter(deleted=False, kind__in=[Kind.CODE, Kind.PRODUCT])
        codes: list[str] = []
        models: list[tuple[str, list[str]]] = []
        for kind, own_codes, own_models, families in rows.values_list("kind", "codes", "models", "families"):
            if kind == Kind.CODE:
                codes.extend(own_codes)
            else:
                models.extend((number, families) for number in own_models)
        return Catalogue.build(codes, models)


_HEAVY = frozenset({"body", "keywords", "pinyin", "initials"})


class MemoryStore:
    """Documents held in memory, with the shipped dictionary only."""

    def __init__(self, documents: Iterable[Document], *, dictionary: Dictionary | None = None) -> None:
        self._documents = {d.key: d for d in documents}
        self._dictionary = dictionary or shipped()

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
        """Codes and models of the documents."""
        return Catalogue.build(
            (c for d in self._documents.values() if d.kind == "code" for c in d.codes),
            ((m, d.families) for d in self._documents.values() if d.kind == "product" for m in d.models),
        )
