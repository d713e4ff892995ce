"""What can be done with a repair; one function a verb."""

from fieldservice.actions.booking import book_repair
from fieldservice.actions.clock import run_repair_clock
from fieldservice.actions.moving import (
    assign_outlet,
    cancel_repair,
    check_repair,
    close_repair,
    move_repair,
    move_visit,
    schedule_visit,
    wait_for_part,
)
from fieldservice.actions.quotes import approve_quote, decline_quote, quote_repair, withdraw_quote
from fieldservice.actions.talking import add_note, answer_message, mark_looked_at, write_message

__all__ = [
    "add_note",
    "answer_message",
    "approve_quote",
    "assign_outlet",
    "book_repair",
    "cancel_repair",
    "check_repair",
    "close_repair",
    "decline_quote",
    "mark_looked_at",
    "move_repair",
    "move_visit",
    "quote_repair",
    "run_repair_clock",
    "schedule_visit",
    "wait_for_part",
    "withdraw_quote",
    "write_message",
]
