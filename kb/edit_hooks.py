"""Puts upkeep, checks and previews of guides into the CMS."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.userbar import AccessibilityItem, ContentCheckerItem
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from kb import upkeep
from kb.bulk_actions import GiveBulkAction, ReviewedBulkAction
from kb.models import GuidePage
from kb.telling import tell_open

hooks.register("register_bulk_action", ReviewedBulkAction)
hooks.register("register_bulk_action", GiveBulkAction)


def bulk_url(action: str, page: Page, next_url: str) -> str:
    """Return the address of an action of the list for one page."""
    query = urlencode({"id": page.pk, "next": next_url})
    return f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', action])}?{query}"


@hooks.register("register_page_header_buttons")
def upkeep_buttons(page: Page, user: Any, view_name: str = "", next_url: str | None = None) -> Iterator[Button]:
    """Offer the two actions above a guide as well."""
    guide = page.specific_deferred if issubclass(page.specific_class or Page, GuidePage) else None
    if guide is None or not upkeep.can_look_after(user, guide):
        return
    back = next_url or reverse("wagtailadmin_pages:edit", args=[page.pk])
    if page.live:
        yield Button(ReviewedBulkAction.display_name, bulk_url("guides-reviewed", page, back), icon_name="check", priority=70)
    yield Button(GiveBulkAction.display_name, bulk_url("guides-give", page, back), icon_name="user", priority=71)


class GuideChecker(ContentCheckerItem):
    """Wagtail's check of the preview, with the rules that the authors of guides can break beside its own, in words of both languages."""

    axe_run_only = [*ContentCheckerItem.axe_run_only, "image-alt", "video-caption", "page-has-heading-one", "link-in-text-block"]
    axe_messages = {
        **ContentCheckerItem.axe_messages,
        "image-alt": {"error_name": _("A picture has no text alternative"), "help_text": _("Say what the picture shows")},
        "video-caption": {"error_name": _("A video has no captions"), "help_text": _("Add a file of captions (VTT)")},
        "page-has-heading-one": {"error_name": _("The page has no title"), "help_text": _("Give it a title")},
        "link-in-text-block": {"error_name": _("A link looks like the text around it"), "help_text": _("Let links be seen without colour")},
    }


@hooks.register("construct_wagtail_userbar")
def strict_checks(request: HttpRequest, items: list[Any], page: Any) -> None:
    """Let the checks in the preview know what guides need."""
    items[:] = [GuideChecker() if isinstance(item, ContentCheckerItem | AccessibilityItem) else item for item in items]


@hooks.register("after_edit_page")
def open_when_handed_in(request: HttpRequest, page: Page) -> None:
    """Say what is still open when a guide is handed in: nothing of it is in the way, but the reviewers see it, too."""
    if "action-submit" in request.POST and isinstance(page, GuidePage):
        tell_open(request, page)
