"""Reads of the service desk: doors to one ticket, lists, the queue, the ticket page, the customer's view, explanations."""

from tickets.queries.customer import CustomerView, customer_view, promised_answer, tickets_of, tickets_of_unit
from tickets.queries.desk import canned_replies_for, desk_counts, due_soon, filled_replies, my_work, notices_for, unseen_count
from tickets.queries.doors import get_escalation_for, get_ticket_by_link, get_ticket_for
from tickets.queries.explain import Explanation, explain_targets
from tickets.queries.lists import queue_for, tickets_for
from tickets.queries.page import TicketPage, earlier_tickets, thread_of, ticket_page

__all__ = [
    "CustomerView",
    "Explanation",
    "TicketPage",
    "canned_replies_for",
    "customer_view",
    "desk_counts",
    "due_soon",
    "earlier_tickets",
    "explain_targets",
    "filled_replies",
    "get_escalation_for",
    "get_ticket_by_link",
    "get_ticket_for",
    "my_work",
    "notices_for",
    "promised_answer",
    "queue_for",
    "thread_of",
    "ticket_page",
    "tickets_for",
    "tickets_of",
    "tickets_of_unit",
    "unseen_count",
]
