"""Announcements and shared safety notes in the CMS."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import BooleanColumn, Column, UpdatedAtColumn
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import CopyView, CreateView, EditView, SnippetViewSet, SnippetViewSetGroup

from kb import cms_views
from kb.announcement_state import remarks_on
from kb.models import Announcement, SafetyNote, StyleWord
from kb.models.announcement_safety import awaits_review
from kb.permissions import can_publish_announcements, can_write_announcements


class DeskPublishes:
    """An announcement is published by the desk's own action, with its checks; what is posted to be published at once stays a draft."""

    def get_available_actions(self) -> list[str]:
        """Return what can be done, Wagtail's own publishing left out."""
        return [name for name in super().get_available_actions() if name != "publish"]  # type: ignore[misc]


class AnnouncementCopyView(DeskPublishes, CopyView):
    """A copy begins as a draft."""

    def save_instance(self) -> Any:
        """Save with the person who copied as the author."""
        self.form.instance.author = self.request.user
        return super().save_instance()


class AnnouncementCreateView(DeskPublishes, CreateView):
    """Remembers who wrote the announcement."""

    def save_instance(self) -> Any:
        """Save with the author."""
        self.form.instance.author = self.request.user
        return super().save_instance()


class AnnouncementEditView(DeskPublishes, EditView):
    """Offers what the state of the announcement allows, and says where it stands."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say why it came back and what the safety review says, above the editor."""
        for remark in remarks_on(self.object):
            getattr(messages, remark.tone)(request, remark.text)
        return super().get(request, *args, **kwargs)

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Put the actions before Wagtail's own."""
        own = announcement_buttons(self.object, self.request.user)
        return [*own, *super().header_more_buttons]


class AnnouncementViewSet(SnippetViewSet):
    """Announcements with their states and the actions of the publishing desk."""

    model = Announcement
    icon = "mail"
    menu_label = _("Announcements")
    add_view_class = AnnouncementCreateView
    copy_view_class = AnnouncementCopyView
    edit_view_class = AnnouncementEditView
    list_display = [
        "__str__",
        Column("state", label=_("State"), accessor=lambda row: row.state.label),
        Column("audience", label=_("Audience"), accessor=lambda row: row.get_audience_display()),
        Column("starts_at", label=_("shown from"), sort_key="starts_at"),
        UpdatedAtColumn(label=_("Updated")),
    ]
    list_filter = ["severity", "audience", "language", "live"]
    search_fields = ["title_zh_hans", "title_en", "body_zh_hans", "body_en", "reference", "department", "department_en", "person"]
    ordering = ["-created_at"]
    inspect_view_enabled = True
    list_per_page = 30

    def get_urlpatterns(self) -> list[Any]:
        """Add the actions to Wagtail's own addresses."""
        return [
            *super().get_urlpatterns(),
            path("publish-now/<int:pk>/", cms_views.publish_announcement, name="publish_now"),
            path("schedule/<int:pk>/", cms_views.schedule_announcement, name="schedule"),
            path("withdraw/<int:pk>/", cms_views.withdraw_announcement, name="withdraw"),
            path("submit/<int:pk>/", cms_views.submit_announcement, name="submit"),
            path("return/<int:pk>/", cms_views.return_announcement, name="return"),
            path("archive/<int:pk>/", cms_views.archive_announcement, name="archive"),
        ]


class ReviewedActions:
    """A snippet goes live only through its reviews: what is posted to be published at once stays a draft."""

    def get_available_actions(self) -> list[str]:
        """Return what can be done, publishing left out while a workflow is in force."""
        actions = super().get_available_actions()  # type: ignore[misc]
        in_force = self.model.get_default_workflow() is not None  # type: ignore[attr-defined]
        return [name for name in actions if name != "publish"] if in_force else actions


class SafetyNoteCreateView(ReviewedActions, CreateView):
    """A new note begins as a draft."""


class SafetyNoteCopyView(ReviewedActions, CopyView):
    """A copy begins as a draft, too."""


class SafetyNoteEditView(ReviewedActions, EditView):
    """Leads to where the note is shown."""

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Put our own list of guides before Wagtail's buttons."""
        own = Button(_("Where it is shown"), reverse("kb_note_usage", args=[self.object.pk]), icon_name="doc-full", priority=15)
        return [own, *super().header_more_buttons]


def _shown_link(row: SafetyNote) -> str:
    return format_html('<a href="{}">{}</a>', reverse("kb_note_usage", args=[row.pk]), _("Where it is shown"))


class SafetyNoteViewSet(SnippetViewSet):
    """Safety texts that many guides show."""

    model = SafetyNote
    icon = "warning"
    menu_label = _("Safety notes")
    add_view_class = SafetyNoteCreateView
    copy_view_class = SafetyNoteCopyView
    edit_view_class = SafetyNoteEditView
    list_display = [
        "title",
        Column("level", label=_("level"), accessor=lambda row: row.get_level_display()),
        Column("source_change", label=_("Source has changed"), accessor=lambda row: row.get_source_change_display()),
        Column("shown", label=_("Guides"), accessor=_shown_link),
        UpdatedAtColumn(label=_("Updated")),
    ]
    list_filter = ["level", "source_change"]
    search_fields = ["title", "text"]


class StyleWordViewSet(SnippetViewSet):
    """Words that guides avoid; the checks of the preview name them."""

    model = StyleWord
    icon = "openquote"
    menu_label = _("Words to avoid")
    list_display = [
        "avoid",
        "instead",
        Column("language", label=_("Language"), accessor=lambda row: row.get_language_display()),
        Column("kind", label=_("why"), accessor=lambda row: row.get_kind_display()),
        BooleanColumn("is_active", label=_("in use")),
    ]
    list_filter = ["language", "kind", "is_active"]
    search_fields = ["avoid", "instead"]
    list_per_page = 50
    panels = [
        FieldRowPanel([FieldPanel("avoid"), FieldPanel("instead")]),
        FieldRowPanel([FieldPanel("language"), FieldPanel("kind")]),
        FieldPanel("is_active"),
    ]


class KnowledgeGroup(SnippetViewSetGroup):
    """The menu of what is published beside the guides."""

    items = (AnnouncementViewSet, SafetyNoteViewSet, StyleWordViewSet)
    menu_label = _("Announcements and safety")
    menu_icon = "mail"
    menu_order = 210


CHANGEABLE = {Announcement.State.CURRENT, Announcement.State.SCHEDULED}
PUBLISH_CHANGES = ("publish_now", _("Publish the change"), "upload")
WAITING = (("publish_now", _("Publish now"), "upload"), ("schedule", _("Schedule"), "calendar-alt"))
# What writers may do, in each state; publishers may do both.
WRITERS = {
    Announcement.State.DRAFT: (("submit", _("Hand to the publishing desk"), "mail"),),
    Announcement.State.RETURNED: (("submit", _("Hand to the publishing desk"), "mail"),),
}
ACTIONS = {
    Announcement.State.SUBMITTED: (*WAITING, ("return", _("Return"), "undo")),
    Announcement.State.RETURNED: WAITING,
    Announcement.State.DRAFT: (("publish_now", _("Publish now"), "upload"), ("schedule", _("Schedule"), "calendar-alt")),
    Announcement.State.SCHEDULED: (
        ("publish_now", _("Publish now"), "upload"),
        ("schedule", _("Reschedule"), "calendar-alt"),
        ("withdraw", _("Withdraw"), "no-view"),
    ),
    Announcement.State.CURRENT: (("withdraw", _("Withdraw"), "no-view"), ("archive", _("Archive"), "folder-inverse")),
}


def announcement_buttons(announcement: Announcement, user: Any) -> list[Button]:
    """Return the actions that the state of an announcement allows this person."""
    state = announcement.state
    allowed = ACTIONS.get(state, ()) if can_publish_announcements(user) else ()
    if can_write_announcements(user):
        allowed = (*allowed, *WRITERS.get(state, ()))
    if state in CHANGEABLE and announcement.has_unpublished_changes:
        row = Announcement.objects.get(pk=announcement.pk)
        waits = awaits_review(row, row.get_latest_revision_as_object()) and not row.workflow_in_progress
        if can_publish_announcements(user) and state == Announcement.State.CURRENT:
            allowed = (PUBLISH_CHANGES, *allowed)
        if can_write_announcements(user) and waits:
            allowed = (*allowed, ("submit", _("Hand in the change"), "mail"))
    namespace = Announcement.snippet_viewset.get_admin_url_namespace()
    return [
        Button(label, reverse(f"{namespace}:{name}", args=[announcement.pk]), icon_name=icon, priority=15 + place)
        for place, (name, label, icon) in enumerate(allowed)
    ]
