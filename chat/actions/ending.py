"""How a conversation ends: by whom, how it was rated, the ticket it becomes, the transcript that is sent."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Contact
from chat.actions.base import lock_conversation, system_message
from chat.models import ChatOffer, Conversation
from chat.permissions import still_active, still_answers, supervises_chat
from chat.queries.messages import files_said
from chat.queries.settings import chat_settings
from chat.queries.transcript import transcript_lines, transcript_text
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import emit
from core.files import copy_attachments
from core.history import record
from core.notifications import MAIL, deliver
from core.text import plain_text
from tickets.actions import open_ticket
from tickets.models import Escalation, Ticket

EndedBy, Solved, Status = Conversation.EndedBy, Conversation.Solved, Conversation.Status
MAX_COMMENT = 500
TICKET_TEXT = 9000


def end_conversation(conversation: Conversation, *, party: str, by: Any = None, solved: str = "") -> Conversation:
    """End a conversation; ending an ended one changes nothing.

    Args:
        party: who ends it: `visitor`, `agent` or `system`.
        by: the signed-in person, if any; an agent must have the conversation or supervise.
        solved: `yes` or `no` where it was said.
    Raises:
        NotAllowed, InvalidInput.
    """
    if party not in EndedBy.values or solved not in {"", *Solved.values}:
        raise InvalidInput(code="bad_end")
    user = by if getattr(by, "pk", None) else None
    with transaction.atomic():
        locked = lock_conversation(conversation)
        if locked.status == Status.ENDED:
            return locked
        _demand_end(locked, party=party, user=user)
        locked.status, locked.ended_at, locked.ended_by = Status.ENDED, timezone.now(), party
        locked.solved = solved or locked.solved
        locked.save(update_fields=["status", "ended_at", "ended_by", "solved"])
        ChatOffer.objects.filter(conversation=locked, state=ChatOffer.State.PENDING).update(
            state=ChatOffer.State.WITHDRAWN, settled_at=locked.ended_at
        )
        name = str(user)[:80] if user and party == EndedBy.AGENT else ""
        system_message(locked, event="ended", by=party, name=name)
        record(locked, "ended", by=user, label="" if user else party, public=True, party=party, solved=locked.solved)
        emit("chat.ended", conversation_id=locked.pk)
    return locked


def _demand_end(locked: Conversation, *, party: str, user: Any) -> None:
    if party == EndedBy.AGENT and not (still_answers(user.pk if user else None, locked) or supervises_chat(user)):
        raise NotAllowed()
    if party == EndedBy.VISITOR and not still_active(user.pk if user else None):
        raise NotAllowed()


def end_silent(*, now: datetime | None = None) -> int:
    """End the chats in which nobody has written for as long as the settings say and whose visitor is not there; return how many.

    Who waited in vain and left an address gets a request instead: nobody's question is dropped.
    """
    limit = (now or timezone.now()) - timedelta(minutes=chat_settings().idle_minutes)
    quiet = Conversation.objects.exclude(status=Status.ENDED).filter(last_message_at__lt=limit).exclude(visitor_seen_at__gte=limit)
    ended = 0
    for conversation in quiet.select_related("contact"):
        with transaction.atomic():
            if conversation.status == Status.WAITING and conversation.contact is not None:
                make_ticket_of(conversation)
            ended += end_conversation(conversation, party=EndedBy.SYSTEM).status == Status.ENDED
    return ended


def rate_conversation(conversation: Conversation, *, rating: int, comment: str = "", solved: str = "", by: Any = None) -> Conversation:
    """Keep what the visitor thinks of an ended conversation, once; the same words again change nothing.

    Args:
        rating: 1 to 5.
        comment: at most 500 characters.
        solved: `yes` or `no`.
    Raises:
        InvalidInput; Conflict with code `not_ended` or `rated`.
    """
    words = plain_text(comment)
    if isinstance(rating, bool) or not isinstance(rating, int) or not 1 <= rating <= 5:
        raise InvalidInput(_("Choose one to five."), field="rating", code="bad_rating")
    if len(words) > MAX_COMMENT:
        raise InvalidInput(_("This is too long: at most %(limit)s characters.") % {"limit": MAX_COMMENT}, field="comment", code="too_long")
    if solved not in {"", *Solved.values}:
        raise InvalidInput(field="solved", code="bad_solved")
    with transaction.atomic():
        locked = lock_conversation(conversation)
        if locked.status != Status.ENDED:
            raise Conflict(_("The chat is still going on."), code="not_ended")
        if locked.rated_at is not None:
            if (locked.rating, locked.rating_comment) == (rating, words):
                return locked
            raise Conflict(_("You have rated this chat already. Thank you."), code="rated")
        locked.rating, locked.rating_comment, locked.rated_at = rating, words, timezone.now()
        locked.solved = solved or locked.solved
        locked.save(update_fields=["rating", "rating_comment", "rated_at", "solved"])
        user = by if getattr(by, "pk", None) else None
        record(locked, "rated", by=user, label="" if user else "visitor", rating=rating, solved=locked.solved)
        emit("chat.rated", conversation_id=locked.pk)
    return locked


def make_ticket_of(
    conversation: Conversation, *, by: Any = None, contact: Contact | None = None, subject: str = "", note: str = ""
) -> Ticket:
    """Open a ticket with the transcript, the machine and copies of the files, put it into the escalation queue; only the first time.

    Args:
        by: the member, or the agent who makes it.
        contact: whom to answer, where the visitor has left an address only now.
        subject: one line; the question by default.
        note: what is still missing, in the words of whoever makes it.
    Raises:
        InvalidInput (field `phone`) where there is nobody to answer; NotAllowed for a closed account.
    """
    user = by if getattr(by, "pk", None) else None
    if not still_active(user.pk if user else None):
        raise NotAllowed()
    with transaction.atomic():
        locked = lock_conversation(conversation)
        if locked.ticket_id:
            return Ticket.objects.get(pk=locked.ticket_id)
        asker = contact or locked.contact
        if asker is None:
            raise InvalidInput(
                _("Give an e-mail address or a phone number, so that our answer reaches you."), field="phone", code="no_contact"
            )
        unit = locked.unit
        ticket = open_ticket(
            contact=asker,
            subject=subject or locked.question,
            description=ticket_text(locked, note=note),
            channel=Ticket.Channel.CHAT,
            language=locked.language,
            family=locked.family,
            model=locked.model or (unit.model if unit else None),
            unit=unit,
            serial_text=unit.serial if unit else "",
            product_text=locked.product_text,
            help_session=locked.help_session,
            visitor_key=locked.visitor_key,
            submit_key=f"chat-{locked.key}"[:40],
            by=user,
            escalation_kind=Escalation.Kind.CHAT,
        )
        copy_attachments(files_said(locked), subject=ticket)
        locked.ticket = ticket
        if locked.contact_id is None:
            locked.contact = asker
        locked.save(update_fields=["ticket", "contact"])
        system_message(locked, event="ticket", reference=ticket.reference)
        record(locked, "ticket_made", by=user, label="" if user else "visitor", public=True, ticket=ticket.reference)
        emit("chat.ticket_made", conversation_id=locked.pk, ticket_id=ticket.pk)
    return ticket


def ticket_text(conversation: Conversation, *, note: str = "") -> str:
    """Return the description of a conversation's ticket: what is missing, then what was said; the newest part where it is long."""
    with override(conversation.language):
        head = [plain_text(note)] if note else []
        head.append(_("From chat %(reference)s:") % {"reference": conversation.reference})
        said = transcript_text(transcript_lines(conversation), with_day=False)
        if len(said) > TICKET_TEXT:
            said = _("(The beginning is in the chat.)") + "\n" + said[-TICKET_TEXT:].partition("\n")[2]
    return "\n\n".join([*head, said])[:10_000]


def send_transcript(conversation: Conversation, *, address: str = "", by: Any = None) -> str:
    """Mail the transcript, without internal notes, and return the address it goes to.

    Args:
        address: an e-mail address; that of the conversation's contact by default.
        by: the signed-in person who asks for it.
    Raises:
        InvalidInput where there is no address.
    """
    target = (address or (conversation.contact.email if conversation.contact else "")).strip().lower()
    if "@" not in target:
        raise InvalidInput(_("Type the e-mail address the transcript should go to."), field="email", code="no_address")
    with transaction.atomic():
        locked = lock_conversation(conversation)
        with override(locked.language):
            lines = transcript_lines(locked)
        deliver(
            target,
            channel=MAIL,
            language=locked.language,
            template="chat/transcript",
            context={"conversation": locked, "lines": lines},
            subject=locked,
        )
        user = by if getattr(by, "pk", None) else None
        record(locked, "transcript_sent", by=user, label="" if user else "visitor")
    return target
