"""Which cases a browser may open: a guest's grants, kept in the session after a link or a code proved who it is.

A case is a request (`T-…`) or a repair (`R-…`); its number says which. One rule for all kinds: a number alone opens nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac

from core.errors import NotFound
from core.models import Attachment
from core.references import normal_reference
from core.secrets import same_secret
from fieldservice.models import RepairMessage, RepairOrder
from fieldservice.permissions import may_see as may_see_repair
from fieldservice.permissions import works_on_repairs
from fieldservice.queries import full_repairs, get_repair_by_link
from tickets.models import Ticket, TicketMessage
from tickets.permissions import is_customer_of, works_desk
from tickets.permissions import may_see as may_see_ticket
from tickets.queries.doors import full_tickets, get_ticket_by_link

GRANTS = "case_grants"
MOST_GRANTS = 20

Case = Ticket | RepairOrder


@dataclass(frozen=True)
class Kind:
    """One kind of case: how it is found, which accounts may see it, where its pages are."""

    rows: Callable[[], QuerySet[Any]]
    by_link: Callable[[str, str], Any]
    may_see: Callable[[Any, Any], bool]
    guest_page: str
    member_page: str


KINDS: dict[str, Kind] = {
    "T": Kind(full_tickets, get_ticket_by_link, may_see_ticket, "portal:help_detail", "portal:my_ticket"),
    "R": Kind(full_repairs, get_repair_by_link, may_see_repair, "portal:repair", "portal:my_repair"),
}
FIRST_KIND = "T"


def kind_of(reference: str) -> Kind:
    """Return the kind a number belongs to; a number of no kind is looked up like a request and not found."""
    return KINDS.get(reference[:1], KINDS[FIRST_KIND])


def page_of(case: Case, user: Any = None) -> str:
    """Return the address of the customer's page: below My service for whoever sees it by account, the guest's otherwise."""
    kind = kind_of(case.reference)
    own = getattr(user, "is_authenticated", False) and kind.may_see(user, case)
    return reverse(kind.member_page if own else kind.guest_page, args=[case.reference])


def _mark(case: Case) -> str:
    """Return what a grant remembers: changes with the case's secret, so that a new secret ends every grant."""
    return salted_hmac("hearth.grant", f"{case.reference}:{case.secret}").hexdigest()[:32]


def grant(request: HttpRequest, case: Case) -> None:
    """Let this browser open the case until the session ends or the case's secret changes."""
    kept = {reference: mark for reference, mark in request.session.get(GRANTS, {}).items() if reference != case.reference}
    newest = dict(list(kept.items())[-(MOST_GRANTS - 1) :])
    request.session[GRANTS] = {**newest, case.reference: _mark(case)}


def let_in_by_link(request: HttpRequest, reference: str, secret: str) -> Any:
    """Let this browser in when reference and secret belong together; return the case, or None."""
    try:
        case = kind_of(normal_reference(reference)).by_link(reference, secret)
    except NotFound:
        return None
    grant(request, case)
    return case


def granted_case(request: HttpRequest, reference: str) -> Any:
    """Return the case this browser was let in to, or None. A reference alone opens nothing."""
    number = normal_reference(reference)
    mark = request.session.get(GRANTS, {}).get(number, "")
    case = kind_of(number).rows().filter(reference=number).first() if mark else None
    return case if case is not None and same_secret(_mark(case), mark) else None


def member_case(request: HttpRequest, reference: str) -> Any:
    """Return a case the signed-in person may see, their own or their household's, or None; staff use the desk."""
    if not request.user.is_authenticated:
        return None
    number = normal_reference(reference)
    case = kind_of(number).rows().filter(reference=number).first()
    return case if case is not None and kind_of(number).may_see(request.user, case) else None


def customer_case(request: HttpRequest, reference: str) -> Any:
    """Return the case this person may see as its customer, as a member or by a grant; None otherwise."""
    return member_case(request, reference) or granted_case(request, reference)


def _of(kind: type[Any], case: Any) -> Any:
    return case if isinstance(case, kind) else None


def member_ticket(request: HttpRequest, reference: str) -> Ticket | None:
    """Return the ticket a signed-in person may see by account, or None."""
    found: Ticket | None = _of(Ticket, member_case(request, reference))
    return found


def customer_ticket(request: HttpRequest, reference: str) -> Ticket | None:
    """Return the ticket this person may see as its customer, as a member or by a grant; None otherwise."""
    found: Ticket | None = _of(Ticket, customer_case(request, reference))
    return found


def owns_ticket(request: HttpRequest, ticket: Ticket) -> bool:
    """May this browser act on a ticket that it may see: as its customer or by a grant; the household only reads."""
    return is_customer_of(request.user, ticket) or granted_case(request, ticket.reference) is not None


def customer_repair(request: HttpRequest, reference: str) -> RepairOrder | None:
    """Return the repair this person may see as its customer, as a member, in the household or by a grant; None otherwise."""
    found: RepairOrder | None = _of(RepairOrder, customer_case(request, reference))
    return found


def member_repair(request: HttpRequest, reference: str) -> RepairOrder | None:
    """Return the repair a signed-in person may see by account, or None."""
    found: RepairOrder | None = _of(RepairOrder, member_case(request, reference))
    return found


def may_open_ticket_file(request: HttpRequest, attachment: Attachment) -> bool:
    """Door of files of a ticket: the desk, and the ticket's customer unless the file is for staff only."""
    return _may_open(request, attachment, Ticket.objects.filter(pk=attachment.subject_id).first())


def may_open_message_file(request: HttpRequest, attachment: Attachment) -> bool:
    """Door of files of a message in a ticket's thread."""
    message = TicketMessage.objects.select_related("ticket").filter(pk=attachment.subject_id).first()
    return _may_open(request, attachment, message.ticket if message else None)


def may_open_repair_file(request: HttpRequest, attachment: Attachment) -> bool:
    """Door of files of a repair: staff who work on repairs, and its customer unless the file is for staff only."""
    return _may_open(request, attachment, RepairOrder.objects.filter(pk=attachment.subject_id).first())


def may_open_repair_message_file(request: HttpRequest, attachment: Attachment) -> bool:
    """Door of files of a message about a repair."""
    message = RepairMessage.objects.select_related("order").filter(pk=attachment.subject_id).first()
    return _may_open(request, attachment, message.order if message else None)


def _may_open(request: HttpRequest, attachment: Attachment, case: Case | None) -> bool:
    if case is None:
        return False
    if works_on_repairs(request.user) if isinstance(case, RepairOrder) else works_desk(request.user):
        return True
    return not attachment.internal and customer_case(request, case.reference) is not None
