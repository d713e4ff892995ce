"""Who may do what with a repair: staff by permission, customers with their own, members of a household with their unit's."""

from typing import Any

from fieldservice import states
from fieldservice.coverage import may_see_unit
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
    """May the signed-in person see the repair as a customer: it is theirs, or of a unit of their household."""
    if not (user and user.is_authenticated and user.is_active):
        return False
    return is_customer_of(user, order) or may_see_unit(user, order.unit)


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
