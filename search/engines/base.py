"""What every engine can do; understanding and results never depend on which one answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from search.documents import Document
from search.plan import ALL, Filters, Plan


class EngineUnavailable(Exception):
    """The engine cannot answer now: down, too slow, or without its index."""


@dataclass(slots=True, frozen=True)
class Scored:
    """A document's key and its score; scores of all engines are on one scale."""

    key: str
    score: float


class Lexicon(Protocol):
    """The words of the index, for spelling, completion and calibration."""

    @property
    def total(self) -> int:
        """Number of documents."""

    def frequency(self, field: str, term: str) -> int:
        """Number of documents that have the term in the field."""

    def together(self, stems: list[str], field: str = ALL) -> int:
        """Number of documents with these index terms side by side in the combined text, or in the title."""

    def completions(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Terms that begin with the prefix and their frequencies, most frequent first."""


class Engine(Protocol):
    """An index that answers plans."""

    name: str

    def index(self, documents: Iterable[Document]) -> int:
        """Add or replace documents; returns how many. Raises EngineUnavailable."""

    def remove(self, keys: Iterable[str]) -> None:
        """Remove documents; unknown keys are no error."""

    def search(self, plan: Plan, filters: Filters, *, limit: int) -> list[Scored]:
        """The best ``limit`` documents, best first. Raises EngineUnavailable."""

    def count(self) -> int:
        """Number of documents in the index."""

    def health(self) -> dict[str, object]:
        """State for operators; never raises."""

    def reset(self) -> None:
        """Start with an empty index."""
