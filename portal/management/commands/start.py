"""`manage.py start`: everything between a fresh checkout and a served page, then `serve`. Quick when there is nothing to do."""

import os
import sys
import time

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Prepare the database, the catalogue of translations, the demo and the search index; then serve."""

    help = "Prepare whatever is missing (tables, translations, demo, search index) and serve the portal."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address to serve on."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--prepare-only", action="store_true", help="stop before serving")

    def handle(self, *args, host: str, port: int, prepare_only: bool, **options) -> None:
        """Run each step, say what takes time, and hand over to `serve`."""
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        self._step("Compiling the Chinese catalogue", "compile_catalogues")
        self._step("Bringing the database up to date", "migrate", interactive=False)
        empty = not get_user_model()._default_manager.exists()
        unfinished = settings.DATA_DIR / "demo_unfinished"  # an interrupted load is taken up again
        if settings.DEMO and (empty or unfinished.exists()):
            unfinished.touch()
            self._step("Loading the demo", "load_demo")
            unfinished.unlink()
        else:
            self._step("Checking the default rows", "setup_defaults")
        if empty:
            self._step("Building the search index", "rebuild_search")
        if not prepare_only:
            sys.stdout.flush()
            # A process of its own: it starts with the catalogue just compiled and gets Ctrl-C itself.
            command = [sys.executable, sys.argv[0], "serve", "--host", host, "--port", str(port)]
            os.execv(sys.executable, command)

    def _step(self, what: str, command: str, **options) -> None:
        began = time.monotonic()
        self.stdout.write(f"{what} …", ending=" ")
        self.stdout.flush()
        call_command(command, verbosity=0, **options)
        self.stdout.write(f"{time.monotonic() - began:.1f} s")
