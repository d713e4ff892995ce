"""Django configuration of the service desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    """Tickets, queues, the SLA clock, escalations, the agents' desk."""

    name = "tickets"
    label = "tickets"
    verbose_name = _("Service desk")
