"""Which tickets a browser may open: a guest's grants, kept in the session after a link or a code proved who it is."""

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from core.errors import NotFound
from core.models import Attachment
from core.references import normal_reference
from core.secrets import same_secret
from tickets.models import Ticket, TicketMessage
from tickets.permissions import works_desk
from tickets.queries.doors import full_tickets, get_ticket_by_link

GRANTS = "ticket_grants"
MOST_GRANTS = 20


def _mark(ticket: Ticket) -> str:
    """Return what a grant remembers: changes with the ticket's secret, so that a new secret ends every grant."""
    return salted_hmac("hearth.grant", f"{ticket.reference}:{ticket.secret}").hexdigest()[:32]


def grant(request: HttpRequest, ticket: Ticket) -> None:
    """Let this browser open the ticket until the session ends or the ticket's secret changes."""
    kept = {reference: mark for reference, mark in request.session.get(GRANTS, {}).items() if reference != ticket.reference}
    newest = dict(list(kept.items())[-(MOST_GRANTS - 1) :])
    request.session[GRANTS] = {**newest, ticket.reference: _mark(ticket)}


def let_in_by_link(request: HttpRequest, reference: str, secret: str) -> Ticket | None:
    """Let this browser in when reference and secret belong together; return the ticket, or None."""
    try:
        ticket = get_ticket_by_link(reference, secret)
    except NotFound:
        return None
    grant(request, ticket)
    return ticket


def granted_ticket(request: HttpRequest, reference: str) -> Ticket | None:
    """Return the ticket this browser was let in to, or None. A reference alone opens nothing."""
    number = normal_reference(reference)
    mark = request.session.get(GRANTS, {}).get(number, "")
    ticket = full_tickets().filter(reference=number).first() if mark else None
    return ticket if ticket is not None and same_secret(_mark(ticket), mark) else None


def member_ticket(request: HttpRequest, reference: str) -> Ticket | None:
    """Return the signed-in person's own ticket, or None; staff use the desk."""
    if not request.user.is_authenticated:
        return None
    return full_tickets().filter(contact__user=request.user, reference=normal_reference(reference)).first()


def customer_ticket(request: HttpRequest, reference: str) -> Ticket | None:
    """Return the ticket this person may see as its customer, as a member or by a grant; None otherwise."""
    return member_ticket(request, reference) or granted_ticket(request, reference)


def may_open_ticket_file(request: HttpRequest, attachment: Attachment) -> bool:
    """Door of files of a ticket: the desk, and the ticket's customer unless the file is for staff only."""
    return _may_open(request, attachment, Ticket.objects.filter(pk=attachment.subject_id).first())


def may_open_message_file(request: HttpRequest, attachment: Attachment) -> bool:
    """Door of files of a message in a ticket's thread."""
    message = TicketMessage.objects.select_related("ticket").filter(pk=attachment.subject_id).first()
    return _may_open(request, attachment, message.ticket if message else None)


def _may_open(request: HttpRequest, attachment: Attachment, ticket: Ticket | None) -> bool:
    if ticket is None:
        return False
    if works_desk(request.user):
        return True
    return not attachment.internal and customer_ticket(request, ticket.reference) is not None
