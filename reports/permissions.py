"""Who may read the reports: managers of the desk."""

from typing import Any

from tickets.permissions import works_desk

VIEW = "reports.view_reports"


def reads_reports(user: Any) -> bool:
    """May the person open the reports; they name customers' cases, so being at the desk alone is not enough."""
    return works_desk(user) and bool(user.has_perm(VIEW))
