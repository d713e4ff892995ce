"""`manage.py run_worker`: the background worker as a process of its own."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.worker import Worker


class Command(BaseCommand):
    """Works through the queue until it is told to stop."""

    help = "Run the background worker (Ctrl-C or SIGTERM: finish the present task, then stop)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--once`."""
        parser.add_argument("--once", action="store_true", help="Stop when nothing is left to do.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the worker."""
        worker = Worker(batch=options["once"])
        worker.configure_signals()
        worker.serve()
