"""Puts the portal together at start-up: the switchboard and the system checks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Composition root."""

    name = "portal"
    label = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        """Install the switchboard and register the checks."""
        from core import events
        from portal import checks  # noqa: F401
        from portal.subscriptions import TABLE

        events.install(TABLE)

        from kb.sources import add_resolver
        from kb.worklists import add_list
        from portal import solutions
        from portal.views import announcements_desk
        from portal.views.registrations_desk import desk_entry
        from tickets.navigation import add_entry

        add_entry(desk_entry, order=40)
        add_entry(announcements_desk.desk_entry, order=90)
        add_resolver("ticket", solutions.ticket_address)
        add_resolver("chat", solutions.chat_address)
        for work_list in solutions.LISTS:
            add_list(work_list)
