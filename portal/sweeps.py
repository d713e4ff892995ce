"""All sweeps of the clock: name → (function, seconds between two runs). They look at state and heal what events missed."""

from collections.abc import Callable
from importlib import import_module

from django.conf import settings

# Dotted path, seconds between two runs (None: settings.CLOCK_SECONDS).
PATHS: dict[str, tuple[str, int | None]] = {
    "tasks_of_dead_workers": ("core.tasks.requeue_lost", None),
    "old_tasks": ("core.tasks.prune", 3600),
    "old_imports": ("core.imports.runs.sweep_runs", 3600),
    "unbound_files": ("core.files.sweep_drafts", 1800),
    "sla_clock": ("tickets.actions.clock.run_sla_clock", None),
    "ticket_viewers": ("tickets.actions.viewing.sweep_viewers", 10),
    "silent_chats": ("chat.actions.ending.end_silent", 60),
    "silent_tickets": ("tickets.actions.status.close_silent", 600),
    "live_chat": ("chat.dispatch.sweep", 5),
    "repairs": ("fieldservice.actions.clock.run_repair_clock", 120),
    "warranty_reminders": ("warranty.actions.reminders.remind", 6 * 3600),
    "review_digests": ("warranty.actions.digest.send_digests", 600),
    "left_attempts": ("kb.ledger_contacts.sweep_abandoned", 1800),
    "guide_reviews": ("kb.upkeep.remind_owners", 6 * 3600),
    "search": ("search.tasks.sweep", 120),
    "closing_accounts": ("portal.closing.close_due", 30),
    "retention": ("portal.retention.sweep", 6 * 3600),
    "old_copies": ("accounts.actions.exports.sweep_exports", 1800),
    "old_sessions": ("accounts.actions.sessions.sweep_sessions", 3600),
    "scheduled_publishing": ("portal.sweeps.publish_scheduled", 20),
}


def publish_scheduled() -> None:
    """Publish and expire pages and snippets whose time has come (Wagtail's own command)."""
    from django.core.management import call_command

    call_command("publish_scheduled", verbosity=0)


def _function(path: str) -> Callable[[], object]:
    module, name = path.rsplit(".", 1)
    function: Callable[[], object] = getattr(import_module(module), name)
    return function


def sweeps() -> dict[str, tuple[Callable[[], object], int]]:
    """Return the sweeps ready to run."""
    return {name: (_function(path), seconds or settings.CLOCK_SECONDS) for name, (path, seconds) in PATHS.items()}
