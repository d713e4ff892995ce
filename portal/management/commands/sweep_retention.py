"""Let go what has outlived its time; with --dry-run only say how much that is."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.retention import figures, sweep


class Command(BaseCommand):
    """`manage.py sweep_retention [--dry-run]`."""

    help = "Let go what has been kept as long as the privacy page says; --dry-run changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --dry-run."""
        parser.add_argument("--dry-run", action="store_true", help="only say how many rows are due")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print rule and rows."""
        counts = {row["rule"].key: row["due"] for row in figures()} if options["dry_run"] else sweep()
        for key, count in counts.items():
            self.stdout.write(f"{key}: {count}")
