"""The part of a block that says whom it is for: families, models, markets, serial numbers, software versions."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from core.i18n import bilingual
from kb.conditions import BadRange, Condition, parse_ranges, readable_version
from products.models import Market, ProductFamily, ProductModel


class PlainCharBlock(blocks.CharBlock):
    """A short text that is the same in every language, such as a part number; translators never see it."""

    def get_translatable_segments(self, value: str) -> list[Any]:
        """Give wagtail-localize nothing to translate."""
        return []


def family_choices() -> list[tuple[str, str]]:
    """Return the families as choices, those no longer shown as well."""
    return [(row.slug, row.name) for row in ProductFamily.objects.all()]


def model_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the models as choices, in groups by family."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in ProductModel.objects.select_related("family"):
        groups.setdefault(bilingual(row.family, "name"), []).append((row.slug, row.number))
    return list(groups.items())


def market_choices() -> list[tuple[str, str]]:
    """Return the markets as choices."""
    return [(row.code, row.name) for row in Market.objects.all()]


class KeysBlock(blocks.FieldBlock):
    """Several of a catalogue's rows, kept by their keys (slugs, codes), so that both languages and every copy of the page name the same."""

    def __init__(self, choices: Any, required: bool = False, **kwargs: Any) -> None:
        self.field = forms.MultipleChoiceField(choices=choices, required=required, widget=forms.CheckboxSelectMultiple)
        kwargs.setdefault("default", [])
        super().__init__(**kwargs)

    def value_from_form(self, value: Any) -> list[str]:
        """Return the chosen keys."""
        return list(value or [])

    def to_python(self, value: Any) -> list[str]:
        """Return the stored keys; nothing is looked up."""
        return [str(key) for key in value or []]

    def get_prep_value(self, value: Any) -> list[str]:
        """Return the keys as they are stored."""
        return list(value or [])


class SerialsBlock(blocks.FieldBlock):
    """Ranges of serial numbers, one a line."""

    def __init__(self, required: bool = False, help_text: Any = "", **kwargs: Any) -> None:
        self.field = forms.CharField(required=required, help_text=help_text, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
        kwargs.setdefault("default", "")
        super().__init__(**kwargs)

    def clean(self, value: str) -> str:
        """Refuse a line that is no range."""
        text: str = super().clean(value)
        check_serials(text)
        return text


def check_serials(text: str) -> None:
    """Refuse serial numbers that cannot be read: ValidationError naming the line."""
    try:
        parse_ranges(text)
    except BadRange as bad:
        raise ValidationError(
            _("“%(line)s” is not a range of serial numbers. Write one a line: HY2401 – HY2406.") % {"line": bad.line}
        ) from bad


def check_version(text: str) -> None:
    """Refuse a software version without numbers: ValidationError."""
    if text and not readable_version(text):
        raise ValidationError(_("Write the version with its numbers, such as 4.2.1."))


class ConditionBlock(blocks.StructBlock):
    """Whom a block is for; all empty: for every reader of the page."""

    families = KeysBlock(family_choices, label=gettext_lazy("families"))
    models = KeysBlock(model_choices, label=gettext_lazy("models"))
    markets = KeysBlock(market_choices, label=gettext_lazy("markets"))
    serials = SerialsBlock(label=gettext_lazy("serial numbers"), help_text=gettext_lazy("One range a line: HY2401 – HY2406."))
    software_from = PlainCharBlock(
        label=gettext_lazy("software from"), required=False, default="", max_length=30, validators=[check_version]
    )
    software_to = PlainCharBlock(
        label=gettext_lazy("software up to"), required=False, default="", max_length=30, validators=[check_version]
    )

    class Meta:
        icon = "tag"
        label = gettext_lazy("only for")
        help_text = gettext_lazy(
            "Leave empty for every reader. Readers whose machine is not known see the text with a label and can pick theirs."
        )

    def get_searchable_content(self, value: Any) -> list[str]:
        """Give search nothing: the text is found with its page, whoever it is for."""
        return []


def condition_of(value: Any) -> Condition:
    """Return the condition of a block's `only_for`; the empty one where there is none. Serial numbers nobody can read ask nothing."""
    if not value:
        return Condition()
    try:
        serials = parse_ranges(value.get("serials") or "")
    except BadRange:
        serials = ()
    return Condition(
        families=frozenset(value.get("families") or ()),
        models=frozenset(value.get("models") or ()),
        markets=frozenset(value.get("markets") or ()),
        serials=serials,
        software_from=value.get("software_from") or "",
        software_to=value.get("software_to") or "",
    )


class ConditionalBlock(blocks.StructBlock):
    """A block that can be for some readers only; the choice stands among its settings."""

    only_for = ConditionBlock(required=False)

    def get_form_layout(self) -> blocks.BlockGroup:
        """Put the condition behind the block's settings button, the rest before it."""
        return blocks.BlockGroup(children=[name for name in self.child_blocks if name != "only_for"], settings=["only_for"])
