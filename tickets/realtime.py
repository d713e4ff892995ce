"""Pushes to the desk: ids and references only; a lost push is caught up by the page's own polling."""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from tickets.models import Ticket

DESK_GROUP = "desk"


def user_group(user_id: int) -> str:
    """Return the name of a person's group."""
    return f"desk-user-{user_id}"


def _send(group: str, payload: dict[str, object]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        async_to_sync(layer.group_send)(group, {"type": "desk.push", "payload": payload})


def ticket_changed(ticket_id: int, **ids: object) -> None:
    """Tell every open desk that a ticket changed (push handler)."""
    reference = Ticket.objects.values_list("reference", flat=True).get(pk=ticket_id)
    _send(DESK_GROUP, {"type": "ticket", "reference": reference})


def ticket_viewed(ticket_id: int) -> None:
    """Tell every open desk that somebody came to a ticket, left it or writes there (push handler)."""
    reference = Ticket.objects.values_list("reference", flat=True).filter(pk=ticket_id).first()
    _send(DESK_GROUP, {"type": "viewers", "reference": reference})


def notify_users(user_ids: list[int], ticket_id: int | None) -> None:
    """Tell people that a notice waits for them (push handler)."""
    for user_id in user_ids:
        _send(user_group(user_id), {"type": "notice"})
