"""Django configuration of the lowest floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """Events, tasks, history, calendars, references, files and notifications."""

    name = "core"
    label = "core"
    verbose_name = _("Foundations")
