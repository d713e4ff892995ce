"""Who may do what at the desk: staff by permission, customers with their own tickets."""

from typing import Any

from tickets.models import Queue, Ticket
from warranty.queries import household_of

WORK = "tickets.work_desk"
SUPERVISE = "tickets.supervise_desk"
SECOND_LINE = "tickets.work_second_line"
MANAGEMENT_TIER = 3


def works_desk(user: Any) -> bool:
    """May the person open the desk at all."""
    return bool(user and user.is_authenticated and user.is_active and user.is_staff and (user.has_perm(WORK) or user.has_perm(SUPERVISE)))


def supervises(user: Any) -> bool:
    """May the person act on everybody's tickets and take management's queue."""
    return works_desk(user) and bool(user.has_perm(SUPERVISE))


def is_customer_of(user: Any, ticket: Ticket) -> bool:
    """Is the ticket the signed-in person's own."""
    return bool(user and user.is_authenticated and ticket.contact.user_id == user.pk)


def may_see(user: Any, ticket: Ticket) -> bool:
    """May the signed-in person see the ticket as a customer: it is theirs, or somebody's of their household about a unit they share.

    A new owner of the unit does not see what a former one asked: that person is not of the household.
    """
    if not (user and user.is_authenticated and user.is_active):
        return False
    if is_customer_of(user, ticket):
        return True
    return ticket.unit is not None and {user.pk, ticket.contact.user_id} <= household_of(ticket.unit)


def can_claim_from(user: Any, queue: Queue) -> bool:
    """May the person take work from a queue: first line everybody, second line specialists, management supervisors."""
    if not works_desk(user):
        return False
    if queue.tier >= MANAGEMENT_TIER:
        return supervises(user)
    return queue.tier < 2 or bool(user.has_perm(SECOND_LINE)) or supervises(user)


def roles_on(user: Any, ticket: Ticket) -> frozenset[str]:
    """Return the roles (of tickets.states) that the person has on this ticket."""
    roles = set()
    if works_desk(user):
        roles.add("agent")
    if supervises(user):
        roles.add("supervisor")
    if is_customer_of(user, ticket):
        roles.add("customer")
    return frozenset(roles)
