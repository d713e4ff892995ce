"""Entries of the desk's navigation that other rooms add: `tickets` knows none of them by name."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

# A function (request) -> {"label", "url", "current", "count"} or None for whoever may not go there. `script` and `style` (static files)
# are loaded on every page of the desk for whoever has the entry.
Entry = Callable[[HttpRequest], dict[str, Any] | None]
_entries: list[tuple[int, Entry]] = []


def add_entry(entry: Entry, *, order: int = 100) -> None:
    """Add an entry to the desk's navigation; called once, from the room's `AppConfig.ready`."""
    _entries.append((order, entry))
    _entries.sort(key=lambda pair: pair[0])


def extra_entries(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the entries of other rooms that this person may use, in order."""
    made = [entry(request) for _order, entry in _entries]
    return [entry for entry in made if entry is not None]
