"""Engines and services for the tests of search."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from search import runtime
from search.service import SearchService
from tests.search.corpus import put_all, service_over

ENGINES = ["embedded", pytest.param("elasticsearch", marks=pytest.mark.services)]


@pytest.fixture(autouse=True)
def own_index(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Each test has an index directory of its own."""
    settings.SEARCH_INDEX_DIR = tmp_path / "search"
    runtime.forget()
    yield
    runtime.forget()


@pytest.fixture(scope="module", params=ENGINES)
def shop(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    """A service over the small maker's pages, once for each engine."""
    with service_over(request.param) as service:
        yield service


@pytest.fixture
def indexed(db: None, settings: Any) -> None:
    """The small maker's pages as rows, answered by the embedded engine."""
    settings.ELASTICSEARCH_URL = []
    runtime.forget()
    put_all()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, db: None, settings: Any) -> str:
    """Answers come from this engine, over the rows."""
    if request.param == "embedded":
        settings.ELASTICSEARCH_URL = []
    runtime.forget()
    return request.param
