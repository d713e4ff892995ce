"""Django configuration of registration and warranty."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WarrantyConfig(AppConfig):
    """The room of registration, warranty terms and coverage."""

    name = "warranty"
    label = "warranty"
    verbose_name = _("Warranty")

    def ready(self) -> None:
        """Register the import of shipped units."""
        from warranty import unit_lists

        unit_lists.register()
