"""Build the search indexes again from the rows (and the rows from the content, when asked)."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search import actions
from search.engines.base import EngineUnavailable
from search.engines.elastic import ElasticEngine
from search.maintenance import rebuild_elastic
from search.runtime import service


class Command(BaseCommand):
    """``rebuild_search [--engine embedded|elasticsearch] [--extract] [--vectors]``."""

    help = "Build the search indexes again from the search documents; searching goes on meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        """Engine and extraction."""
        parser.add_argument("--engine", choices=["embedded", "elasticsearch"], help="only this engine")
        parser.add_argument("--extract", action="store_true", help="first read guides, products, codes … again")
        parser.add_argument(
            "--vectors", action="store_true", help="make the missing vectors of SEARCH_ENCODER now instead of little by little"
        )

    def handle(self, *args: Any, engine: str | None = None, extract: bool = False, vectors: bool = False, **options: Any) -> None:
        """Rebuild, and say how many documents a second."""
        asked = service()
        if extract:
            self.stdout.write(f"{actions.index_everything()} documents extracted")
        if vectors:
            if asked.meaning is None:
                raise CommandError("SEARCH_ENCODER names no encoder that is installed.")
            encoder = asked.meaning.encoder
            self._timed("vectors", lambda: actions.encode_due(encoder, seconds=float("inf"))[0])
        if engine in (None, "embedded"):
            self._timed("embedded", asked.embedded.rebuild)
        if isinstance(asked.main, ElasticEngine) and engine in (None, "elasticsearch"):
            main = asked.main
            self._timed("elasticsearch", lambda: rebuild_elastic(main, asked.store))
        elif engine == "elasticsearch":
            raise CommandError("ELASTICSEARCH_URL is not set.")

    def _timed(self, name: str, build: Any) -> None:
        started = time.perf_counter()
        try:
            count = build()
        except EngineUnavailable as error:
            raise CommandError(f"{name}: {error}") from error
        seconds = time.perf_counter() - started
        self.stdout.write(f"{name}: {count} documents in {seconds:.2f} s ({count / max(seconds, 1e-6):.0f}/s)")
