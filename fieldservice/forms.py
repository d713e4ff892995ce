"""Forms of the desk's repairs: they parse and clean what staff type; the table and the actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldservice import money, states
from fieldservice.actions.quotes import MOST_LINES
from fieldservice.models import Quote, RepairOrder, ServiceOutlet
from fieldservice.queries import active_outlets, free_slots
from fieldservice.slots import Slot
from products.codes import normal_model
from products.models import ProductFamily, ProductModel
from tickets.forms import DeskForm, Line, Text

EMPTY_LINES = 6
REASON_REQUIRED = _("Say why.")


class DateField(forms.DateField):
    """A day, picked by the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class OutletField(forms.ModelChoiceField):
    """One of the outlets that take repairs."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            active_outlets(), label=_("Outlet"), required=False, to_field_name="key", empty_label=pgettext_lazy("outlet", "none"), **kwargs
        )


def _field(name: str, slots: list[Slot]) -> forms.Field:
    """Return the input of one fact of the table."""
    if name == "finding":
        return Text(label=_("What was found (the customer reads this)"), rows=2, error_messages={"required": _("Say what was found.")})
    if name == "result":
        return Text(label=_("What was done (the customer reads this)"), rows=2, error_messages={"required": _("Say what was done.")})
    if name == "reason":
        return Text(label=_("Why (the customer reads this)"), rows=2, error_messages={"required": REASON_REQUIRED})
    if name == "part":
        return Line(label=_("Part"), max_length=120, error_messages={"required": _("Name the part.")})
    if name == "expected_on":
        return DateField(label=_("Expected on"), error_messages={"required": _("Say when the part is expected.")})
    if name == "slot":
        choices = [(slot.key, slot.words) for slot in slots]
        return forms.ChoiceField(
            label=_("Time of the visit"),
            choices=choices,
            error_messages={"required": _("Choose a time for the visit."), "invalid_choice": _("Choose one of the offered times.")},
        )
    raise KeyError(name)


# Further inputs that fit a move but are not demanded.
OPTIONAL: dict[str, tuple[str, ...]] = {
    "schedule": ("engineer", "engineer_phone", "outlet"),
    "move_visit": ("engineer", "engineer_phone"),
    "start_travel": ("engineer", "engineer_phone"),
    "approve": ("comment",),
    "decline": ("comment",),
}


class MoveForm(DeskForm):
    """One move of the table with exactly the inputs it asks for.

    Args:
        move: the move.
        order: the repair, for what is known already.
        slots: times on offer; the customer's own wishes come first.
    """

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, move: states.Move, order: RepairOrder, slots: list[Slot] | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"id_{move.key}_%s")
        super().__init__(*args, **kwargs)
        self.move = move
        self.fields["version"].initial = order.version
        for name in move.requires:
            if name != "lines":
                self.fields[name] = _field(name, wished_first(order, free_slots(staff=True) if slots is None else slots))
        for name in OPTIONAL.get(move.key, ()):
            self.fields[name] = self._optional(name, order)

    def _optional(self, name: str, order: RepairOrder) -> forms.Field:
        if name == "engineer":
            return Line(label=_("Engineer"), required=False, max_length=60, initial=order.engineer)
        if name == "engineer_phone":
            return Line(label=_("Engineer’s phone"), required=False, max_length=40, initial=order.engineer_phone)
        if name == "outlet":
            return OutletField(initial=order.outlet.key if order.outlet else None)
        return Line(
            label=_("How did the customer tell you?"), max_length=200, error_messages={"required": _("Say how the customer told you.")}
        )

    @property
    def facts(self) -> dict[str, Any]:
        """What was entered, without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version" and value not in (None, "")}


def wished_first(order: RepairOrder, slots: list[Slot]) -> list[Slot]:
    """Return the offered times, those the customer wished for first."""
    wished = [slot for key in order.wishes for slot in slots if slot.key == key]
    return wished + [slot for slot in slots if slot not in wished]


class QuoteForm(DeskForm):
    """A quote: an explanation and lines of text and amount in yuan; empty lines are left out."""

    explanation = Text(label=_("What is to be done (the customer reads this)"), rows=2, required=False, max_length=2000)
    days = forms.IntegerField(label=_("Valid for days"), min_value=1, max_value=60)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, order: RepairOrder, old: Quote | None = None, days: int = 7, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = order.version
        self.fields["days"].initial = days
        self.fields["explanation"].initial = old.explanation if old else ""
        self.old = old

    @property
    def rows(self) -> list[dict[str, str]]:
        """The lines as typed, else those of the last quote, with empty ones below."""
        if self.is_bound:
            rows = [{"text": text, "amount": amount} for text, amount in self._typed()]
        else:
            rows = [
                {"text": line.text, "amount": money.shown(line.amount_fen).replace("¥", "").replace("−", "-").replace(",", "")}
                for line in (self.old.lines.all() if self.old else ())
            ]
        return rows + [{"text": "", "amount": ""}] * max(1, EMPTY_LINES - len(rows))

    def _typed(self) -> list[tuple[str, str]]:
        texts, amounts = self.data.getlist("line_text")[:MOST_LINES], self.data.getlist("line_amount")[:MOST_LINES]
        return [(text.strip(), amount.strip()) for text, amount in zip(texts, amounts, strict=False) if text.strip() or amount.strip()]

    def lines(self) -> list[tuple[str, Any]]:
        """Return the lines with their amounts in fen; an amount that is none stays None and is refused by the action."""
        return [(text, money.typed(amount)) for text, amount in self._typed()]


class MessageForm(DeskForm):
    """Words to the customer."""

    body = Text(label=_("Message to the customer"), rows=3, error_messages={"required": _("Write something first.")})
    client_key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class NoteForm(DeskForm):
    """A note among colleagues; another field name than the message's, so that neither can be sent as the other."""

    note = Text(label=_("Internal note"), rows=2, error_messages={"required": _("Write something first.")})


class OutletForm(DeskForm):
    """Which outlet takes it."""

    outlet = OutletField()


class BookForm(DeskForm):
    """A repair booked on a customer's behalf."""

    ticket = forms.CharField(max_length=24, required=False, widget=forms.HiddenInput)
    contact = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    name = Line(label=_("Name"), required=False, max_length=80)
    phone = Line(label=_("Phone"), required=False, max_length=40)
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[("zh-hans", "简体中文"), ("en", "English")])
    family = forms.ModelChoiceField(
        ProductFamily.objects.filter(is_active=True), label=_("Product family"), required=False, to_field_name="slug"
    )
    model = Line(label=_("Model number"), required=False, max_length=40)
    serial = Line(label=_("Serial number"), required=False, max_length=40)
    fault = Text(
        label=_("What is wrong, in the customer’s words"), rows=4, error_messages={"required": _("Say in a few words what is wrong.")}
    )
    province = Line(label=_("Province"), required=False, max_length=40)
    city = Line(label=_("City"), required=False, max_length=40)
    district = Line(label=_("District"), required=False, max_length=40)
    detail = Line(
        label=_("Street, building, room"),
        max_length=120,
        error_messages={"required": _("Say where the engineer should come: street, building and room.")},
    )
    wishes = forms.MultipleChoiceField(label=_("Times that suit the customer"), required=False, widget=forms.CheckboxSelectMultiple)
    outlet = OutletField()
    submit_key = forms.CharField(max_length=40, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, slots: list[Slot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wishes"].choices = [(slot.key, slot.words) for slot in slots]

    def known_model(self) -> ProductModel | None:
        """Return the model whose number was typed, or None."""
        number = normal_model(self.cleaned_data.get("model", ""))
        return ProductModel.objects.select_related("family").filter(number_normal=number).first() if number else None

    @property
    def address(self) -> dict[str, str]:
        """The address in its parts."""
        return {name: self.cleaned_data.get(name, "") for name in ("province", "city", "district", "detail")}


def outlet_choices() -> list[ServiceOutlet]:
    """Return the outlets for a filter."""
    return list(active_outlets())
