"""The form of the guide editor: an address without Chinese letters, and a significance that is chosen anew for each change."""

from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.blocks import StreamBlockValidationError

from kb.checks import pictures_without_words, unpublished_notes


class GuidePageForm(WagtailAdminPageForm):
    """Lets the address be empty (it is then made from the title) and starts each new round of changes as a minor one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
        page = self.instance
        if "significance" in self.fields and page.pk and page.live and not page.has_unpublished_changes:
            self.initial["significance"] = type(page).Significance.MINOR
            if "change_note" in self.fields:
                self.initial["change_note"] = ""

    def clean(self) -> dict[str, Any]:
        """Give an empty address the title's, so that Wagtail's own checks see the final one."""
        data = super().clean()
        if {"action-submit", "action-publish"} & set(self.data):
            self._check_before_review(data)
        if "slug" in self.fields and not data.get("slug") and "slug" not in self.errors:
            page = self.instance
            page.title = data.get("title", "")
            data["slug"] = page.slug_of_title(parent=self.parent_page)
        return data

    def _check_before_review(self, data: dict[str, Any]) -> None:
        """Refuse what no reviewer should have to find: a major change without words for readers, a picture without words for the blind."""
        page = self.instance
        major = data.get("significance") == "major" and page.pk and page.first_published_at
        if "change_note" in self.fields and major and not data.get("change_note"):
            self.add_error("change_note", _("Say in one sentence what has changed: readers are told."))
        body = data.get("body")
        if "change_note" in self.fields and body is not None:
            missing = pictures_without_words(body, language=page.locale.language_code if page.locale_id else "")
            errors = []
            if missing:
                errors.append(_("Without a text alternative: %(places)s. Say what the picture shows.") % {"places": "；".join(missing)})
            for note in unpublished_notes(body):
                errors.append(_("The safety note “%(note)s” is not published: have it approved first.") % {"note": note.title})
            if errors:
                self.add_error("body", StreamBlockValidationError(non_block_errors=errors))
