"""The stages of a request as its customer sees them."""

from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from tickets import states
from tickets.models import Ticket


def stages(ticket: Ticket, promised_at: datetime | None) -> list[dict[str, Any]]:
    """Return the rows of the timeline component: received, answered, put right, confirmed.

    Args:
        promised_at: by when the next answer is promised, if one is owed.
    """
    received: dict[str, Any] = {"state": "done", "title": _("We have your request"), "time": ticket.created_at, "text": ""}
    if ticket.joined_to and ticket.status == states.CLOSED:
        onward = _("It goes on under %(number)s") % {"number": ticket.joined_to.reference}
        return [received, {"state": "done", "title": onward, "time": ticket.closed_at, "text": ""}]
    answered = ticket.first_responded_at is not None
    promise = ""
    if promised_at and not answered:
        promise = _("By %(time)s at the latest.") % {"time": formats.date_format(timezone.localtime(promised_at), "DATETIME_FORMAT")}
    later: list[tuple[str, bool, datetime | None, str]] = [
        (_("A colleague reads it and answers"), answered, ticket.first_responded_at, promise),
        (_("The fault is found and put right"), ticket.status in states.DONE, ticket.resolved_at, ""),
        (_("You say whether it is solved"), ticket.status == states.CLOSED, ticket.closed_at, ""),
    ]
    rows = [received]
    pending = False
    for title, reached, time, text in later:
        state = "done" if reached and not pending else "next" if pending else "now"
        pending = pending or state == "now"
        rows.append({"state": state, "title": title, "time": time if state == "done" else None, "text": text})
    return rows
