"""Forms of the desk: they parse and clean what agents type; the actions decide."""

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from core.text import plain_text
from products.codes import normal_model
from products.models import ProductFamily, ProductModel
from tickets.models import CannedReply, Escalation, Queue, Ticket
from tickets.words import pause_reasons

MAX_ARTICLES = 10


class Text(forms.CharField):
    """Text without control characters; lines are kept."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows, "class": "input"}), **kwargs)

    def to_python(self, value: Any) -> str:
        """Clean before the rules look at it."""
        return plain_text(super().to_python(value) or "")


class Line(forms.CharField):
    """One line of text without control characters."""

    def to_python(self, value: Any) -> str:
        """Clean before the rules look at it."""
        return plain_text(super().to_python(value) or "", lines=False)


class DeskForm(forms.Form):
    """A form among others on one page: its ids carry its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"id_{type(self).__name__.removesuffix('Form').lower()}_%s")
        super().__init__(*args, **kwargs)


class ReplyForm(DeskForm):
    """A reply to the customer. `articles` are hidden inputs of JSON {key, title, url}; `then` is the button pressed."""

    body = Text(label=_("Reply to the customer"), required=False, rows=4)
    canned = forms.ModelChoiceField(CannedReply.objects.all(), required=False, widget=forms.HiddenInput)
    then = forms.ChoiceField(choices=[("wait", ""), ("open", "")], required=False)
    client_key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def articles(self) -> list[dict[str, str]]:
        """Return the inserted articles; what is no JSON object is left out."""
        found = []
        for raw in self.data.getlist("article")[:MAX_ARTICLES] if hasattr(self.data, "getlist") else []:
            try:
                value = json.loads(raw[:2000])
            except ValueError:
                continue
            if isinstance(value, dict):
                found.append({key: str(value.get(key, "")) for key in ("key", "title", "url")})
        return found


class NoteForm(DeskForm):
    """A note among colleagues; another field name than the reply's, so that neither can be sent as the other."""

    note = Text(label=_("Internal note"), required=False, rows=3)


class StatusForm(DeskForm):
    """Open, waiting for the customer or on hold with its reason."""

    status = forms.ChoiceField(
        label=_("Status"), choices=[(key, label) for key, label in Ticket.Status.choices if key in {"open", "pending", "on_hold"}]
    )
    reason = forms.ChoiceField(label=_("Waits for"), required=False)
    memo = Line(label=_("What exactly"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", "—"), *pause_reasons()]


class PriorityForm(DeskForm):
    """Impact × urgency with the reason of the change."""

    impact = forms.TypedChoiceField(label=_("Impact"), coerce=int, choices=Ticket.Level.choices)
    urgency = forms.TypedChoiceField(label=_("Urgency"), coerce=int, choices=Ticket.Level.choices)
    reason = Line(label=_("Reason"), max_length=200, error_messages={"required": _("Say why the priority changes.")})


class MoveForm(DeskForm):
    """Another team."""

    queue = forms.ModelChoiceField(Queue.objects.all(), label=_("Queue"), to_field_name="key")
    reason = Line(label=_("Reason"), max_length=200, error_messages={"required": _("Say why it moves.")})


class EscalateForm(DeskForm):
    """A specialist or a manager."""

    kind = forms.ChoiceField(
        label=_("Who is needed"),
        choices=[(Escalation.Kind.FUNCTIONAL, _("a specialist")), (Escalation.Kind.HIERARCHICAL, _("a manager"))],
    )
    reason = Line(label=_("What you need"), max_length=200, error_messages={"required": _("Say what you need from them.")})


class AssignForm(DeskForm):
    """A colleague of the desk."""

    to = forms.ModelChoiceField(get_user_model().objects.none(), label=_("Give to"))
    reason = Line(label=_("Remark"), required=False, max_length=200)

    def __init__(self, *args: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues


class JoinForm(DeskForm):
    """Another request of the same customer about the same thing."""

    into = forms.ChoiceField(label=_("It goes on in"), error_messages={"invalid_choice": _("Choose another request of the same customer.")})

    def __init__(self, *args: Any, others: Iterable[Ticket], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = {other.reference: other for other in others}
        self.fields["into"].choices = [(number, f"{number} · {other.subject}") for number, other in self.others.items()]

    def clean_into(self) -> Ticket:
        """Return the request itself."""
        return self.others[self.cleaned_data["into"]]


class ResolveForm(DeskForm):
    """What was done, in words for the customer."""

    summary = Text(
        label=_("What was done (the customer reads this)"), rows=3, error_messages={"required": _("Tell the customer what was done.")}
    )
    client_key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class ReopenForm(DeskForm):
    """Why a done ticket goes on."""

    reason = Line(label=_("Reason"), max_length=200, error_messages={"required": _("Say why it goes on.")})


class CallForm(DeskForm):
    """A phone call written down on the customer's behalf."""

    contact = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    name = Line(label=_("Name"), required=False, max_length=80)
    phone = Line(label=_("Phone"), required=False, max_length=40)
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[("zh-hans", "简体中文"), ("en", "English")])
    channel = forms.ChoiceField(
        label=_("Channel"), choices=[(key, label) for key, label in Ticket.Channel.choices if key in {"phone", "mail"}], initial="phone"
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Ticket.Kind.choices, initial=Ticket.Kind.FAULT)
    family = forms.ModelChoiceField(
        ProductFamily.objects.filter(is_active=True), label=_("Product family"), required=False, to_field_name="slug"
    )
    model = Line(label=_("Model number"), required=False, max_length=40)
    serial = Line(label=_("Serial number"), required=False, max_length=40)
    subject = Line(label=_("In one line"), max_length=160)
    description = Text(label=_("What the customer said"), rows=5)
    impact = forms.TypedChoiceField(label=_("Impact"), coerce=int, choices=Ticket.Level.choices, initial=2)
    urgency = forms.TypedChoiceField(label=_("Urgency"), coerce=int, choices=Ticket.Level.choices, initial=2)
    mine = forms.BooleanField(label=_("I take care of it myself"), required=False, initial=True)
    submit_key = forms.CharField(max_length=40, widget=forms.HiddenInput, required=False)

    def known_model(self) -> ProductModel | None:
        """Return the model whose number was typed, or None."""
        number = normal_model(self.cleaned_data.get("model", ""))
        return ProductModel.objects.select_related("family").filter(number_normal=number).first() if number else None
