"""Forms of the member area: they parse and clean; the actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import notices
from accounts.actions.addresses import LIMITS
from accounts.phones import PhoneField
from portal.forms import CodeForm, TextField


def _text(label: Any, name: str, **attrs: Any) -> TextField:
    needed = name in {"recipient", "detail"}
    return TextField(label=label, limit=LIMITS[name], required=needed, widget=forms.TextInput(attrs=attrs))


class AddressForm(forms.Form):
    """One address. Which fields are needed, and what a division is called, the action knows."""

    recipient = _text(_("Recipient"), "recipient", autocomplete="name")
    phone = PhoneField(label=_("Mobile phone"), max_length=60)
    province = _text(_("Province"), "province", autocomplete="address-level1")
    city = _text(_("City"), "city", autocomplete="address-level2")
    district = _text(_("District or county"), "district", autocomplete="address-level3")
    street = _text(_("Street or town"), "street")
    detail = TextField(
        label=_("Address line"),
        limit=LIMITS["detail"],
        help_text=_("Road, number, building, flat. Outside China: the whole address as you write it."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postcode = _text(_("Postcode"), "postcode", autocomplete="postal-code", inputmode="numeric")
    default = forms.BooleanField(label=_("Use this address first"), required=False)


class PasteForm(forms.Form):
    """One pasted line with name, phone and address."""

    paste = TextField(
        label=_("Paste an address"),
        required=False,
        lines=True,
        limit=500,
        help_text=_("Name, phone and address in one text, in any order: we put it into the fields."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NoticesForm(forms.Form):
    """A tick for each topic and channel, and the quiet hours."""

    quiet = forms.BooleanField(label=_("Keep my phone silent at night"), required=False)
    starts = forms.TimeField(label=pgettext_lazy("quiet hours", "From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=pgettext_lazy("quiet hours", "Until"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for topic in notices.MEMBER_TOPICS:
            for channel in notices.CHANNELS:
                self.fields[f"{topic}-{channel}"] = forms.BooleanField(required=False)

    def wanted(self) -> dict[tuple[str, str], bool]:
        """Return (topic, channel) → yes or no."""
        return {
            (topic, channel): self.cleaned_data[f"{topic}-{channel}"] for topic in notices.MEMBER_TOPICS for channel in notices.CHANNELS
        }


class CloseForm(CodeForm):
    """The proof that it is the member who closes the account: the password, or the code we sent, and a tick."""

    def __init__(self, data: Any = None, *, by_password: bool = False, **kwargs: Any) -> None:
        given = data or {}
        super().__init__(data, **kwargs)
        self.by_password = by_password
        if by_password:
            self.fields.pop("code")
            self.fields["password"] = forms.CharField(
                label=_("Password"), strip=False, max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
            )
        self.fields["sure"] = forms.BooleanField(
            label=_("I have read what is deleted and what is kept"), error_messages={"required": _("Tick that you have read it.")}
        )
        if self.is_bound:
            self.data = {**self.data, **{name: given.get(name) for name in ("password", "sure") if name in given}}
