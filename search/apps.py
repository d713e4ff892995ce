"""Django application configuration of the search app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Configuration of the search app."""

    name = "search"
    label = "search"
    verbose_name = _("Search")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to changes of the dictionary; register the editors' lists and the imports."""
        from search import imports, receivers, worklists  # noqa: F401

        worklists.register()
        imports.register()
