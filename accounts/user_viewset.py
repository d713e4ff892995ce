"""Wagtail's own list of users, for superusers: its forms fitted to accounts that have one name and perhaps no e-mail address."""

from typing import Any

from django.contrib.auth import get_user_model
from wagtail.users.forms import UserCreationForm, UserEditForm, standard_fields
from wagtail.users.views.users import UserViewSet as WagtailUserViewSet

User = get_user_model()
FIELDS = sorted((standard_fields - {"first_name", "last_name"}) | {User.USERNAME_FIELD, "name", "phone", "language"})


class AccountCreationForm(UserCreationForm):
    """A new account."""

    first_name = None
    last_name = None

    class Meta(UserCreationForm.Meta):
        fields = FIELDS


class AccountEditForm(UserEditForm):
    """An account that is there."""

    first_name = None
    last_name = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = False

    class Meta(UserEditForm.Meta):
        fields = [*FIELDS, "is_active"]


class UserViewSet(WagtailUserViewSet):
    """Users as Wagtail lists them."""

    def get_templates(self, name: str = "index", fallback: str = "") -> list[str]:
        """Take our templates for the two forms, Wagtail's for the rest."""
        ours = [f"accounts/wagtailusers/{name}.html"] if name in {"create", "edit"} else []
        return [*ours, *super().get_templates(name, fallback)]

    def get_form_class(self, for_update: bool = False) -> type:
        """Return the form for a new or an existing account."""
        return AccountEditForm if for_update else AccountCreationForm
