"""The common case of a message in one statement on PostgreSQL: lock, permission, number and row in one trip.

Whatever the statement does not take (ended, not allowed, a client id that is known, another database) is left to the long way of
`chat.actions.messages`, which says why: nothing is written here then, and no number is used up.
"""

import uuid
from contextlib import nullcontext
from functools import cache
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chat.actions.base import tell_message
from chat.models import ChatMessage, Conversation
from chat.permissions import active_accounts, chat_agents
from core.events import table

# The row's lock is taken by the UPDATE; whoever waits for it sees the row as the one before left it.
_STATEMENT = """
WITH taken AS (
    UPDATE {conversations} SET last_seq = last_seq + 1, last_message_at = GREATEST(last_message_at, %s::timestamptz)
    WHERE id = %s AND status <> %s AND {allowed}
    RETURNING id, last_seq, last_message_at, visitor_name
)
INSERT INTO {messages} (conversation_id, seq, client_id, sender, agent_id, sender_name, kind, text, data, at)
SELECT id, last_seq, %s::uuid, %s, %s::bigint, COALESCE(%s, visitor_name), %s, %s, %s::jsonb, last_message_at FROM taken
RETURNING id, seq, sender_name, at
"""


def write_at_once(
    conversation_id: int, *, sender: str, by: Any, client_id: uuid.UUID, kind: str, text: str, data: dict[str, Any]
) -> ChatMessage | None:
    """Write and tell the next message of an open conversation, where `by` may: an open account; an agent who has the chat and is one still.

    Args:
        by: the signed-in person: the member, or the agent; None for a guest.
        text, data: checked by the caller.
    Returns None, with nothing written, where the long way has to decide.
    """
    if connection.vendor != "postgresql" or sender not in {ChatMessage.Sender.VISITOR, ChatMessage.Sender.AGENT}:
        return None
    is_agent = sender == ChatMessage.Sender.AGENT
    user_id = getattr(by, "pk", None)
    if is_agent and user_id is None:
        return None
    allowed, values = _allowed(user_id, is_agent=is_agent)
    fields: dict[str, Any] = {
        "client_id": client_id,
        "sender": sender,
        "agent_id": user_id if is_agent else None,
        "sender_name": str(by)[:80] if is_agent else None,
        "kind": kind,
        "text": text,
    }
    statement = _STATEMENT.format(conversations=Conversation._meta.db_table, messages=ChatMessage._meta.db_table, allowed=allowed)
    before = [timezone.now(), conversation_id, Conversation.Status.ENDED.value, *values]
    kept = connection.ops.adapt_json_value(data, None)
    try:
        with _as_one():
            with connection.cursor() as cursor:
                cursor.execute(statement, [*before, *fields.values(), kept])
                row = cursor.fetchone()
            if row is None:
                return None
            pk, seq, fields["sender_name"], at = row
            message = ChatMessage(pk=pk, conversation_id=conversation_id, seq=seq, at=at, data=data, **fields)
            message._state.adding, message._state.db = False, connection.alias
            tell_message(message)
            return message
    except IntegrityError:
        return None  # the same client id is there already


def _as_one() -> Any:
    """Return the transaction the statement needs: its own alone, unless a task row belongs to it or the caller has one open."""
    needed = connection.in_atomic_block or table()["chat.message_sent"].durable
    return transaction.atomic() if needed else nullcontext()


def _allowed(user_id: int | None, *, is_agent: bool) -> tuple[str, list[Any]]:
    """Return the condition that this person may write, and its values."""
    if user_id is None:
        return "TRUE", []
    query, values = _people(is_agent)
    account = f"EXISTS (SELECT 1 FROM ({query}) AS people WHERE people.id = %s)"
    return (f"agent_id = %s AND {account}", [user_id, *values, user_id]) if is_agent else (account, [*values, user_id])


@cache
def _people(are_agents: bool) -> tuple[str, tuple[Any, ...]]:
    """Return the query of everybody who may write, agents or members; it is always the same, so it is put into words once."""
    people = chat_agents() if are_agents else active_accounts()
    return people.order_by().values("id").query.sql_with_params()
