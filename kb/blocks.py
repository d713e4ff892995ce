"""The building blocks of a guide: paragraph, warning, safety note, steps, tools and parts, video, questions, table, when to stop."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTable, TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock
from wagtail_localize.segments import StringSegmentValue

from kb.condition_blocks import ConditionalBlock, PlainCharBlock

__all__ = ["TEXT_FEATURES", "ConditionalBlock", "GuideBody", "PlainCharBlock"]

TEXT_FEATURES = ["bold", "ol", "ul", "link", "document-link"]

LEVELS = [("danger", _("danger")), ("warning", _("warning")), ("caution", _("caution"))]


class WarningBlock(ConditionalBlock):
    """A safety warning: icon, word and text; never colour alone."""

    level = blocks.ChoiceBlock(label=_("level"), choices=LEVELS, default="warning")
    title = blocks.CharBlock(label=_("in a few words"), required=False, default="", max_length=80)
    text = blocks.RichTextBlock(label=_("text"), features=TEXT_FEATURES)

    class Meta:
        icon = "warning"
        label = _("warning")
        template = "kb/blocks/warning.html"


class SafetyBlock(ConditionalBlock):
    """A safety note that many guides share, written in one place."""

    note = SnippetChooserBlock("kb.SafetyNote", label=_("safety note"))

    def get_searchable_content(self, value: Any) -> list[str]:
        """Give search the words of the note: readers see them in the guide, once it is published."""
        note = value["note"]
        return [note.title, note.text] if note and note.live else []

    class Meta:
        icon = "warning"
        label = _("safety note (shared)")
        template = "kb/blocks/safety.html"


class StepBlock(ConditionalBlock):
    """One thing to do, with a picture of the part."""

    title = blocks.CharBlock(label=_("what to do"), max_length=120)
    text = blocks.RichTextBlock(label=_("how"), features=TEXT_FEATURES, required=False)
    image = ImageChooserBlock(label=_("picture"), required=False)
    image_alt = blocks.CharBlock(label=_("text alternative"), required=False, default="", max_length=255)
    caption = blocks.CharBlock(label=_("caption"), required=False, default="", max_length=120)
    tip = blocks.CharBlock(label=_("tip"), required=False, default="", max_length=255)
    warning = blocks.CharBlock(label=_("be careful"), required=False, default="", max_length=255)

    class Meta:
        icon = "list-ol"
        label = _("step")


class StepsBlock(ConditionalBlock):
    """A numbered run of steps under a heading."""

    title = blocks.CharBlock(label=_("heading"), required=False, default="", max_length=120)
    steps = blocks.ListBlock(StepBlock(), label=_("steps"), min_num=1)

    class Meta:
        icon = "list-ol"
        label = _("steps")
        template = "kb/blocks/steps.html"


class PartBlock(blocks.StructBlock):
    """A tool or part that the job needs."""

    name = blocks.CharBlock(label=_("name"), max_length=80)
    number = PlainCharBlock(label=_("part number"), required=False, default="", max_length=40)
    quantity = blocks.CharBlock(label=_("quantity"), required=False, default="", max_length=20)

    class Meta:
        icon = "cog"
        label = _("tool or part")


class ToolsBlock(ConditionalBlock):
    """What to have at hand before starting."""

    tools = blocks.ListBlock(PartBlock(), label=_("tools"), required=False, default=[])
    parts = blocks.ListBlock(PartBlock(), label=_("parts"), required=False, default=[])
    note = blocks.CharBlock(label=_("note on the parts"), required=False, default="", max_length=200)

    class Meta:
        icon = "cog"
        label = _("tools and parts")
        template = "kb/blocks/tools.html"


class VideoBlock(ConditionalBlock):
    """A video from our own store, with captions and its words written out."""

    title = blocks.CharBlock(label=_("title"), max_length=120)
    video = DocumentChooserBlock(label=_("video file (MP4 or WebM)"))
    captions = DocumentChooserBlock(label=_("captions (VTT)"), required=False)
    poster = ImageChooserBlock(label=_("first picture"), required=False)
    transcript = blocks.RichTextBlock(label=_("the words of the video"), features=TEXT_FEATURES)

    class Meta:
        icon = "media"
        label = _("video")
        template = "kb/blocks/video.html"


class QuestionBlock(ConditionalBlock):
    """One question and its answer."""

    question = blocks.CharBlock(label=_("question"), max_length=200)
    answer = blocks.RichTextBlock(label=_("answer"), features=TEXT_FEATURES)

    class Meta:
        icon = "help"
        label = _("question")


class FaqBlock(ConditionalBlock):
    """Several questions with their answers."""

    title = blocks.CharBlock(label=_("heading"), required=False, default="", max_length=120)
    questions = blocks.ListBlock(QuestionBlock(), label=_("questions"), min_num=1)

    class Meta:
        icon = "help"
        label = _("questions and answers")
        template = "kb/blocks/faq.html"


class ParagraphBlock(ConditionalBlock):
    """Text under an optional heading."""

    title = blocks.CharBlock(label=_("heading"), required=False, default="", max_length=120)
    text = blocks.RichTextBlock(label=_("text"), features=TEXT_FEATURES)

    class Meta:
        icon = "pilcrow"
        label = _("text")
        template = "kb/blocks/paragraph.html"


class StopBlock(ConditionalBlock):
    """When to stop and call us."""

    text = blocks.RichTextBlock(label=_("stop and call us when"), features=TEXT_FEATURES)

    class Meta:
        icon = "warning"
        label = _("when to stop")
        template = "kb/blocks/stop.html"


class TranslatableTableBlock(TypedTableBlock):
    """A table whose headings and cells translators see one by one (wagtail-localize leaves tables out)."""

    def get_translatable_segments(self, value: TypedTable) -> list[StringSegmentValue]:
        """Return headings (`h0` …) and cells (`r0c0` …) that hold words."""
        heads = [(f"h{place}", column["heading"]) for place, column in enumerate(value.columns)]
        cells = [(f"r{line}c{place}", cell) for line, row in enumerate(value.row_data) for place, cell in enumerate(row["values"])]
        return [StringSegmentValue(path, str(words)) for path, words in [*heads, *cells] if words]

    def restore_translated_segments(self, value: TypedTable, segments: list[StringSegmentValue]) -> TypedTable:
        """Return the table with the translated words in place; what has no translation stays."""
        words = {segment.path: segment.render_text() for segment in segments}
        columns = [{**column, "heading": words.get(f"h{place}", column["heading"])} for place, column in enumerate(value.columns)]
        rows = [
            {**row, "values": [words.get(f"r{line}c{place}", cell) for place, cell in enumerate(row["values"])]}
            for line, row in enumerate(value.row_data)
        ]
        return TypedTable(columns, rows, value.caption)


class TableBlock(ConditionalBlock):
    """A table with a caption."""

    caption = blocks.CharBlock(label=_("caption"), max_length=160)
    table = TranslatableTableBlock([("text", blocks.CharBlock(required=False, default="", label=_("text")))], label=_("table"))

    class Meta:
        icon = "table"
        label = _("table")
        template = "kb/blocks/table.html"


class PictureBlock(ConditionalBlock):
    """A picture with a caption."""

    image = ImageChooserBlock(label=_("picture"))
    alt = blocks.CharBlock(label=_("text alternative"), required=False, default="", max_length=255)
    caption = blocks.CharBlock(label=_("caption"), required=False, default="", max_length=255)

    class Meta:
        icon = "image"
        label = _("picture")
        template = "kb/blocks/picture.html"


class GuideBody(blocks.StreamBlock):
    """All blocks of a guide."""

    paragraph = ParagraphBlock()
    warning = WarningBlock()
    safety = SafetyBlock()
    tools = ToolsBlock()
    steps = StepsBlock()
    picture = PictureBlock()
    video = VideoBlock()
    faq = FaqBlock()
    table = TableBlock()
    stop = StopBlock()
