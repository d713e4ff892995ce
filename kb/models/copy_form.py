"""The form that copies a page which goes live through its reviews."""

from typing import Any

from wagtail.admin.forms.pages import CopyForm


class ReviewedCopyForm(CopyForm):
    """Offers no copy that would be public at once: a copy begins as a draft, while a workflow is in force."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.page.specific.get_workflow() is not None:
            for name in ("publish_copies", "alias"):
                self.fields.pop(name, None)
