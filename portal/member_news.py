"""What the member's home says at a glance: figures beside the doors and what waits for the member's answer."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import NoReverseMatch, reverse

from tickets import states
from tickets.queries import tickets_of

# Door → the query that lists what lies behind it; a room that has none yet counts nothing.
LISTS: dict[str, str] = {
    "portal:my_products": "warranty.queries.units_of",
    "portal:my_repairs": "fieldservice.queries.repairs_of",
    "portal:my_tickets": "tickets.queries.tickets_of",
}
MOST_WAITING = 5


def _rows(path: str, user: Any) -> Any:
    module, name = path.rsplit(".", 1)
    if find_spec(module) is None:
        return None
    query = getattr(import_module(module), name, None)
    return query(user) if query else None


def _count(rows: Any) -> int:
    return len(rows) if isinstance(rows, (list, tuple)) else rows.count()


def counts(user: Any) -> dict[str, int]:
    """Return door → how many rows the member has behind it."""
    found = {}
    for door, path in LISTS.items():
        rows = _rows(path, user)
        if rows is not None:
            found[door] = _count(rows)
    return found


def waiting_for_you(user: Any) -> list[dict[str, Any]]:
    """Return what we need from the member: requests that wait for an answer or ask whether it works now."""
    rows = tickets_of(user).filter(status__in=[states.PENDING, states.RESOLVED])[:MOST_WAITING]
    found = []
    for ticket in rows:
        try:
            url = reverse("portal:my_ticket", args=[ticket.reference])
        except NoReverseMatch:
            continue
        title, text = states.CUSTOMER_WORDS[ticket.status]
        found.append({"title": ticket.subject, "language": ticket.language, "word": title, "text": text, "url": url})
    return found
