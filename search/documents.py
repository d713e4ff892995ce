"""The plain document both engines index, independent of where it is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Document:
    """One findable thing in one language; the fields are those of :class:`search.models.SearchDocument`."""

    key: str
    title: str
    body: str = ""
    kind: str = "guide"
    language: str = "en"
    summary: str = ""
    keywords: str = ""
    url: str = ""
    codes: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    families: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    pinyin: str = ""
    initials: str = ""
    audience: str = "public"
    popularity: float = 0.0
    version: int = 0
    deleted: bool = False

    @property
    def subject_key(self) -> str:
        """The key without the language: what votes and the ledger call the thing."""
        return self.key.removesuffix(f":{self.language}")


COLUMNS = tuple(Document.__dataclass_fields__)
