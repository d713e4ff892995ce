"""`manage.py run_clock`: all sweeps as a process of its own."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.worker import Clock
from portal.sweeps import sweeps


class Command(BaseCommand):
    """Runs the sweeps in turn until told to stop."""

    help = "Run the clock: service levels, search reconciliation, lost tasks, scheduled publishing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--once`."""
        parser.add_argument("--once", action="store_true", help="Run every sweep once, then stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the clock."""
        clock = Clock(sweeps())
        if options["once"]:
            for name in clock.tick():
                self.stdout.write(name)
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: clock.stop_event.set())
        clock.serve()
