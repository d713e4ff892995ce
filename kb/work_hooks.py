"""Puts the work lists, the tasks and what came of a request or chat into the CMS."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.models import Page

from kb import work_views
from kb.links import texts_in
from kb.models import GuidePage
from kb.permissions import can_see_work_lists
from kb.redaction import Finding, find_personal
from kb.sources import sources_of


@hooks.register("register_admin_urls")
def work_addresses() -> list[Any]:
    """The screens of the work lists."""
    return [
        path("knowledge/work/", work_views.overview, name="kb_work"),
        path("knowledge/work/<slug:key>/", work_views.work_list, name="kb_work_list"),
        path("knowledge/work/<slug:key>/start/", work_views.start_page, name="kb_work_start"),
        path("knowledge/work/<slug:key>/assign/", work_views.assign, name="kb_work_assign"),
        path("knowledge/work/<slug:key>/dismiss/", work_views.dismiss, name="kb_work_dismiss"),
        path("knowledge/sources/<int:pk>/changes/", work_views.source_changes, name="kb_source_changes"),
        path("knowledge/tasks/", work_views.tasks, name="kb_tasks"),
        path("knowledge/tasks/<int:pk>/close/", work_views.close_task, name="kb_task_close"),
        path("knowledge/tasks/<int:pk>/start/", work_views.start_from_task, name="kb_task_start"),
    ]


class EditorsItem(MenuItem):
    """An entry of the menu for people who write or review guides."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Tell whether the person works on guides."""
        return can_see_work_lists(request.user)


@hooks.register("register_admin_menu_item")
def work_item() -> MenuItem:
    """The work lists in the main menu."""
    return EditorsItem(gettext_lazy("Work lists"), reverse("kb_work"), name="work-lists", icon_name="tasks", order=95)


# --- where a guide came from, and personal data in it -----------------------------------------------------------------


def personal_in(page: GuidePage) -> list[Finding]:
    """Return what looks like personal data in the latest version of a guide."""
    draft = page.get_latest_revision_as_object()
    texts = [draft.title, draft.summary, draft.keywords, *texts_in(list(draft.body.raw_data))]
    return [finding for text in texts for finding in find_personal(strip_tags(text.replace("</p>", "\n")))]


def _told(findings: list[Finding]) -> str:
    return "; ".join(dict.fromkeys(f"{finding.word}: {finding.text}" for finding in findings[:6]))


@hooks.register("before_edit_page", order=-5)
def tell_source_and_personal_data(request: HttpRequest, page: Page) -> None:
    """Say above the editor which case a guide came from, and what in it looks like personal data."""
    if request.method == "POST" or not issubclass(page.specific_class or Page, GuidePage):
        return
    guide = page.specific
    found = sources_of(guide, request.user)
    if found:
        links = format_html_join(
            ", ",
            "{}",
            [
                (format_html('<a href="{}">{} {}</a>', url, row.get_kind_display(), row.reference) if url else str(row),)
                for row, url in found
            ],
        )
        messages.info(request, format_html("{} {}", _("Written from:"), links))
    if findings := personal_in(guide):
        messages.warning(request, _("This looks like personal data: %(found)s") % {"found": _told(findings)})


@hooks.register("before_publish_page", order=-5)
def personal_data_is_looked_at(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Hold a guide back once when it seems to carry personal data; publishing the same text again goes through."""
    if not isinstance(page, GuidePage) or not (findings := personal_in(page)):
        return None
    mark = f"{page.pk}:{_told(findings)}"
    if request.session.get("kb_personal") == mark:
        return None
    request.session["kb_personal"] = mark
    messages.warning(
        request,
        _("Saved, not published: this looks like personal data: %(found)s. Take it out, or publish again if it is right.")
        % {"found": _told(findings)},
    )
    return redirect("wagtailadmin_pages:edit", page.pk)
