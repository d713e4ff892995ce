"""The embedded engine: a disposable local index that follows the rows, safe among threads and processes.

Layout of the directory: ``state.json`` (what the index contains), ``lock`` (held by whoever writes), one directory per
generation. A missing, broken or outdated index is rebuilt beside the old one, which answers until the new one is ready.
"""

from __future__ import annotations

import fcntl
import json
import logging
import shutil
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from search.documents import Document
from search.engines.base import EngineUnavailable, Scored
from search.engines.local_index import SCHEMA_VERSION, LocalIndex
from search.plan import Filters, Plan
from search.store import Position, Store

logger = logging.getLogger(__name__)

_FIRST_BUILD_PATIENCE = 20.0


@dataclass(slots=True, frozen=True)
class State:
    """What the index on disk contains."""

    schema: int
    epoch: str
    version: int
    generation: str


class EmbeddedEngine:
    """Searches a local directory that catches up with a store by version."""

    name = "embedded"

    def __init__(self, directory: Path, store: Store) -> None:
        self.directory = Path(directory)
        self.store = store
        self._thread_lock = threading.RLock()
        self._opened: tuple[State, LocalIndex] | None = None

    # --- following the rows ---------------------------------------------------------------------------------------

    def follow(self, position: Position | None = None) -> LocalIndex:
        """The index, caught up with the rows. Raises EngineUnavailable when there is none and none can be made.

        While another thread or process is writing, the index as it stands is used at once; only the very first build
        is waited for.
        """
        try:
            position = position or self.store.position()
            opened = self._opened
            if opened is None or not self._current(opened[0], position):
                opened = self._catch_up(position)
            return opened[1]
        except EngineUnavailable:
            raise
        except Exception as error:
            opened = self._opened
            if opened is not None:
                logger.warning("embedded search could not catch up: %s", error)
                return opened[1]
            raise EngineUnavailable(str(error)) from error

    @staticmethod
    def _current(state: State, position: Position) -> bool:
        return state.epoch == position.epoch and state.version == position.value and state.schema == SCHEMA_VERSION

    def _catch_up(self, position: Position) -> tuple[State, LocalIndex]:
        have = self._opened is not None
        if not self._thread_lock.acquire(timeout=0 if have else _FIRST_BUILD_PATIENCE):
            if self._opened is not None:
                return self._opened
            raise EngineUnavailable("the local index is being built")
        try:
            self._open_from_disk()
            if self._opened is not None and self._current(self._opened[0], position):
                return self._opened
            with self._file_lock(wait=0.0 if self._opened is not None else _FIRST_BUILD_PATIENCE) as held:
                if held:
                    self._open_from_disk()
                    self._write_changes()
            if self._opened is None:
                raise EngineUnavailable("the local index is being built by another process")
            return self._opened
        finally:
            self._thread_lock.release()

    def _write_changes(self) -> None:
        position = self.store.position()
        if self._opened is None:
            self._build(position)
            return
        state, index = self._opened
        if state.schema != SCHEMA_VERSION or state.epoch != position.epoch or position.value < state.version:
            self._build(position)
            return
        if state.version == position.value:
            return
        newest = position.value
        changed: list[Document] = []
        for document in self.store.changes(state.version):
            changed.append(document)
            newest = max(newest, document.version)
        try:
            index.write(changed)
        except Exception:
            logger.exception("the local search index is broken and is built again")
            self._build(self.store.position())
            return
        self._save(State(SCHEMA_VERSION, position.epoch, newest, state.generation), index)

    def _build(self, position: Position) -> None:
        generation = f"g-{uuid.uuid4().hex[:12]}"
        path = self.directory / generation
        index = LocalIndex(path, create=True)
        started = time.perf_counter()
        count = index.write(self.store.live(), replace=False)
        self._save(State(SCHEMA_VERSION, position.epoch, position.value, generation), index)
        logger.info("local search index built: %d documents in %.2f s", count, time.perf_counter() - started)
        for old in self.directory.glob("g-*"):
            if old.name != generation:
                shutil.rmtree(old, ignore_errors=True)

    # --- files ----------------------------------------------------------------------------------------------------

    @property
    def _state_file(self) -> Path:
        return self.directory / "state.json"

    def _read_state(self) -> State | None:
        try:
            return State(**json.loads(self._state_file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _save(self, state: State, index: LocalIndex) -> None:
        temporary = self.directory / f"state-{uuid.uuid4().hex[:8]}.tmp"
        temporary.write_text(json.dumps(asdict(state)), "utf-8")
        temporary.replace(self._state_file)
        self._opened = (state, index)

    def _open_from_disk(self) -> None:
        state = self._read_state()
        if state is None:
            self._opened = None
            return
        if self._opened is not None and self._opened[0] == state:
            return
        try:
            if self._opened is not None and self._opened[0].generation == state.generation:
                index = self._opened[1]
                index.reload()
            elif state.schema == SCHEMA_VERSION:
                index = LocalIndex(self.directory / state.generation)
            else:
                self._opened = None
                return
        except Exception as error:
            logger.warning("the local search index cannot be opened and is built again: %s", error)
            self._opened = None
            return
        self._opened = (state, index)

    @contextmanager
    def _file_lock(self, *, wait: float) -> Iterator[bool]:
        self.directory.mkdir(parents=True, exist_ok=True)
        with open(self.directory / "lock", "a+b") as handle:
            deadline = time.monotonic() + wait
            held = False
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    held = True
                    break
                except OSError:
                    if time.monotonic() >= deadline:
                        break
                    time.sleep(0.02)
            try:
                yield held
            finally:
                if held:
                    fcntl.flock(handle, fcntl.LOCK_UN)

    # --- the engine interface -------------------------------------------------------------------------------------

    def index(self, documents: Iterable[Document]) -> int:
        """Catch up with the rows; what is given is among them."""
        self.follow()
        return sum(1 for _ in documents)

    def remove(self, keys: Iterable[str]) -> None:
        """Catch up with the rows; removed ones are marked there."""
        self.follow()

    def search(self, plan: Plan, filters: Filters, *, limit: int) -> list[Scored]:
        """The best documents. Raises EngineUnavailable when there is no index."""
        index = self._opened[1] if self._opened is not None else self.follow()
        try:
            return index.search(plan, filters, limit=limit)
        except Exception as error:
            logger.exception("the local search index failed to answer")
            raise EngineUnavailable(str(error)) from error

    def count(self) -> int:
        """Number of documents in the index."""
        return self.follow().total

    def rebuild(self) -> int:
        """Build the index again beside the old one; returns the number of documents."""
        with self._thread_lock, self._file_lock(wait=_FIRST_BUILD_PATIENCE) as held:
            if not held:
                raise EngineUnavailable("another process is writing the local index")
            self._build(self.store.position())
            assert self._opened is not None
            return self._opened[1].total

    def reset(self) -> None:
        """Forget the index; the next question builds it again."""
        with self._thread_lock, self._file_lock(wait=_FIRST_BUILD_PATIENCE):
            self._opened = None
            self._state_file.unlink(missing_ok=True)
            for old in self.directory.glob("g-*"):
                shutil.rmtree(old, ignore_errors=True)

    def health(self) -> dict[str, object]:
        """State for operators; never raises."""
        try:
            index = self.follow()
            state = self._opened[0] if self._opened else None
            return {"state": "ok", "documents": index.total, "version": state.version if state else 0}
        except Exception as error:
            return {"state": "unavailable", "reason": str(error)[:200]}
