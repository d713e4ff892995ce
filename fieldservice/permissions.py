"""Who may do what with a repair: staff by permission, customers with their own, members of a household with their unit's."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from core.history import history_of
from fieldservice import states
from fieldservice.models import RepairOrder
from tickets.permissions import supervises, works_desk
from warranty.queries import household_of

MOVE = "fieldservice.move_repair"


def works_on_repairs(user: Any) -> bool:
    """May the person open the repairs of the desk and move them."""
    return works_desk(user) and bool(user.has_perm(MOVE))


def repair_workers() -> QuerySet[Any]:
    """Return everybody who may move repairs, as the database says at this moment."""
    users: QuerySet[Any] = ModelBackend().with_perm(MOVE, include_superusers=False)
    return users.filter(is_staff=True, is_active=True)


def owners_of(order: RepairOrder) -> list[int]:
    """Return who looks after a repair: the colleague who took its last step, if they are still here, else everybody who may move it."""
    workers = set(repair_workers().values_list("pk", flat=True))
    steps = history_of(order).exclude(actor=None).order_by("-at", "-pk").values_list("actor_id", flat=True)
    last = next((pk for pk in steps if pk in workers), None)
    return [last] if last else sorted(workers)


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
