"""`manage.py serve`: the portal in one process: web, worker and clock, supervised. `manage.py start` prepares the data first."""

import logging
import threading
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from core.worker import Clock, Worker
from portal.warm import warm_up

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

    help = "Serve web, worker and clock in one process (Ctrl-C stops all)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address to serve on."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        """Run web in this thread, worker and clock beside it; all stop together."""
        from portal.sweeps import sweeps

        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        stop = threading.Event()
        helpers = [
            Supervised("worker", lambda: Worker(stop=stop), stop),
            Supervised("clock", lambda: Clock(sweeps(), stop=stop), stop),
        ]
        config = uvicorn.Config(
            "portal.asgi:application",
            host=host,
            port=port,
            log_level="warning",
            ws_max_size=FRAME_LIMIT,
            lifespan="off",
            timeout_graceful_shutdown=3,
        )
        server = uvicorn.Server(config)
        for helper in helpers:
            helper.start()
        threading.Thread(target=warm_up, name="warm", daemon=True).start()
        self.stdout.write(f"Serving at http://{'localhost' if host in {'127.0.0.1', '0.0.0.0', '::'} else host}:{port}/ – Ctrl-C stops.")
        if settings.DEMO:
            self.print_accounts()
        self.stdout.flush()
        try:
            server.run()
        except KeyboardInterrupt:
            pass  # Ctrl-C; uvicorn has shut down and hands the signal on
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
