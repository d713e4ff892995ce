"""Django configuration of live chat."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    """The room of live chat."""

    name = "chat"
    label = "chat"
    verbose_name = _("Live chat")
