"""Django configuration of repairs and outlets."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FieldServiceConfig(AppConfig):
    """The room of repairs and service outlets."""

    name = "fieldservice"
    label = "fieldservice"
    verbose_name = _("Repairs")

    def ready(self) -> None:
        """Put repairs into the desk's navigation."""
        from fieldservice.navigation import entry
        from tickets.navigation import add_entry

        add_entry(entry, order=50)
