"""Forms of the visitor's chat: what it is about, how it was, where to answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.phones import PhoneField
from chat.actions.starting import MAX_QUESTION
from portal.forms import EMAIL_WRONG, ONE_CONTACT, HelpForm, TextField


class ChatForm(HelpForm):
    """Before the chat: a sentence, the machine, a name if one likes; an address only to leave a message.

    Args:
        leaving: a message is left instead of a chat; then an answer needs an address.
    """

    description = None  # type: ignore[assignment]
    subject = TextField(
        label=_("What is it about?"),
        lines=True,
        limit=MAX_QUESTION,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say in one sentence what it is about.")},
    )

    def __init__(self, *args: Any, leaving: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs_contact = leaving


RATINGS = [
    (5, pgettext_lazy("rating", "Very good")),
    (4, pgettext_lazy("rating", "Good")),
    (3, pgettext_lazy("rating", "So-so")),
    (2, pgettext_lazy("rating", "Poor")),
    (1, pgettext_lazy("rating", "Very poor")),
]
SOLVED = [("yes", pgettext_lazy("chat", "Yes, solved")), ("no", pgettext_lazy("chat", "No, not yet"))]


class RatingForm(forms.Form):
    """How it was, after the end."""

    solved = forms.ChoiceField(
        label=_("Is it solved?"),
        choices=SOLVED,
        widget=forms.RadioSelect,
        error_messages={"required": pgettext_lazy("rating", "Say whether it is solved.")},
    )
    rating = forms.TypedChoiceField(
        label=_("How was the chat?"),
        choices=RATINGS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one to five.")},
    )
    comment = TextField(label=_("Anything to add?"), required=False, lines=True, limit=500, widget=forms.Textarea(attrs={"rows": 2}))


class TranscriptForm(forms.Form):
    """Where the transcript goes."""

    email = forms.EmailField(
        label=_("Send the transcript to"),
        max_length=254,
        error_messages={"invalid": EMAIL_WRONG, "required": _("Type the e-mail address the transcript should go to.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

    def clean_email(self) -> str:
        """Compare addresses in small letters."""
        return str(self.cleaned_data["email"]).strip().lower()


class HandOverForm(forms.Form):
    """What is still open, and where to answer a guest.

    Args:
        needs_contact: nobody knows yet how to reach the person.
    """

    note = TextField(
        label=_("What is still open?"),
        required=False,
        lines=True,
        limit=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everything said in the chat goes along."),
    )
    name = TextField(label=_("Your name"), required=False, limit=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = PhoneField(label=_("Mobile phone"), required=False, max_length=60)
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        error_messages={"invalid": EMAIL_WRONG},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

    def __init__(self, *args: Any, needs_contact: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs_contact = needs_contact

    def clean_email(self) -> str:
        """Compare addresses in small letters."""
        return str(self.cleaned_data.get("email", "")).strip().lower()

    def clean(self) -> dict[str, Any]:
        """Demand one way to answer where none is known."""
        cleaned = super().clean() or {}
        if self.needs_contact and not (cleaned.get("email") or cleaned.get("phone")) and not {"email", "phone"} & set(self.errors):
            self.add_error("phone", ONE_CONTACT)
        return cleaned
