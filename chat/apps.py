"""Django configuration of live chat."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    """The room of live chat."""

    name = "chat"
    label = "chat"
    verbose_name = _("Live chat")

    def ready(self) -> None:
        """Put the console into the desk's navigation."""
        from chat.console.navigation import entry
        from tickets.navigation import add_entry

        add_entry(entry, order=10)
