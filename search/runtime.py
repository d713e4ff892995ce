"""The service of this process, made once from the settings."""

from __future__ import annotations

import threading
from pathlib import Path

from django.conf import settings

from search.circuit import Circuit
from search.engines.elastic import ElasticEngine, connect
from search.engines.embedded import EmbeddedEngine
from search.meaning import Meaning, load_encoder
from search.service import SearchService
from search.store import RowStore

_lock = threading.Lock()
_service: SearchService | None = None


def elastic_engine(*, prefix: str = "") -> ElasticEngine | None:
    """The Elasticsearch engine of the settings, or None when no address is set."""
    urls = settings.ELASTICSEARCH_URL
    if isinstance(urls, str):
        urls = [part.strip() for part in urls.split(",") if part.strip()]
    if not urls:
        return None
    client = connect(
        list(urls),
        user=settings.ELASTICSEARCH_USER,
        password=settings.ELASTICSEARCH_PASSWORD,
        ca_certs=settings.ELASTICSEARCH_CA_CERTS,
    )
    return ElasticEngine(client, prefix=prefix or settings.ELASTICSEARCH_INDEX_PREFIX)


def make_service() -> SearchService:
    """A service as the settings say; the embedded engine is always there."""
    store = RowStore()
    embedded = EmbeddedEngine(Path(settings.SEARCH_INDEX_DIR) / "embedded", store)
    elastic = elastic_engine()
    circuit = Circuit(elastic.probe) if elastic is not None else None
    encoder = load_encoder(settings.SEARCH_ENCODER)
    return SearchService(store, embedded, elastic, circuit, meaning=Meaning(encoder, store) if encoder else None)


def service() -> SearchService:
    """The service of this process."""
    global _service
    if _service is None:
        with _lock:
            if _service is None:
                _service = make_service()
    return _service


def forget() -> None:
    """Make the next call build the service again (tests, changed settings)."""
    global _service
    _service = None
