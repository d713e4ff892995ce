"""Tables of the service desk."""

from tickets.models.desk import CannedReply, DeskNotice, Priority, Queue, TicketViewer
from tickets.models.escalation import Escalation
from tickets.models.sla import SLAPause, SLAPolicy, SLATarget
from tickets.models.ticket import Ticket, TicketMessage, TicketNote

__all__ = [
    "CannedReply",
    "DeskNotice",
    "Escalation",
    "Priority",
    "Queue",
    "SLAPause",
    "SLAPolicy",
    "SLATarget",
    "Ticket",
    "TicketMessage",
    "TicketNote",
    "TicketViewer",
]
