"""Who may do what with registrations and units."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from products.models import Unit

REVIEW = "warranty.review_registration"


def can_review(user: Any) -> bool:
    """May the person decide registrations."""
    return bool(user and user.is_authenticated and user.is_active and user.is_staff and user.has_perm(REVIEW))


def reviewers() -> QuerySet[Any]:
    """Return everybody who may decide registrations, as the database says at this moment."""
    users: QuerySet[Any] = ModelBackend().with_perm(REVIEW, include_superusers=False)
    return users.filter(is_staff=True, is_active=True)


def owns(user: Any, unit: Unit) -> bool:
    """Is the unit the signed-in person's own (not only their household's)."""
    return bool(user and user.is_authenticated and unit.owner_id and unit.owner.user_id == user.pk)
