"""Forms of registration, household and transfer: they parse and clean; the actions decide."""

import re
import secrets
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal import queries
from portal.forms import TextField
from products.models import ProductModel, Unit
from warranty.models import ReturnReason

NO_DATE = _("This is no date. Write it like 2024-02-29.")
DATE_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%d/%m/%Y", "%d %b %Y", "%d %B %Y"]


class DayField(forms.DateField):
    """A day: the browser's date picker, or typed the way people write it (2024年2月29日, ２０２４－０２－２９)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "w-m", "min": "2000-01-01"}))
        kwargs.setdefault("error_messages", {})
        kwargs["error_messages"].setdefault("invalid", NO_DATE)
        super().__init__(input_formats=DATE_FORMATS, **kwargs)

    def to_python(self, value: Any) -> date | None:
        """Read half and full width, with or without spaces."""
        if isinstance(value, str):
            value = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", value)).strip()
            value = re.sub(r" ?(年|月) ?", r"\1", value)
        return super().to_python(value)


class PurchaseForm(forms.Form):
    """What the receipt says; used for a registration and for its correction."""

    purchased_on = DayField(
        label=_("Bought on"), help_text=_("The day on the receipt."), error_messages={"required": _("Give the day on the receipt.")}
    )
    dealer = TextField(
        label=_("Where you bought it"),
        required=False,
        limit=120,
        help_text=_("Shop or platform."),
        widget=forms.TextInput(attrs={"class": "w-m"}),
    )
    use = forms.ChoiceField(label=_("Used"), choices=[], widget=forms.RadioSelect, initial=Unit.Use.HOME, required=False)
    installed_on = DayField(
        label=_("Installed on"), required=False, help_text=_("For air conditioners and water heaters the warranty counts from here.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["use"].choices = [
            (Unit.Use.HOME, _("At home")),
            (Unit.Use.COMMERCIAL, _("In a business: shop, office, hotel, rental")),
        ]

    def clean_use(self) -> str:
        """Home where nothing was chosen."""
        return str(self.cleaned_data.get("use") or Unit.Use.HOME)


class RegisterForm(PurchaseForm):
    """Register a machine. `serial` and `model` stand beside the answer of the look-up."""

    field_order = ("serial", "model", "purchased_on", "dealer", "use", "installed_on")
    serial = TextField(
        label=_("Serial number"),
        limit=60,
        required=False,
        help_text=_("On the label, after S/N. Spaces and dashes do not matter."),
        widget=forms.TextInput(attrs={"class": "mono w-l", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    model = forms.CharField(required=False, max_length=60)
    claim = forms.BooleanField(required=False)

    @property
    def key(self) -> str:
        """The key of this form: the one that came with it, or a new one."""
        given = self.data.get("submit_key", "") if self.is_bound else ""
        return given if 16 <= len(given) <= 40 and given.isascii() else secrets.token_urlsafe(24)

    @property
    def picked_model(self) -> ProductModel | None:
        """The model that was chosen or came with the address."""
        slug = str(self["model"].value() or "")[:60]
        found = queries.models_by_slug([slug]) if slug else []
        return found[0] if found else None


class HouseholdForm(forms.Form):
    """Whom to invite."""

    address = TextField(
        label=_("Phone or e-mail"),
        limit=254,
        help_text=_("We send a link there. It is good for a few days."),
        error_messages={"required": _("Give a phone number or an e-mail address.")},
        widget=forms.TextInput(attrs={"class": "w-m", "autocomplete": "off"}),
    )


class CodeForm(forms.Form):
    """A transfer code or the number of a certificate."""

    code = TextField(
        label=pgettext_lazy("transfer", "Code"),
        limit=40,
        error_messages={"required": _("Type the code.")},
        widget=forms.TextInput(attrs={"class": "mono w-m", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class PlaceForm(forms.Form):
    """Where a machine stands."""

    place = TextField(label=_("Where it stands"), required=False, limit=40, help_text=_("For you, e.g. balcony."))


class DecisionForm(forms.Form):
    """What the desk decides about a registration."""

    purchased_on = DayField(label=_("Purchase date that counts"), required=False)
    installed_on = DayField(label=_("Installed on"), required=False)
    note = TextField(label=_("Note for colleagues"), required=False, limit=300)
    reason = forms.ModelChoiceField(label=pgettext_lazy("registration", "Reason"), required=False, queryset=ReturnReason.objects.none())
    text = TextField(label=_("Words for the customer"), required=False, lines=True, limit=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].queryset = ReturnReason.objects.filter(is_active=True)
        self.fields["reason"].empty_label = _("Choose a reason")
