"""What can be done with many guides at once: say that they are still right, give them to somebody."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.views.pages.bulk_actions.page_bulk_action import PageBulkAction
from wagtail.admin.widgets import AdminDateInput
from wagtail.models import Page

from kb import upkeep
from kb.models import GuidePage


def guides_among(pages: Iterable[Page]) -> list[GuidePage]:
    """Return the guides among pages, in one query."""
    return list(GuidePage.objects.filter(pk__in=[page.pk for page in pages]).select_related("locale"))


class ReviewedForm(forms.Form):
    """When to look again; empty: by the interval."""

    due_on = forms.DateField(
        label=_("next review on"), required=False, widget=AdminDateInput, help_text=_("Empty: after the usual interval.")
    )

    def clean_due_on(self) -> Any:
        """Refuse a day that is not to come."""
        from django.utils import timezone

        day = self.cleaned_data["due_on"]
        if day and day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day that is still to come."))
        return day


class GuideBulkAction(PageBulkAction):
    """An action for guides that the person may edit."""

    def check_perm(self, page: Page) -> bool:
        """Tell whether the page is a guide of the person's."""
        guide = page.specific
        return isinstance(guide, GuidePage) and self.fits(guide) and upkeep.can_look_after(self.request.user, guide)

    def fits(self, guide: GuidePage) -> bool:
        """Tell whether the action is for this guide."""
        return True

    def get_execution_context(self) -> dict[str, Any]:
        """Give the action the person and what they chose."""
        return {"user": self.request.user, "data": self.cleaned_form.cleaned_data}


class ReviewedBulkAction(GuideBulkAction):
    """Reviewed, still right."""

    display_name = _("Reviewed, still right")
    action_type = "guides-reviewed"
    aria_label = _("Mark the chosen guides as reviewed")
    template_name = "kb/cms/bulk_reviewed.html"
    form_class = ReviewedForm
    action_priority = 5

    def fits(self, guide: GuidePage) -> bool:
        """Tell whether the guide is published: a draft goes through its reviews."""
        return guide.live

    @classmethod
    def execute_action(cls, objects: list[Page], user: Any = None, data: dict[str, Any] | None = None, **kwargs: Any) -> tuple[int, int]:
        """Mark them."""
        return upkeep.mark_reviewed(guides_among(objects), by=user, due_on=(data or {}).get("due_on")), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        """Say how many."""
        return ngettext(
            "%(number)s guide is marked as reviewed today.", "%(number)s guides are marked as reviewed today.", num_parent_objects
        ) % {"number": num_parent_objects}


class OwnerForm(forms.Form):
    """Who looks after the guides from now on."""

    owner = forms.ModelChoiceField(label=_("Looked after by"), queryset=upkeep.keepers().none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = upkeep.keepers()
        self.fields["owner"].label_from_instance = lambda user: user.name


class GiveBulkAction(GuideBulkAction):
    """Give guides to somebody."""

    display_name = _("Change the owner")
    action_type = "guides-give"
    aria_label = _("Choose who looks after the chosen guides")
    template_name = "kb/cms/bulk_give.html"
    form_class = OwnerForm
    action_priority = 6

    @classmethod
    def execute_action(cls, objects: list[Page], user: Any = None, data: dict[str, Any] | None = None, **kwargs: Any) -> tuple[int, int]:
        """Give them."""
        return upkeep.give_to(guides_among(objects), owner=(data or {}).get("owner"), by=user), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        """Say how many."""
        return ngettext("%(number)s guide has a new owner.", "%(number)s guides have a new owner.", num_parent_objects) % {
            "number": num_parent_objects
        }
