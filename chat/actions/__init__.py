"""Verbs of live chat: each checks, locks, writes, records and tells, in one transaction."""

from chat.actions.base import as_client_id
from chat.actions.ending import end_conversation, make_ticket_of, rate_conversation, send_transcript
from chat.actions.messages import add_system_message, note_receipt, send_message
from chat.actions.starting import start_conversation

__all__ = [
    "add_system_message",
    "as_client_id",
    "end_conversation",
    "make_ticket_of",
    "note_receipt",
    "rate_conversation",
    "send_message",
    "send_transcript",
    "start_conversation",
]
