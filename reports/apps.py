"""Django configuration of the reports."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """The room of figures: definitions, reports, rows, CSV."""

    name = "reports"
    label = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        """Put the reports into the desk's navigation."""
        from reports.navigation import entry
        from tickets.navigation import add_entry

        add_entry(entry, order=80)
