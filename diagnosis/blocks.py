"""The building blocks of a diagnosis: questions with their answers, and outcomes. Keys and targets are the same in every language."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from core.i18n import bilingual
from kb.blocks import TEXT_FEATURES, PlainCharBlock
from products.models import Part

KEY_LENGTH = 32
OUTCOME_CHOICES = [
    ("solved_guide", _("solved by yourself: a guide")),
    ("needs_part", _("needs a part")),
    ("needs_visit", _("needs an engineer's visit")),
    ("danger", _("danger: stop at once")),
    ("ask_person", _("ask a person")),
]


def part_choices() -> list[tuple[str, str]]:
    """Return the parts of the catalogue by number."""
    return [(part.number, f"{part.number} · {bilingual(part, 'name')}") for part in Part.objects.order_by("number")]


class KeyBlock(PlainCharBlock):
    """The stable name of a node or an answer; made once by the editor's script or on saving, never shown."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, default="", max_length=KEY_LENGTH, **kwargs)
        self.field.widget = forms.TextInput(attrs={"data-hearth-key": "", "tabindex": "-1", "autocomplete": "off"})

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Describe the block for migrations as what it is."""
        return "diagnosis.blocks.KeyBlock", [], {}


class TargetBlock(PlainCharBlock):
    """Where an answer leads: the key of a node, chosen by its words (the editor's script puts the list beside the field)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("leads to"))
        super().__init__(required=False, default="", max_length=KEY_LENGTH, **kwargs)
        self.field.widget = forms.TextInput(attrs={"data-hearth-target": "", "autocomplete": "off"})

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Describe the block for migrations as what it is."""
        return "diagnosis.blocks.TargetBlock", [], {}


class AnswerBlock(blocks.StructBlock):
    """One answer and where it leads."""

    key = KeyBlock(label=_("key"))
    text = blocks.CharBlock(label=_("answer"), required=False, default="", max_length=80)
    note = blocks.CharBlock(label=_("how to recognise it"), required=False, default="", max_length=160)
    to = TargetBlock()

    class Meta:
        icon = "arrow-right"
        label = _("answer")
        form_classname = "struct-block hearth-answer"


class QuestionBlock(blocks.StructBlock):
    """A question: one page for the customer."""

    key = KeyBlock(label=_("key"))
    title = blocks.CharBlock(label=_("question"), required=False, default="", max_length=120)
    text = blocks.RichTextBlock(label=_("how to look"), features=TEXT_FEATURES, required=False)
    safety = blocks.CharBlock(label=_("be careful"), required=False, default="", max_length=255)
    picture = ImageChooserBlock(label=_("picture"), required=False)
    picture_alt = blocks.CharBlock(label=_("text alternative"), required=False, default="", max_length=255)
    answers = blocks.ListBlock(AnswerBlock(), label=_("answers"), min_num=0)
    unsure_to = TargetBlock(label=_("“not sure” leads to"))
    why = blocks.CharBlock(label=_("why we ask"), required=False, default="", max_length=255)

    class Meta:
        icon = "help"
        label = _("question")
        form_classname = "struct-block hearth-node"


class OutcomeBlock(blocks.StructBlock):
    """Where a path ends and what to do there."""

    key = KeyBlock(label=_("key"))
    outcome = blocks.ChoiceBlock(label=_("kind of outcome"), choices=OUTCOME_CHOICES, default="solved_guide")
    title = blocks.CharBlock(label=_("in a few words"), required=False, default="", max_length=120)
    text = blocks.RichTextBlock(label=_("what to do"), features=TEXT_FEATURES, required=False)
    safety = blocks.CharBlock(label=_("be careful"), required=False, default="", max_length=255)
    guide = blocks.PageChooserBlock(label=_("guide that solves it"), page_type="kb.GuidePage", required=False)
    part = blocks.ChoiceBlock(label=_("part"), choices=part_choices, required=False)
    phone = PlainCharBlock(label=_("number to call"), required=False, default="", max_length=40)
    picture = ImageChooserBlock(label=_("picture"), required=False)
    picture_alt = blocks.CharBlock(label=_("text alternative"), required=False, default="", max_length=255)

    class Meta:
        icon = "circle-check"
        label = _("outcome")
        form_classname = "struct-block hearth-node"


class DiagnosisOutline(blocks.StreamBlock):
    """All nodes of a diagnosis; it begins at the first question."""

    question = QuestionBlock()
    outcome = OutcomeBlock()
