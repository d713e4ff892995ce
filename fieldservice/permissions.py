"""Who may do what with a repair: staff by permission, customers with their own, members of a household with their unit's."""

from typing import Any

from fieldservice import states
from fieldservice.coverage import household_of
from fieldservice.models import RepairOrder
from tickets.permissions import supervises, works_desk

MOVE = "fieldservice.move_repair"


def works_on_repairs(user: Any) -> bool:
    """May the person open the repairs of the desk and move them."""
    return works_desk(user) and bool(user.has_perm(MOVE))


def is_customer_of(user: Any, order: RepairOrder) -> bool:
    """Is the repair the signed-in person's own."""
    return bool(user and user.is_authenticated and order.contact.user_id == user.pk)


def may_see(user: Any, order: RepairOrder) -> bool:
    """May the signed-in person see the repair as a customer: it is theirs, or somebody's of their household for a unit they share.

    A new owner of the unit does not see what a former one had repaired: that person is not of the household.
    """
    if not (user and user.is_authenticated and user.is_active):
        return False
    if is_customer_of(user, order):
        return True
    return order.unit is not None and {user.pk, order.contact.user_id} <= household_of(order.unit)


def roles_on(user: Any, order: RepairOrder) -> frozenset[str]:
    """Return the roles (of fieldservice.states) that the person has on this repair."""
    roles = set()
    if works_on_repairs(user):
        roles.add(states.AGENT)
        if supervises(user):
            roles.add(states.SUPERVISOR)
    if is_customer_of(user, order):
        roles.add(states.CUSTOMER)
    return frozenset(roles)
