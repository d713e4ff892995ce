"""Starting a conversation: once a form, within the visitor's and the queue's limits."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact
from chat.actions.base import system_message, tell_message, write_message
from chat.models import ChatMessage, Conversation
from chat.queries.settings import chat_settings
from core.errors import Conflict, InvalidInput
from core.events import emit
from core.history import record
from core.i18n import normal_language
from core.references import new_reference
from core.text import plain_text
from kb.ledger import mark_still_needs_help
from kb.models import HelpSession
from products.models import ProductFamily, ProductModel

MAX_QUESTION = 500
Status = Conversation.Status


def start_conversation(
    *,
    question: str,
    language: str = "zh-hans",
    contact: Contact | None = None,
    visitor_key: str = "",
    visitor_name: str = "",
    family: ProductFamily | None = None,
    model: ProductModel | None = None,
    unit: Any = None,
    product_text: str = "",
    page_url: str = "",
    help_session: HelpSession | None = None,
    queue: Any = None,
    submit_key: str = "",
    by: Any = None,
) -> Conversation:
    """Put a visitor into the queue and return the conversation; the same `submit_key` again returns the first one.

    The question becomes the first message, so that whoever answers reads it where everything else stands.

    Args:
        question: what it is about, at most 500 characters.
        contact: a member's contact, or a guest's who left an address; None for a browser alone.
        visitor_key: the browser's key (core.visitors).
        page_url: path of the page the visitor came from.
        help_session: the visitor's attempt to find an answer; it ends as one that needed a person.
        queue: a team of the desk that should take it; anybody by default.
        by: the signed-in visitor.
    Raises:
        InvalidInput; Conflict with code `closed` (chat is switched off), `queue_full` or `too_many_open`. Nothing is written then.
    """
    if submit_key and (earlier := Conversation.objects.filter(submit_key=submit_key).first()):
        return earlier
    words = plain_text(question)
    if not words:
        raise InvalidInput(_("Say in one sentence what it is about."), field="question", code="required")
    if len(words) > MAX_QUESTION:
        raise InvalidInput(
            _("This is too long: at most %(limit)s characters.") % {"limit": MAX_QUESTION}, field="question", code="too_long"
        )
    if contact is None and not visitor_key:
        raise InvalidInput(field="visitor", code="nobody")
    draft = Conversation(
        question=words,
        language=normal_language(language),
        contact=contact,
        visitor_key=visitor_key[:64],
        visitor_name=plain_text(visitor_name or (contact.name if contact else ""), lines=False)[:80],
        family=family or (model.family if model else None),
        model=model,
        unit=unit,
        product_text=plain_text(product_text, lines=False)[:80],
        page_url=page_url[:300] if page_url.startswith("/") and not page_url.startswith("//") else "",
        help_session=help_session,
        queue=queue,
        submit_key=submit_key[:40],
    )
    try:
        with transaction.atomic():
            _check_limits(draft)
            return _write(draft, by=by)
    except IntegrityError:
        earlier = Conversation.objects.filter(submit_key=submit_key).first() if submit_key else None
        if earlier:
            return earlier
        raise


def open_conversations(*, visitor_key: str = "", contact: Contact | None = None) -> Any:
    """Return the conversations of this visitor that have not ended, newest first."""
    who = Q(pk__in=[])
    if visitor_key:
        who |= Q(visitor_key=visitor_key)
    if contact is not None:
        who |= Q(contact=contact)
    return Conversation.objects.filter(who).exclude(status=Status.ENDED)


def _check_limits(draft: Conversation) -> None:
    settings = chat_settings()
    if not settings.is_open:
        raise Conflict(_("Live chat is closed at the moment. Leave a message instead."), code="closed")
    if Conversation.objects.filter(status=Status.WAITING).count() >= settings.most_waiting:
        raise Conflict(_("Too many people are waiting. Leave a message instead; we answer every one."), code="queue_full")
    if open_conversations(visitor_key=draft.visitor_key, contact=draft.contact).count() >= settings.most_open:
        raise Conflict(_("You have open chats already. Go on with one of them, or end it first."), code="too_many_open")


def _write(draft: Conversation, *, by: Any) -> Conversation:
    now = timezone.now()
    draft.reference = new_reference("C", exists=lambda value: Conversation.objects.filter(reference=value).exists())
    draft.created_at = draft.queued_at = now
    draft.visitor_seen_at = now
    draft.save()
    first = write_message(
        draft, sender=ChatMessage.Sender.VISITOR, sender_name=draft.visitor_name, kind=ChatMessage.Kind.TEXT, text=draft.question
    )
    tell_message(first)
    system_message(draft, event="waiting")
    if draft.help_session is not None:
        mark_still_needs_help(draft.help_session, reference=draft.reference, contact=draft.contact)
    user = by if getattr(by, "pk", None) else None
    record(draft, "started", by=user, label="" if user else "visitor", public=True, language=draft.language)
    emit("chat.started", conversation_id=draft.pk)
    return draft
