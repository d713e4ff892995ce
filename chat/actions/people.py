"""What agents do with a visitor's data: showing a masked number leaves a trace; a request is made of a chat by its agent alone."""

from typing import Any

from django.db import transaction

from accounts.models import Contact
from chat.actions.ending import make_ticket_of
from chat.models import Conversation
from chat.permissions import supervises_chat, works_chat
from core.errors import NotAllowed
from core.history import record
from tickets.models import Ticket


def reveal_contact(conversation: Conversation, *, by: Any) -> Contact | None:
    """Return the contact whose phone and mail are then shown in full, and record who looked. Raises NotAllowed."""
    if not works_chat(by):
        raise NotAllowed()
    with transaction.atomic():
        record(conversation, "contact_revealed", by=by)
    return conversation.contact


def make_ticket(conversation: Conversation, *, by: Any, contact: Contact | None = None, subject: str = "", note: str = "") -> Ticket:
    """Make a request of a chat one has or had, or supervises; one that is made already is returned.

    Raises NotAllowed; InvalidInput where there is nobody to answer.
    """
    if not works_chat(by) or not (conversation.agent_id == by.pk or supervises_chat(by)):
        raise NotAllowed()
    return make_ticket_of(conversation, by=by, contact=contact, subject=subject, note=note)
