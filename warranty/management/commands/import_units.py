"""`manage.py import_units FILE`: shipped units from a list, read and judged as on the screen of the imports. Writes only with `--write`."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import translation

from core.imports.reading import Unreadable
from core.imports.table import CHANGE, CREATE, SAME, WRONG, Outcome
from warranty.unit_lists import UNITS

MOST_LINES = 200_000
SHOWN = 50


class Command(BaseCommand):
    """Take in a list of shipped units: columns serial, model, shipped_on, and where known produced_on, region."""

    help = "Import shipped units from CSV or XLSX (serial, model, shipped_on[, produced_on, region]). A dry run unless --write is given."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, the switch and the language of what is said about lines."""
        parser.add_argument("file", help="CSV (UTF-8, UTF-16 or GB 18030) or .xlsx, with a header")
        parser.add_argument("--write", action="store_true", help="write the right lines, all or none; without it nothing is written")
        parser.add_argument("--language", choices=["en", "zh-hans"], default="en", help="of what is said about wrong lines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, report each wrong line, write the right ones in one transaction."""
        path = Path(options["file"])
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(str(error)) from error
        with translation.override(options["language"]), transaction.atomic():
            try:
                outcomes = UNITS.outcomes(content, path.name, most_lines=MOST_LINES)
            except Unreadable as error:
                raise CommandError(str(error)) from error
            self._report(outcomes)
            if options["write"]:
                for item in outcomes:
                    if item.apply is not None and item.verb != WRONG:
                        item.apply(None)
        counts = Counter(item.verb for item in outcomes)
        said = f"{counts[CREATE]} new, {counts[CHANGE]} changed, {counts[SAME]} as they are, {counts[WRONG]} wrong"
        self.stdout.write(f"{said}: {'written, the wrong ones left out' if options['write'] else 'a dry run, nothing was written'}")

    def _report(self, outcomes: list[Outcome]) -> None:
        problems = [problem for item in outcomes for problem in item.problems]
        for problem in problems[:SHOWN]:
            self.stdout.write(f"line {problem.line}: {f'{problem.column}: ' if problem.column else ''}{problem.words}")
        if len(problems) > SHOWN:
            self.stdout.write(f"… and {len(problems) - SHOWN} more")
