"""`manage.py serve`: prepares the data and serves the portal in one process: web, worker and clock, supervised."""

import logging
import os
import threading
import time
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from core.worker import Clock, Worker

logger = logging.getLogger(__name__)
FRAME_LIMIT = 65536  # bytes of one socket frame; a larger one closes the socket with 1009


class Supervised(threading.Thread):
    """A background loop that is started again when it falls, until the stop sign."""

    def __init__(self, name: str, make: Any, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.make = make
        self.stop_event = stop

    def run(self) -> None:
        """Serve; after a fall wait a second and start anew."""
        while not self.stop_event.is_set():
            try:
                self.make().serve()
            except Exception:
                logger.exception("%s fell; it is started again", self.name)
                self.stop_event.wait(1)


class Command(BaseCommand):
    """The one-process mode."""

    help = "Migrate, load what is missing and serve web, worker and clock in one process (Ctrl-C stops all)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add address and what to leave out."""
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--no-prepare", action="store_true", help="Serve at once: no migration, no demo, no indexing.")
        parser.add_argument("--prepare-only", action="store_true", help="Prepare and stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, then serve until Ctrl-C."""
        if not options["no_prepare"]:
            self.prepare()
        if options["prepare_only"]:
            return
        self.serve(options["host"], options["port"])

    def prepare(self) -> None:
        """Bring the data up to date: tables, starting rows, demo, search index."""
        began = time.monotonic()
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("compile_catalogues", verbosity=0)
        call_command("setup_defaults", verbosity=0)
        if settings.DEMO:
            call_command("load_demo", verbosity=1, stdout=self.stdout)
        Worker(batch=True).serve()
        self.stdout.write(f"Ready after {time.monotonic() - began:.1f} s.")

    def serve(self, host: str, port: int) -> None:
        """Run web in this thread, worker and clock beside it; all stop together."""
        from portal.sweeps import sweeps

        stop = threading.Event()
        helpers = [
            Supervised("worker", lambda: Worker(stop=stop), stop),
            Supervised("clock", lambda: Clock(sweeps(), stop=stop), stop),
        ]
        config = uvicorn.Config(
            "portal.asgi:application", host=host, port=port, log_level="warning", ws_max_size=FRAME_LIMIT, lifespan="off", timeout_graceful_shutdown=3
        )
        server = uvicorn.Server(config)
        for helper in helpers:
            helper.start()
        self.stdout.write(f"Serving at http://{'localhost' if host in {'127.0.0.1', '0.0.0.0', '::'} else host}:{port}/ – Ctrl-C stops.")
        if settings.DEMO:
            self.print_accounts()
        self.stdout.flush()
        try:
            server.run()
        finally:
            stop.set()
            for helper in helpers:
                helper.join(timeout=10)
            connections.close_all()
            self.stdout.write("Stopped.")

    def print_accounts(self) -> None:
        """Print who can sign in to the demo."""
        from portal.demo.accounts import demo_accounts

        for line in demo_accounts():
            self.stdout.write(f"  {line}")
