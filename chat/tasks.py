"""Background work of live chat: ids in, rows fetched again, idempotent."""

from chat.models import Conversation
from kb.ledger_contacts import record_contact


def note_contact(conversation_id: int) -> None:
    """Tell the deflection ledger that somebody made contact: a “solved” of the last 30 days about the same thing was none."""
    conversation = Conversation.objects.select_related("contact", "help_session").get(pk=conversation_id)
    record_contact(
        reference=conversation.reference,
        channel="chat",
        at=conversation.created_at,
        product_id=conversation.model_id,
        family_id=conversation.family_id,
        unit_id=conversation.unit_id,
        contact_key=conversation.contact_id,
        user_id=conversation.contact.user_id if conversation.contact else None,
        visitor_key=conversation.visitor_key or (conversation.help_session.visitor_key if conversation.help_session else ""),
        named=conversation.help_session_id is not None,  # “do not pass on what I searched and read”
    )
