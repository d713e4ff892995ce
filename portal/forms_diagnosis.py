"""Forms of guided diagnosis."""

from django import forms
from django.utils.translation import gettext_lazy as _

from diagnosis.actions import NOTE_LENGTH
from portal.forms import TextField


class CodeForm(forms.Form):
    """The short code from another device."""

    code = TextField(
        label=_("Code from the other device"),
        limit=40,
        error_messages={"required": _("Type the code from the other device.")},
        widget=forms.TextInput(attrs={"class": "w-s mono", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class NoteForm(forms.Form):
    """What else a person should know, and where to go with it."""

    note = TextField(
        label=_("Anything else we should know?"),
        required=False,
        lines=True,
        limit=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Since when, what you tried. Your answers go along by themselves."),
    )
