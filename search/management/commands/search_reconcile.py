"""The sweep that makes every index equal to the rows again; the clock runs it too."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from search.maintenance import reconcile
from search.runtime import service


class Command(BaseCommand):
    """``search_reconcile``: exit code 1 when an engine could not be repaired."""

    help = "Compare the search indexes with the search documents and repair what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep, and say what was done."""
        failed = False
        for healed in reconcile(service()):
            failed = failed or bool(healed.problem)
            done = healed.problem or (
                f"{healed.documents} documents, {healed.repaired} repaired, {healed.removed} removed"
                + (", rebuilt" if healed.rebuilt else "")
            )
            self.stdout.write(f"{healed.engine}: {done}")
        if failed:
            raise SystemExit(1)
