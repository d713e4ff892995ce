"""The doors to one conversation: staff by permission, its visitor by account, browser, grant or link. A key alone opens nothing."""

from typing import Any

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from chat.models import Conversation
from chat.permissions import is_customer_of, works_chat
from core.errors import NotFound
from core.secrets import same_secret


def full_conversations() -> QuerySet[Conversation]:
    """Return conversations with everything a page names, in one query."""
    return Conversation.objects.select_related(
        "contact",
        "contact__user",
        "agent",
        "wanted_agent",
        "queue",
        "family",
        "model",
        "model__family",
        "unit",
        "ticket",
        "help_session__code",
        "help_session__model",
        "help_session__family",
    )


def get_conversation_for(user: Any, key: str) -> Conversation:
    """Return the conversation for staff of live chat, or for the member whose it is. Raises NotFound, the same for missing and foreign."""
    found = full_conversations().filter(key=key).first()
    if found is None or not (works_chat(user) or is_customer_of(user, found)):
        raise NotFound()
    return found


def grant_mark(conversation: Conversation) -> str:
    """Return what a browser keeps after a resume link: it changes with the secret, so that a new secret ends every grant."""
    return salted_hmac("hearth.chat", f"{conversation.key}:{conversation.secret}").hexdigest()[:32]


def get_conversation_of_visitor(key: str, *, user: Any = None, visitor_key: str = "", mark: str = "", secret: str = "") -> Conversation:
    """Return a visitor's own conversation.

    Args:
        key: of the conversation, from its address.
        user: the signed-in member, if any.
        visitor_key: the browser's key (core.visitors).
        mark: what the session keeps after a resume link.
        secret: of the resume link.
    Raises:
        NotFound, the same for a missing conversation and a foreign one.
    """
    found = full_conversations().filter(key=key).first()
    secret_fits = same_secret(found.secret if found else "-" * 32, secret[:80])
    if found is not None and (
        is_customer_of(user, found) or same_secret(found.visitor_key, visitor_key) or same_secret(grant_mark(found), mark) or secret_fits
    ):
        return found
    raise NotFound()
