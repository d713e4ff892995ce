"""Sign-up and sign-in as people here expect them: one field for phone or e-mail, a phone or an e-mail is enough for an account."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context, ratelimit
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.actions import contacts
from accounts.models import User
from accounts.phones import normal_phone
from core.brand import current_brand
from core.errors import InvalidInput
from core.guard import BotCheckMixin
from core.i18n import normal_language

NOT_AN_ADDRESS = _("Enter a phone number or an e-mail address.")
ONE_OF_TWO = _("Enter a phone number or an e-mail address. One is enough.")


def split_login(typed: str) -> tuple[str, str]:
    """Return (e-mail, phone) of what was typed into one field; one of the two is empty.

    Raises ValidationError with a sentence that says what is wrong with it.
    """
    text = (typed or "").strip().replace("＠", "@")
    if "@" in text:
        address = text.lower()
        validate_email(address)
        return address, ""
    if not any(ch.isdigit() for ch in text):
        raise ValidationError(NOT_AN_ADDRESS, code="invalid")
    try:
        return "", normal_phone(text)
    except InvalidInput as refusal:
        raise ValidationError(refusal.message, code=refusal.code) from refusal


def login_field() -> forms.CharField:
    """Return the field for a phone number or an e-mail address."""
    widget = forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
    return forms.CharField(label=_("Phone number or e-mail"), max_length=254, widget=widget)


class LoginForm(BotCheckMixin, allauth_forms.LoginForm):
    """Password sign-in; the code is the other page. Password managers fill and send at once, so no least time; limits hold robots off."""

    least_seconds = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        request = kwargs.get("request") or context.request
        super().__init__(*args, **{**kwargs, "request": request})
        self.request = request
        self.fields["login"] = login_field()
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["remember"].label = _("Stay signed in on this device")
        self.order_fields(["login", "password", "remember"])

    def _setup_password_field(self) -> None:
        """Keep the password although sign-up does not ask for one: it can be set later."""

    def clean_login(self) -> str:
        """Return the e-mail address in lower case or the number in E.164 form."""
        email, phone = split_login(self.cleaned_data["login"])
        return email or phone


class RequestLoginCodeForm(BotCheckMixin, allauth_forms.RequestLoginCodeForm):
    """Asks for a code by mail or SMS; the answer is the same whether there is an account or not."""

    _user: User | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("request", context.request)
        super().__init__(*args, **kwargs)
        for name in ("email", "phone"):
            self.fields.pop(name, None)
        self.fields["login"] = login_field()

    def clean_login(self) -> str:
        """Find the account, count the request, and leave `email` or `phone` for the view."""
        email, phone = split_login(self.cleaned_data["login"])
        adapter = get_adapter()
        if not ratelimit.consume(context.request, action="request_login_code", key=email or phone):
            raise adapter.validation_error("too_many_login_attempts")
        if email:
            found = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
            self._user = found[0] if found else None
        else:
            self._user = adapter.get_user_by_phone(phone)
        self.cleaned_data |= {"email": email, "phone": phone}
        return email or phone


class ResetPasswordForm(BotCheckMixin, allauth_forms.ResetPasswordForm):
    """Asks for a code to choose a new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("request", context.request)
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        self.fields["email"].widget.attrs.pop("placeholder", None)


class SignupForm(BotCheckMixin, allauth_forms.SignupForm):
    """A new account: phone or e-mail (one is enough), a name if one likes, consent to the privacy text."""

    name = forms.CharField(label=_("Your name"), max_length=80, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    consent = forms.BooleanField(
        label=_("I have read how my data is used and agree"), error_messages={"required": _("Please read how your data is used and agree.")}
    )

    field_order = ["phone", "email", "name", "consent"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("request", context.request)
        super().__init__(*args, **kwargs)
        self.fields["email"].required = False
        self.fields["email"].widget.is_required = False
        self.fields["email"].widget.attrs.pop("placeholder", None)
        self.fields["email"].label = _("E-mail")
        self.fields["phone"].label = _("Phone number")

    def clean(self) -> dict[str, Any]:
        """Demand one of the two addresses."""
        cleaned = super().clean() or self.cleaned_data
        typed = [name for name in ("phone", "email") if self.data.get(name, "").strip()]
        if not typed:
            self.add_error("phone", ValidationError(ONE_OF_TWO, code="required"))
        return cleaned

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        """Make the account; where somebody else made it a moment ago, go on as for an existing one."""
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)

    def save(self, request: HttpRequest) -> User:
        """Save the account with its language and the consent."""
        user: User = super().save(request)
        user.name = " ".join(self.cleaned_data.get("name", "").split())
        user.language = normal_language(get_language())
        user.save(update_fields=["name", "language"])
        contacts.record_consent(purpose="account", text_version=current_brand().privacy_version, source="sign-up", user=user)
        return user
