"""What a conversation looks like from outside at this moment: status, place, estimate, agent, receipts. The `state` frame."""

from typing import Any

from chat.models import ChatReceipt, Conversation
from chat.queries.crew import estimate_minutes, place_of

Status = Conversation.Status


def state_frame(conversation: Conversation) -> dict[str, Any]:
    """Return the `state` frame of a conversation (fresh from the database, with agent and ticket)."""
    frame: dict[str, Any] = {
        "type": "state",
        "status": conversation.status,
        "last_seq": conversation.last_seq,
        "agent": {"name": str(conversation.agent)} if conversation.agent and conversation.status == Status.ACTIVE else None,
        "place": None,
        "minutes": None,
        "ended": None,
        "rating": conversation.rating,
        "rating_asked": conversation.status == Status.ENDED and conversation.rated_at is None,
        "solved": conversation.solved,
        "ticket": {"reference": conversation.ticket.reference} if conversation.ticket else None,
        "receipts": receipts_of(conversation),
    }
    if conversation.status == Status.WAITING:
        frame["place"] = place_of(conversation)
        frame["minutes"] = estimate_minutes(conversation)
    if conversation.status == Status.ENDED and conversation.ended_at:
        frame["ended"] = {"by": conversation.ended_by, "at": conversation.ended_at.isoformat()}
    return frame


def receipts_of(conversation: Conversation) -> dict[str, dict[str, int]]:
    """Return how far each side has received and read."""
    found = {row.party: row for row in ChatReceipt.objects.filter(conversation=conversation)}
    return {
        party: {"delivered": found[party].delivered_upto if party in found else 0, "read": found[party].read_upto if party in found else 0}
        for party in ChatReceipt.Party.values
    }
