"""Who may do what with registrations and units."""

from typing import Any

from products.models import Unit

REVIEW = "warranty.review_registration"


def can_review(user: Any) -> bool:
    """May the person decide registrations."""
    return bool(user and user.is_authenticated and user.is_active and user.is_staff and user.has_perm(REVIEW))


def owns(user: Any, unit: Unit) -> bool:
    """Is the unit the signed-in person's own (not only their household's)."""
    return bool(user and user.is_authenticated and unit.owner_id and unit.owner.user_id == user.pk)
