"""`manage.py setup_defaults`: the rows every installation starts with (roles, queues, calendars, page roots); safe to repeat."""

from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

APPS = ("accounts", "products", "kb", "diagnosis", "warranty", "tickets", "chat", "search")


class Command(BaseCommand):
    """Loads each app's defaults in import order."""

    help = "Create the starting rows of every app (idempotent)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Call `load_defaults()` of every app that has one."""
        for app in APPS:
            try:
                module = import_module(f"{app}.defaults")
            except ModuleNotFoundError as error:
                if error.name != f"{app}.defaults":
                    raise
                continue
            with transaction.atomic():
                module.load_defaults()
            if options["verbosity"] > 0:
                self.stdout.write(f"defaults: {app}")
