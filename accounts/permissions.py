"""Who may do what with people."""

from typing import Any

MANAGE = "accounts.manage_staff"


def can_manage_staff(user: Any) -> bool:
    """Return whether the person may invite, change, disable and see staff."""
    return bool(user and user.is_authenticated and user.is_active and user.is_staff and user.has_perm(MANAGE))
