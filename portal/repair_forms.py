"""Forms of a repair on the public pages: booking it, moving the visit, answering the quote, writing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from accounts.models import Address
from fieldservice.queries import free_slots
from fieldservice.slots import PARTS, Slot, by_day
from portal.forms import HelpForm, TextField
from portal.repair_origin import address_snapshot, region_of

FAULT_LENGTH = 4000
WEEKEND = (5, 6)


class Wishes(forms.MultipleChoiceField):
    """The times that suit the customer."""

    widget = forms.CheckboxSelectMultiple


class RepairForm(HelpForm):
    """Book a repair: which machine, what is wrong, where and when to come, how to reach the person.

    Args:
        slots: the times on offer.
        addresses: those the member has saved, the usual one first.
        member: the contact that is known already; then no address of theirs is asked for again.
    """

    subject = None  # type: ignore[assignment]
    description = None  # type: ignore[assignment]
    unit = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    ticket = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    article = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    code = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    serial = TextField(
        label=_("Serial number"),
        required=False,
        limit=40,
        help_text=_("On the same label, after S/N. With it we see the warranty."),
    )
    fault = TextField(
        label=_("What is wrong?"),
        limit=FAULT_LENGTH,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Since when, what the display shows, what you tried."),
        error_messages={"required": _("Say in a few words what is wrong.")},
    )
    wishes = Wishes(
        label=_("When may an engineer come?"),
        required=True,
        help_text=_("Choose two or more times. We confirm one of them."),
        error_messages={
            "required": _("Choose at least two times, so that we find one that fits."),
            "invalid_choice": _("One of the times is no longer free to choose. Choose again, please."),
        },
    )
    province = TextField(label=_("Province"), required=False, limit=40, widget=forms.TextInput(attrs={"autocomplete": "address-level1"}))
    city = TextField(label=_("City"), required=False, limit=40, widget=forms.TextInput(attrs={"autocomplete": "address-level2"}))
    district = TextField(label=_("District"), required=False, limit=40, widget=forms.TextInput(attrs={"autocomplete": "address-level3"}))
    detail = TextField(
        label=_("Street, building, room"),
        limit=120,
        error_messages={"required": _("Say where the engineer should come: street, building and room.")},
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )

    recipient = TextField(
        label=_("Who is there"),
        required=False,
        limit=40,
        help_text=_("Only if it is somebody else than you."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    site_phone = TextField(
        label=_("Their phone number"), required=False, limit=30, widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"})
    )
    paste = TextField(
        label=_("Paste an address"),
        required=False,
        lines=True,
        limit=500,
        help_text=_("Name, phone and address in one text, in any order: we put it into the fields."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )
    saved = forms.ChoiceField(label=_("One of your addresses"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, slots: list[Slot] | None = None, addresses: Sequence[Address] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slots = slots if slots is not None else free_slots()
        self.fields["wishes"].choices = [(slot.key, slot.words) for slot in self.slots]
        self.addresses = {row.key: row for row in addresses}
        self.fields["saved"].choices = [*((key, row.one_line) for key, row in self.addresses.items()), ("", _("Another address"))]
        if addresses:
            self.fields["saved"].initial = addresses[0].key

    @property
    def typed_address(self) -> bool:
        """Whether the address is typed: none is saved, or another one was chosen."""
        return self["saved"].value() not in self.addresses

    def full_clean(self) -> None:
        """Demand a typed address only where none of the saved ones was chosen."""
        self.fields["detail"].required = not self.is_bound or self.data.get("saved", "") not in self.addresses
        super().full_clean()

    @property
    def days(self) -> list[dict[str, Any]]:
        """The offered times by day, with what is ticked."""
        return day_rows(self.slots, ticked=set(self["wishes"].value() or ()))

    def clean_wishes(self) -> list[str]:
        """Demand two times where there are two."""
        wanted = list(self.cleaned_data["wishes"])
        if len(wanted) < min(2, len(self.slots)):
            raise forms.ValidationError(_("Choose at least two times, so that we find one that fits."), code="few")
        return wanted

    @property
    def address(self) -> dict[str, str]:
        """The cleaned address in its parts: a saved one as it is today, else what was typed."""
        row = self.addresses.get(self.cleaned_data.get("saved", ""))
        if row is not None:
            return address_snapshot(row)
        typed = {name: self.cleaned_data.get(name, "") for name in ("province", "city", "district", "detail")}
        other = {"recipient": self.cleaned_data.get("recipient", ""), "phone": self.cleaned_data.get("site_phone", "")}
        return {**typed, **region_of(typed), **other}


def day_rows(slots: list[Slot], *, ticked: set[str]) -> list[dict[str, Any]]:
    """Return slots as rows of a form: the day in words, and its parts with key, words and whether they are ticked."""
    return [
        {
            "day": formats.date_format(day, "MONTH_DAY_FORMAT"),
            "weekday": formats.date_format(day, "D"),
            "make_up": day.weekday() in WEEKEND,
            "parts": [
                {
                    "key": slot.key,
                    "label": PARTS[slot.part].label,
                    "hours": f"{PARTS[slot.part].opens:%H:%M}–{PARTS[slot.part].closes:%H:%M}",
                    "ticked": slot.key in ticked,
                }
                for slot in found
            ],
        }
        for day, found in by_day(slots)
    ]


class VisitForm(forms.Form):
    """Another time for the visit."""

    slot = forms.ChoiceField(
        label=_("New time"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a time for the visit."), "invalid_choice": _("Choose one of the offered times.")},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, slots: list[Slot] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slots = slots if slots is not None else free_slots()
        self.fields["slot"].choices = [(slot.key, slot.words) for slot in self.slots]

    @property
    def days(self) -> list[dict[str, Any]]:
        """The offered times by day."""
        return day_rows(self.slots, ticked={self["slot"].value() or ""})


class ReasonForm(forms.Form):
    """Why: for cancelling, and for a fault that is back."""

    reason = TextField(
        label=_("Why?"),
        limit=500,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say in a few words why.")},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class CommentForm(forms.Form):
    """A word with the answer to a quote; which quote it is goes with it."""

    number = forms.IntegerField(min_value=1, max_value=10_000, widget=forms.HiddenInput)
    answer = forms.ChoiceField(choices=[("approve", ""), ("decline", "")])
    comment = TextField(label=_("Anything to add"), required=False, limit=500)
