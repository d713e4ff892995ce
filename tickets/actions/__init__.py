"""Verbs of the service desk: each checks, locks, writes, records and tells, in one transaction."""

from tickets.actions.claiming import assign, claim_escalation, release
from tickets.actions.clock import run_sla_clock
from tickets.actions.joining import join_tickets
from tickets.actions.notices import mark_seen
from tickets.actions.opening import open_ticket
from tickets.actions.people import reveal_contact
from tickets.actions.routing import escalate, move_to_queue, set_priority
from tickets.actions.status import change_status, close_silent, confirm_resolution, reopen_ticket, resolve
from tickets.actions.thread import add_note, customer_reply, reply_to_customer

__all__ = [
    "add_note",
    "assign",
    "change_status",
    "claim_escalation",
    "close_silent",
    "confirm_resolution",
    "customer_reply",
    "escalate",
    "join_tickets",
    "mark_seen",
    "move_to_queue",
    "open_ticket",
    "release",
    "reopen_ticket",
    "reply_to_customer",
    "resolve",
    "reveal_contact",
    "run_sla_clock",
    "set_priority",
]
