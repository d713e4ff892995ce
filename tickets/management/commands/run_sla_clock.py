"""Runs the service-level clock once: warnings, breaches, escalations; also closes what customers are silent about."""

from typing import Any

from django.core.management.base import BaseCommand

from tickets.actions import close_silent, run_sla_clock


class Command(BaseCommand):
    """`manage.py run_sla_clock`: safe to run at any time and twice at once."""

    help = "Warn, breach and escalate what is due; close silent tickets."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run both sweeps and say how many rows changed."""
        self.stdout.write(f"targets handled: {run_sla_clock()}, silent tickets closed: {close_silent()}")
