"""The form of the guide editor: an address without Chinese letters, and a significance that is chosen anew for each change."""

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm


class GuidePageForm(WagtailAdminPageForm):
    """Lets the address be empty (it is then made from the title) and starts each new round of changes as a minor one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
        page = self.instance
        if "significance" in self.fields and page.pk and page.live and not page.has_unpublished_changes:
            self.initial["significance"] = type(page).Significance.MINOR

    def clean(self) -> dict[str, Any]:
        """Give an empty address the title's, so that Wagtail's own checks see the final one."""
        data = super().clean()
        if "slug" in self.fields and not data.get("slug") and "slug" not in self.errors:
            page = self.instance
            page.title = data.get("title", "")
            data["slug"] = page.slug_of_title(parent=self.parent_page)
        return data
