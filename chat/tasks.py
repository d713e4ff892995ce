"""Background work of live chat: ids in, rows fetched again, idempotent."""

from chat.models import Conversation
from kb.ledger import record_contact


def note_contact(conversation_id: int) -> None:
    """Tell the deflection ledger that somebody made contact: a “solved” of the last days about the same product was none."""
    conversation = Conversation.objects.select_related("contact").get(pk=conversation_id)
    record_contact(
        reference=conversation.reference,
        product_id=conversation.model_id,
        family_id=conversation.family_id,
        contact_key=conversation.contact_id,
        user_id=conversation.contact.user_id if conversation.contact else None,
        visitor_key=conversation.visitor_key,
    )
