"""A small maker's help pages in both languages, and services over them for either engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from search import text
from search.documents import Document
from search.evaluation import scratch_service
from search.service import SearchService

FAMILIES = {
    "washing-machines": ("洗衣机", "Washing machines"),
    "air-conditioners": ("空调", "Air conditioners"),
    "refrigerators": ("冰箱", "Refrigerators"),
    "water-heaters": ("热水器", "Water heaters"),
    "robot-vacuums": ("扫地机器人", "Robot vacuums"),
}

THINGS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "corpus.yaml").read_text("utf-8"))


def documents() -> list[Document]:
    """Every thing in both languages."""
    made = []
    for number, thing in enumerate(THINGS, 1):
        for language in ("zh-hans", "en"):
            words = thing[language]
            plain = text.plain(words["title"])
            named = thing["families"] and thing["kind"] in ("code", "product")
            made.append(
                Document(
                    key=f"{thing['key']}:{language}",
                    kind=thing["kind"],
                    language=language,
                    keywords=FAMILIES[thing["families"][0]][language == "en"] if named else "",
                    url=f"/{language}/x/{thing['key']}/",
                    families=thing["families"],
                    codes=thing["codes"],
                    models=thing["models"],
                    pinyin=text.pinyin_terms(plain),
                    initials=text.initial_terms(plain),
                    version=number,
                    **words,
                )
            )
    return made


@contextmanager
def service_over(engine: str, made: list[Document] | None = None) -> Iterator[SearchService]:
    """A service over the corpus with one of the engines."""
    with scratch_service(made or documents(), engine=engine) as service:
        yield service


def put_all() -> None:
    """Put the corpus into the rows, as publishing would."""
    from search.actions import put_document

    for document in documents():
        fields: dict[str, Any] = {
            name: getattr(document, name)
            for name in ("key", "kind", "language", "title", "summary", "body", "keywords", "url", "codes", "models", "families")
        }
        put_document(subject=document.subject_key, **fields)


def bring_in_line() -> None:
    """Build Elasticsearch from the rows: after a test is undone its numbers of versions come again, so a sweep would see no change."""
    from search.maintenance import rebuild_elastic
    from search.runtime import elastic_engine, service

    if (engine := elastic_engine()) is not None:
        rebuild_elastic(engine, service().store)
        engine.refresh()
