"""What the member's home says at a glance: figures beside the doors and what waits for the member's answer."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import NoReverseMatch, reverse

from fieldservice import states as repair_states
from fieldservice.queries import repairs_of
from tickets import states
from tickets.queries import tickets_of

# Door → the query that lists what lies behind it; a room that has none yet counts nothing.
LISTS: dict[str, str] = {
    "portal:my_products": "warranty.queries.units_of",
    "portal:my_repairs": "fieldservice.queries.repairs_of",
    "portal:my_tickets": "tickets.queries.tickets_of",
    "portal:my_chats": "portal.chat_visitor.conversations_of",
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
    """Return what we need from the member: repairs and requests that wait for an answer or ask whether it works now."""
    rows = tickets_of(user).filter(status__in=[states.PENDING, states.RESOLVED])[:MOST_WAITING]
    found = []
    for ticket in rows:
        try:
            url = reverse("portal:my_ticket", args=[ticket.reference])
        except NoReverseMatch:
            continue
        title, text = states.CUSTOMER_WORDS[ticket.status]
        found.append({"title": ticket.subject, "language": ticket.language, "word": title, "text": text, "url": url})
    return _repairs_waiting(user) + found


def _repairs_waiting(user: Any) -> list[dict[str, Any]]:
    """Return the repairs that wait for the member: a quote to answer, a machine to say about whether it works."""
    rows = repairs_of(user).filter(state__in=repair_states.states_waiting_for(repair_states.THEM))[:MOST_WAITING]
    found = []
    for order in rows:
        state = repair_states.state_of(order.state)
        url = reverse("portal:my_repair", args=[order.reference])
        row = {"title": order.machine or order.reference, "language": order.language, "word": state.title, "text": state.happens_next}
        found.append({**row, "url": url})
    return found
