"""Forms of the public pages: they parse and clean; the actions decide."""

import secrets
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.phones import PhoneField, normal_phone
from core.errors import InvalidInput
from core.guard import BotCheckMixin
from core.references import normal_reference
from core.text import plain_text
from portal import queries
from products.models import ProductFamily, ProductModel

SUBJECT_LENGTH = 160
DETAILS_LENGTH = 10_000
REPLY_LENGTH = 10_000

TOO_LONG = _("This is too long: %(show_value)s characters, at most %(limit_value)s. Shorten it a little; a photo says more.")
EMAIL_WRONG = _("This is no complete e-mail address. It looks like name@example.com.")
ONE_CONTACT = _("Give an e-mail address or a phone number, so that our answer reaches you.")


class TextField(forms.CharField):
    """Text without control characters, with a limit that says how much is too much."""

    def __init__(self, *, lines: bool = False, limit: int, **kwargs: Any) -> None:
        self.lines = lines
        super().__init__(**kwargs)
        # The limit is said by a message of ours; a maxlength attribute would cut what people paste without a word.
        self.validators.append(_limit(limit))

    def to_python(self, value: Any) -> str:
        """Clean before the rules look at it."""
        return plain_text(super().to_python(value), lines=self.lines)


def _limit(limit: int) -> Any:
    from django.core.validators import MaxLengthValidator

    return MaxLengthValidator(limit, message=TOO_LONG)


class HelpForm(BotCheckMixin, forms.Form):
    """Get help: which product, what is wrong, how to reach the person.

    Args:
        member: the signed-in person's contact or None; what is known is not demanded again.
    """

    product = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    family = forms.ChoiceField(label=_("Kind of appliance"), required=False, widget=forms.RadioSelect)
    model = TextField(
        label=_("Model number"),
        required=False,
        limit=40,
        help_text=_("On the label of the machine. If you cannot find it, leave it empty."),
    )
    subject = TextField(
        label=_("What is wrong?"),
        limit=SUBJECT_LENGTH,
        help_text=_("One sentence is enough, for example “leaks while spinning”."),
        error_messages={"required": _("Say in one sentence what is wrong.")},
    )
    description = TextField(
        label=_("Tell us more"),
        required=False,
        lines=True,
        limit=DETAILS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Since when, what the display shows, what you tried."),
    )
    name = TextField(label=_("Your name"), required=False, limit=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        error_messages={"invalid": EMAIL_WRONG},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    phone = PhoneField(label=_("Mobile phone"), required=False, max_length=60)
    submit_key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    needs_contact = True

    def __init__(self, *args: Any, member: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        self.families = list(queries.families())
        self.fields["family"].choices = [(row.slug, row.name) for row in self.families] + [("", _("Something else, or I do not know"))]
        self.near_models: list[ProductModel] = []
        self.picked_model: ProductModel | None = None
        self.picked_family: ProductFamily | None = None

    @property
    def key(self) -> str:
        """The key of this form: the one that came with it, or a new one."""
        given = self.data.get("submit_key", "") if self.is_bound else ""
        return given if 16 <= len(given) <= 40 and given.isascii() else secrets.token_urlsafe(24)

    @property
    def picked_product(self) -> str:
        """What search narrows by: the model's number, else the family's address."""
        if self.picked_model is not None:
            return self.picked_model.number
        return self.picked_family.slug if self.picked_family else ""

    def clean_email(self) -> str:
        """Compare addresses in small letters."""
        return str(self.cleaned_data.get("email", "")).strip().lower()

    def clean(self) -> dict[str, Any]:
        """Settle the product and demand one way to answer."""
        cleaned = super().clean()
        self._settle_product(cleaned)
        if (
            self.needs_contact
            and self.member is None
            and not (cleaned.get("email") or cleaned.get("phone"))
            and not {"email", "phone"} & set(self.errors)
        ):
            self.add_error("email", ONE_CONTACT)
        return cleaned

    def _settle_product(self, cleaned: dict[str, Any]) -> None:
        """Find the model by the hidden product, else by what was typed; a number nobody knows is kept as typed, never refused."""
        picked = queries.models_by_slug([cleaned["product"]]) if cleaned.get("product") else []
        self.picked_model = picked[0] if picked else None
        typed = cleaned.get("model", "")
        if self.picked_model is None and typed:
            found = queries.find_models(typed, limit=4)
            self.picked_model = found[0] if len(found) == 1 else None
            self.near_models = [] if self.picked_model else found
        if self.picked_model is not None:
            self.picked_family = self.picked_model.family
        else:
            self.picked_family = next((row for row in self.families if row.slug == cleaned.get("family")), None)


class ReplyForm(forms.Form):
    """An answer of the customer on the page of the ticket."""

    body = TextField(
        label=pgettext_lazy("form", "Your answer"),
        lines=True,
        limit=REPLY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write your answer first.")},
    )
    client_key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


class ReopenForm(forms.Form):
    """Why it is not solved after all."""

    reason = TextField(
        label=_("What is still wrong?"),
        lines=True,
        limit=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a few words what is still wrong.")},
    )


class TrackForm(BotCheckMixin, forms.Form):
    """A number and the address it belongs to."""

    reference = TextField(
        label=pgettext_lazy("request", "Number"),
        limit=40,
        help_text=_("It stands in our message to you: T-… is a request, R-… a repair, C-… a chat."),
        error_messages={"required": _("Type the number.")},
        widget=forms.TextInput(attrs={"class": "w-m mono", "autocapitalize": "characters", "spellcheck": "false", "autocomplete": "off"}),
    )
    address = TextField(
        label=_("Phone or e-mail"),
        limit=254,
        help_text=_("The one you gave us. We send a code there."),
        error_messages={"required": _("Type the phone number or e-mail address you gave us.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "class": "w-m"}),
    )

    def clean_reference(self) -> str:
        """Return the number in its stored form, however it was typed."""
        return normal_reference(self.cleaned_data["reference"])

    def clean_address(self) -> str:
        """Return a phone number in E.164 or an e-mail address in small letters."""
        typed = self.cleaned_data["address"]
        if "@" in typed:
            return str(forms.EmailField(error_messages={"invalid": EMAIL_WRONG}).clean(typed)).lower()
        try:
            return normal_phone(typed)
        except InvalidInput as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from refusal


class CodeForm(forms.Form):
    """The six digits that were sent."""

    code = forms.RegexField(
        r"^\d{6}$",
        label=_("6-digit code"),
        error_messages={"required": _("Type the code from our message."), "invalid": _("The code has six digits.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "code-input", "maxlength": "12"}),
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        if data is not None:
            typed = unicodedata.normalize("NFKC", data.get("code", ""))[:40]
            data = {"code": "".join(ch for ch in typed if not ch.isspace() and ch != "-")}
        super().__init__(data, **kwargs)


class ProfileForm(forms.Form):
    """What a member may change about themselves here."""

    name = TextField(label=_("Your name"), required=False, limit=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(
        label=_("Language of our messages"), choices=[("zh-hans", "简体中文"), ("en", "English")], widget=forms.RadioSelect
    )
