"""The form of the diagnosis editor: gives the nodes their keys, and says at each block what keeps it from being published."""

import re
from typing import Any

from django.forms.utils import ErrorList
from django.utils.html import strip_tags
from django.utils.translation import ngettext
from wagtail.blocks import StreamBlockValidationError, StructBlockValidationError

from diagnosis.checks import Finding, findings
from diagnosis.outline import give_keys, tree_of
from kb.models.page_form import GuidePageForm


def _words(html: Any) -> str:
    return strip_tags(str(html or "")).strip()


class DiagnosisPageForm(GuidePageForm):
    """A draft may be unfinished; what is submitted or published has to be sound."""

    is_draft = False

    def defer_required_fields(self) -> None:
        """Remember that only a draft is saved (Wagtail calls this for nothing else)."""
        super().defer_required_fields()
        self.is_draft = True

    def clean_slug(self) -> str:
        """Return the address without the dashes that are left where Chinese was taken out of it (`-e2-`)."""
        return re.sub(r"-{2,}", "-", self.cleaned_data.get("slug") or "").strip("-")

    @property
    def changed_data(self) -> list[str]:
        """Return the fields that were changed; an empty rich text, which the editor sends as an empty paragraph, is not.

        Else whoever approves a diagnosis without words before it would save a version of their own, and could not approve that.
        """
        return [name for name in super().changed_data if name != "safety" or _words(self["safety"].data) or _words(self["safety"].initial)]

    def clean_safety(self) -> str:
        """Return the words before the first question; an empty paragraph is none."""
        text = self.cleaned_data.get("safety") or ""
        return text if _words(text) else ""

    def clean(self) -> dict[str, Any]:
        """Give keys, and refuse a broken tree unless it is only a draft."""
        data = super().clean()
        outline = data.get("outline")
        if outline is not None:
            give_keys(outline)
            if not self.is_draft:
                self._refuse(findings(self.instance, tree_of(outline)), [block.value.get("key") for block in outline])
        return data

    def _refuse(self, found: list[Finding], keys: list[str]) -> None:
        if not found:
            return
        words = ngettext(
            "%(count)s thing keeps this diagnosis from its readers; it is named at its place.",
            "%(count)s things keep this diagnosis from its readers; each is named at its place.",
            len(found),
        )
        at_blocks: dict[int, Any] = {}
        for place, key in enumerate(keys):
            here = [item.words for item in found if item.node_key == key]
            if here:
                at_blocks[place] = StructBlockValidationError(non_block_errors=ErrorList(here))
        general = ErrorList([words % {"count": len(found)}, *(item.words for item in found if item.node_key not in keys)])
        self.add_error("outline", StreamBlockValidationError(block_errors=at_blocks, non_block_errors=general))
