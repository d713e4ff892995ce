"""`manage.py import_units FILE`: shipped units from a CSV file. Reads and reports; writes only with `--write`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from products.models import ProductModel, Unit
from warranty import serials
from warranty.imports import read_units

AT_ONCE = 1000
SHOWN = 50


class Command(BaseCommand):
    """Take in a list of shipped units: columns serial, model, shipped_on, and where known produced_on, region."""

    help = "Import shipped units from CSV (serial, model, shipped_on[, produced_on, region]). A dry run unless --write is given."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and the switch."""
        parser.add_argument("file", help="CSV in UTF-8 or GB 18030, with a header")
        parser.add_argument("--write", action="store_true", help="write the good lines; without it nothing is written")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, report each bad line, write in one transaction. Lines whose number exists are left alone."""
        try:
            raw = Path(options["file"]).read_bytes()
        except OSError as error:
            raise CommandError(str(error)) from error
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("gb18030", errors="replace")
        models = dict(ProductModel.objects.values_list("number_normal", "pk"))
        known = set(Unit.objects.values_list("serial_normal", flat=True))
        reading = read_units(text, models=models, known=known)
        for number, words in reading.problems[:SHOWN]:
            self.stdout.write(f"line {number}: {words}")
        if len(reading.problems) > SHOWN:
            self.stdout.write(f"… and {len(reading.problems) - SHOWN} more")
        if options["write"]:
            self._write(reading.lines)
        done = "written" if options["write"] else "can be written (dry run, nothing was)"
        self.stdout.write(f"{len(reading.lines)} units {done}, {len(reading.problems)} lines left out")

    @transaction.atomic
    def _write(self, lines: Any) -> None:
        rows = [
            Unit(
                model_id=line.model_id,
                serial=line.serial,
                serial_normal=serials.normal(line.serial),
                shipped_on=line.shipped_on,
                produced_on=line.produced_on,
                region=line.region,
                known=True,
            )
            for line in lines
        ]
        Unit.objects.bulk_create(rows, batch_size=AT_ONCE)
