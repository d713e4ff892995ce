"""Background work of search: handlers of the switchboard; ids in, re-fetch, one action, safe to repeat."""

from __future__ import annotations

from core.tasks import Retry, enqueue
from search import actions
from search.engines.base import EngineUnavailable
from search.maintenance import reconcile
from search.runtime import elastic_engine, service


def index_guide(page_id: int, **_: object) -> None:
    """A guide was published or changed."""
    actions.index_subject("guide", page_id)


def remove_guide(page_id: int, **_: object) -> None:
    """A guide was taken down or deleted; a page that is live after all stays."""
    actions.index_subject("guide", page_id)


def index_diagnosis(page_id: int, **_: object) -> None:
    """A diagnosis was published, moved, taken down or deleted."""
    actions.index_subject("diagnosis", page_id)


def index_announcement(announcement_id: int, **_: object) -> None:
    """An announcement was published, withdrawn or archived."""
    actions.index_subject("announcement", announcement_id)


def index_product(model_id: int | None = None, family_id: int | None = None, **_: object) -> None:
    """A model or a family changed."""
    if model_id is not None:
        actions.index_subject("product", model_id)
    if family_id is not None:
        actions.index_subject("family", family_id)


def index_code(code_id: int, **_: object) -> None:
    """An error code changed."""
    actions.index_subject("code", code_id)


def sweep() -> None:
    """The clock's sweep: announcements whose time has come or gone, then every engine against the rows."""
    actions.index_due()
    asked = service()
    reconcile(asked)
    if asked.meaning is not None:
        enqueue("search.tasks.encode_documents")


def encode_documents() -> None:
    """Make the vectors that are missing, for less than a minute; the next sweep goes on with the rest."""
    meaning = service().meaning
    if meaning is not None:
        actions.encode_due(meaning.encoder, seconds=45)


def push_documents(keys: list[str]) -> None:
    """Bring Elasticsearch in line with rows. Raises Retry while it cannot be reached; the sweep heals what is given up."""
    engine = elastic_engine()
    if engine is None:
        return
    try:
        engine.index(actions.documents_of(keys))
    except EngineUnavailable as error:
        raise Retry(str(error)) from error
