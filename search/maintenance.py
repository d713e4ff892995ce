"""Keeping indexes true to the rows: rebuilding without downtime, and the sweep that heals whatever was lost."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from search.documents import COLUMNS, Document
from search.engines.base import EngineUnavailable
from search.engines.elastic import ElasticEngine
from search.models import SearchDocument
from search.service import SearchService
from search.store import Store

logger = logging.getLogger(__name__)

_CHUNK = 500


@dataclass(slots=True)
class Healed:
    """What a sweep found and did."""

    engine: str
    documents: int = 0
    repaired: int = 0
    removed: int = 0
    rebuilt: bool = False
    problem: str = ""


def rebuild_elastic(engine: ElasticEngine, store: Store) -> int:
    """Build a new index from the rows, catch up with what changed meanwhile, switch; returns the number of documents.

    Reading goes on from the old index until the switch. Raises EngineUnavailable; the old index is then still in use.
    """
    start = store.position().value
    name = engine.create_index()
    try:
        count = engine.index(store.live(), into=name)
        seen = store.position().value
        if seen > start:
            engine.index(store.changes(start), into=name)
        engine.switch_to(name)
    except EngineUnavailable:
        logger.warning("rebuild given up, index %s is left to the sweep", name)
        raise
    # What was written to the old index between the catch-up and the switch.
    engine.index(store.changes(start), into=name)
    return count


def reconcile(service: SearchService) -> list[Healed]:
    """Compare every engine with the rows and repair it. Never raises; problems are in the result."""
    results = [_reconcile_embedded(service)]
    if isinstance(service.main, ElasticEngine):
        healed = Healed("elasticsearch")
        try:
            _reconcile_elastic(service.main, service.store, healed)
            if service.circuit is not None:
                service.circuit.worked()
        except EngineUnavailable as error:
            healed.problem = str(error)
        except Exception as error:
            logger.exception("the search sweep failed")
            healed.problem = str(error)[:200]
        results.append(healed)
    return results


def _reconcile_embedded(service: SearchService) -> Healed:
    healed = Healed("embedded")
    try:
        index = service.embedded.follow()
        expected = SearchDocument.objects.filter(deleted=False).count()
        if index.total != expected:
            healed.rebuilt = True
            healed.repaired = abs(index.total - expected)
            service.embedded.rebuild()
        healed.documents = service.embedded.count()
    except Exception as error:
        logger.exception("the local index could not be repaired")
        healed.problem = str(error)[:200]
    return healed


def _reconcile_elastic(engine: ElasticEngine, store: Store, healed: Healed) -> None:
    if not engine.ready():
        healed.documents = rebuild_elastic(engine, store)
        healed.rebuilt = True
        engine.sweep_orphans()
        return
    before = store.position().value
    indexed = dict(engine.versions())
    wanted = dict(SearchDocument.objects.filter(deleted=False).values_list("key", "version"))
    stale = [key for key, version in wanted.items() if indexed.get(key) != version]
    unknown = [key for key in indexed if key not in wanted]
    # Rows that changed while the index was read are on their way by themselves.
    still_removed = set(unknown) - set(SearchDocument.objects.filter(key__in=unknown[:10_000], deleted=False).values_list("key", flat=True))
    healed.repaired = engine.index(_documents(stale), at_least=before) if stale else 0
    if still_removed:
        engine.remove(still_removed)
        healed.removed = len(still_removed)
    healed.documents = len(wanted)
    engine.sweep_orphans()
    if healed.repaired or healed.removed:
        logger.info("search sweep at version %d: %d repaired, %d removed", before, healed.repaired, healed.removed)


def _documents(keys: list[str]) -> Iterator[Document]:
    for start in range(0, len(keys), _CHUNK):
        rows = SearchDocument.objects.filter(key__in=keys[start : start + _CHUNK]).values_list(*COLUMNS)
        for row in rows:
            yield Document(*row)
