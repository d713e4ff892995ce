"""What an editor sees of a guide while writing: the page as each model's owner reads it, in the other language, with what to look at."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel

from core.i18n import normal_language
from kb.checks import findings
from kb.conditions import Reader
from kb.fit import Reading, models_asked
from kb.models.settings import KnowledgeSettings
from kb.models.style import StyleWord
from kb.readability import Measures, WordRule

CHECKS, OTHER_LANGUAGE, AS_MODEL = "checks", "other-language", "model:"
MOST_MODELS = 12


class GuidePreviews:
    """The previews of a guide beside Wagtail's own sizes for phone, tablet and desktop."""

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """Return (key, name): the page, with what to look at, as the owners of its models see it, the other language's version."""
        modes: list[tuple[str, Any]] = [("", _("Page")), (CHECKS, _("With what to look at"))]
        for family, models in models_asked(self):
            modes += [(f"{AS_MODEL}{family}:{slug}", _("As the owner of %(model)s") % {"model": number}) for slug, number in models]
        modes = modes[: MOST_MODELS + 2]
        if self.other_version() is not None:
            modes.append((OTHER_LANGUAGE, _("In the other language")))
        return modes

    def other_version(self) -> Any:
        """Return the guide in the other language, or None."""
        if self.pk is None:  # type: ignore[attr-defined]
            return None
        return type(self).objects.filter(translation_key=self.translation_key).exclude(pk=self.pk).first()  # type: ignore[attr-defined]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Answer with the draft as a reader of `mode_name` sees it."""
        if mode_name == OTHER_LANGUAGE and (other := self.other_version()) is not None:
            return other.get_latest_revision_as_object().make_preview_request(original_request=request, preview_mode="")
        if mode_name.startswith(AS_MODEL):
            family, _colon, slug = mode_name.removeprefix(AS_MODEL).partition(":")
            request.guide_reading = Reading(reader=Reader(family=family, model=slug), given=True, picked=slug)  # type: ignore[attr-defined]
        request.guide_findings = found_in(self) if mode_name == CHECKS else None  # type: ignore[attr-defined]
        return super().serve_preview(request, mode_name)  # type: ignore[misc]


def measures_for(language: str) -> Measures:
    """Return the installation's measures of readability in a language, with its words to avoid."""
    kept, spoken = KnowledgeSettings.load(), normal_language(language)
    rules = StyleWord.objects.filter(language=spoken, is_active=True)
    chinese = spoken == "zh-hans"
    return Measures(
        sentence=kept.sentence_zh if chinese else kept.sentence_en,
        paragraph=kept.paragraph_zh if chinese else kept.paragraph_en,
        words=tuple(WordRule(row.avoid, row.instead, row.kind) for row in rules),
    )


def found_in(page: Any) -> list[Any]:
    """Return what there is to look at in a draft, by the installation's measures."""
    return findings(page, measures=measures_for(page.locale.language_code))


class ChecksPanel(Panel):
    """A list, in the editor, of what to look at in the saved draft."""

    class BoundPanel(Panel.BoundPanel):
        """The list for one draft."""

        template_name = "kb/cms/checks_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Return the findings; None for a page that is not saved yet."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            context["findings"] = found_in(self.instance) if self.instance.pk else None
            return context
