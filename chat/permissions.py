"""Who may do what in live chat: staff by permission, visitors with their own conversations."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from chat.models import Conversation
from tickets.permissions import works_desk

WORK = "chat.work_chat"
SUPERVISE = "chat.supervise_chat"


def works_chat(user: Any) -> bool:
    """May the person open the chat console: staff of the desk who answer chats or lead those who do."""
    return works_desk(user) and bool(user.has_perm(WORK) or user.has_perm(SUPERVISE))


def answers_chats(user: Any) -> bool:
    """May the person be given chats."""
    return works_desk(user) and bool(user.has_perm(WORK))


def supervises_chat(user: Any) -> bool:
    """May the person listen to everybody's chats, take them over and read the router's decisions."""
    return works_desk(user) and bool(user.has_perm(SUPERVISE))


def writes_in(user: Any, conversation: Conversation) -> bool:
    """May the person write to the visitor: only who has the chat now."""
    return works_chat(user) and conversation.status == Conversation.Status.ACTIVE and conversation.agent_id == user.pk


def chat_agents() -> QuerySet[Any]:
    """Return everybody who may answer chats now: active staff with the permission, as the database says at this moment."""
    users: QuerySet[Any] = ModelBackend().with_perm(WORK, include_superusers=True)
    return users.filter(is_staff=True, is_active=True)


def still_answers(user_id: int | None, conversation: Conversation) -> bool:
    """May this account write as the agent of this conversation: it is theirs, and they are still an agent. Asks the database."""
    return bool(user_id) and conversation.agent_id == user_id and chat_agents().filter(pk=user_id).exists()


def still_active(user_id: int | None) -> bool:
    """Is the account open. Asks the database, since a socket may outlive it; nobody's account is always open."""
    return user_id is None or active_accounts().filter(pk=user_id).exists()


def active_accounts() -> QuerySet[Any]:
    """Return the accounts that are open."""
    accounts: QuerySet[Any] = get_user_model()._default_manager.filter(is_active=True)
    return accounts


def is_customer_of(user: Any, conversation: Conversation) -> bool:
    """Is the conversation the signed-in person's own."""
    return bool(user and user.is_authenticated and user.is_active and conversation.contact and conversation.contact.user_id == user.pk)
