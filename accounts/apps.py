"""Django configuration of accounts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class AccountsConfig(AppConfig):
    """Users, contacts, roles, invitations."""

    default = True
    name = "accounts"
    label = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Connect the handlers of allauth's signals."""
        from accounts import receivers  # noqa: F401


class UsersConfig(WagtailUsersAppConfig):
    """Wagtail's users, with forms that fit our accounts."""

    user_viewset = "accounts.user_viewset.UserViewSet"
