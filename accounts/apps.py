"""Django configuration of accounts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users, contacts, roles, invitations."""

    name = "accounts"
    label = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Connect the handlers of allauth's signals."""
        from accounts import receivers  # noqa: F401
