"""Django configuration of the knowledge base."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KbConfig(AppConfig):
    """Guides, announcements, feedback and the deflection ledger."""

    name = "kb"
    label = "kb"
    verbose_name = _("Knowledge")

    def ready(self) -> None:
        """Connect the handlers of Wagtail's own signals; register the work lists and the import."""
        from kb import imports, lists, receivers  # noqa: F401

        lists.register()
        imports.register()
