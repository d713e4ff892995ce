"""Announcements (公告): drafted, scheduled, shown to their audience, withdrawn or archived."""

import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.log_actions import get_active_log_context
from wagtail.models import DraftStateMixin, PreviewableMixin, Revision, RevisionMixin, WorkflowMixin

from core.errors import NotAllowed
from core.i18n import BilingualMixin, normal_language
from kb.models.announcement_safety import awaits_review, word_of_danger


def announcement_reference() -> str:
    """Return the public reference of an announcement."""
    return f"A{timezone.now():%y%m}{secrets.token_hex(3)}"


# What is not text: a revision does not bring it back.
KEPT = (
    "reference",
    "author_id",
    "submitted_at",
    "submitted_by_id",
    "returned_reason",
    "withdrawn_at",
    "archived_at",
    "created_at",
)


class Announcement(BilingualMixin, PreviewableMixin, WorkflowMixin, DraftStateMixin, RevisionMixin, ClusterableModel):
    """One announcement in both languages. `live` with dates decides whether it is current; withdrawn and archived ones stay for staff."""

    class Severity(models.TextChoices):
        INFO = "info", _("information")
        CAREFUL = "careful", _("please note")
        RECALL = "recall", _("recall")
        INCIDENT = "incident", _("service incident")

    class Audience(models.TextChoices):
        PUBLIC = "public", _("everyone")
        MEMBERS = "members", _("members")
        STAFF = "staff", _("staff")
        OUTLETS = "outlets", _("service outlets and staff")

    # What nobody can put away by closing it.
    STAYS = ("recall", "incident")
    # What the safety reviewers see first. An incident of the service is no danger, and cannot wait.
    ABOUT_SAFETY = ("recall", "careful")

    reference = models.CharField(max_length=20, unique=True, default=announcement_reference, editable=False)
    title_zh_hans = models.CharField(_("title (Chinese)"), max_length=120)
    title_en = models.CharField(_("title (English)"), max_length=120)
    body_zh_hans = RichTextField(_("text (Chinese)"))
    body_en = RichTextField(_("text (English)"))
    severity = models.CharField(_("kind"), max_length=8, choices=Severity.choices, default=Severity.INFO)
    audience = models.CharField(_("audience"), max_length=8, choices=Audience.choices, default=Audience.PUBLIC)
    families = ParentalManyToManyField("products.ProductFamily", blank=True, related_name="announcements", verbose_name=_("families"))
    product_models = ParentalManyToManyField("products.ProductModel", blank=True, related_name="announcements", verbose_name=_("models"))
    region = models.CharField(_("region"), max_length=80, blank=True)
    department = models.CharField(_("department"), max_length=80, blank=True)
    department_en = models.CharField(
        _("department (English)"), max_length=80, blank=True, help_text=_("For readers of English; empty: as written beside it.")
    )
    person = models.CharField(_("person who answers questions"), max_length=80, blank=True)
    language = models.CharField(
        _("shown in"), max_length=10, blank=True, choices=[("zh-hans", _("Chinese only")), ("en", _("English only"))]
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    starts_at = models.DateTimeField(_("shown from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("shown until"), null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    returned_reason = models.CharField(max_length=255, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    bilingual_fields = ("title", "body")

    panels = [
        FieldRowPanel([FieldPanel("title_zh_hans"), FieldPanel("title_en")]),
        FieldPanel("body_zh_hans"),
        FieldPanel("body_en"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("severity"), FieldPanel("audience")]),
                FieldPanel("families"),
                FieldPanel("product_models"),
                FieldRowPanel([FieldPanel("region"), FieldPanel("language")]),
                FieldRowPanel([FieldPanel("department"), FieldPanel("department_en")]),
                FieldPanel("person"),
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
            ],
            heading=_("Who sees it, and when"),
        ),
    ]

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", pgettext_lazy("announcement", "submitted")
        RETURNED = "returned", pgettext_lazy("announcement", "returned")
        SCHEDULED = "scheduled", _("scheduled")
        CURRENT = "current", _("current")
        WITHDRAWN = "withdrawn", _("withdrawn")
        ARCHIVED = "archived", _("archived")

    class Meta:
        ordering = ["-starts_at", "-created_at"]
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")

    def clean(self) -> None:
        """Refuse an end before the start, and hand the dates to Wagtail's own clock."""
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("The end must be later than the start.")})
        self.go_live_at = self.starts_at if self.starts_at and self.starts_at > timezone.now() else None
        self.expire_at = self.ends_at

    def with_content_json(self, content: dict[str, Any]) -> "Announcement":
        """Return a revision's text with what is not text as it is now: a withdrawn announcement stays withdrawn."""
        restored = super().with_content_json(content)
        for name in KEPT:
            setattr(restored, name, getattr(self, name))
        return restored

    def needs_safety_review(self) -> bool:
        """Tell whether the safety reviewers have to see it: recalls, warnings, news that speak of a danger, and every change of these.

        One query more for a change of what stands before readers: a published recall stays one whatever a later draft calls it.
        """
        if self.is_about_safety:
            return True
        kept = Announcement.objects.filter(pk=self.pk, live=True).first() if self.pk and self.live else None
        return kept is not None and kept.is_about_safety

    @property
    def is_about_safety(self) -> bool:
        """Whether the text as it is here is a recall, a warning, or speaks of a danger."""
        return self.severity in self.ABOUT_SAFETY or bool(word_of_danger(self))

    def publish(self, revision: Revision, user: Any = None, *args: Any, urgent: bool = False, **kwargs: Any) -> Any:
        """Publish a revision: the last door, whichever screen asked.

        Raises NotAllowed where a person asks for what the safety reviewers have not passed. `urgent` is for the action that has checked
        who asks and why (`kb.actions.publish_announcement`). The clock publishes what was let through when it was scheduled.
        """
        person = user or get_active_log_context().user
        if person is not None and not urgent and awaits_review(self, revision.as_object()):
            raise NotAllowed(
                _("This is about safety: it goes live when the safety reviewers have approved it."), code="needs_safety_review"
            )
        return super().publish(revision, user, *args, **kwargs)

    @property
    def state(self) -> "Announcement.State":
        """Where the announcement stands now (draft, submitted, returned, scheduled, current, withdrawn, archived)."""
        now = timezone.now()
        if self.withdrawn_at:
            return self.State.WITHDRAWN
        if self.archived_at or (self.ends_at and self.ends_at <= now and (self.live or self.expired)):
            return self.State.ARCHIVED
        if self.live:
            return self.State.SCHEDULED if self.starts_at and self.starts_at > now else self.State.CURRENT
        if self.go_live_at and self.go_live_at > now and self.scheduled_revision:
            return self.State.SCHEDULED
        if self.submitted_at:
            return self.State.SUBMITTED
        return self.State.RETURNED if self.returned_reason else self.State.DRAFT

    @property
    def department_name(self) -> str:
        """The department in the language in force, else as it was written."""
        return self.department_en if self.department_en and normal_language(get_language()) == "en" else self.department

    def get_preview_template(self, request: Any, mode_name: str) -> str:
        """Return the template of the preview in the editor."""
        return "kb/announcement_preview.html"

    def get_preview_context(self, request: Any, mode_name: str) -> dict[str, Any]:
        """Give the preview both languages, one under the other."""
        return {**super().get_preview_context(request, mode_name), "announcement": self}


class AnnouncementRead(models.Model):
    """A colleague has read an announcement."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="reads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["announcement", "user"], name="one_read_a_colleague")]
        verbose_name = _("read receipt")
        verbose_name_plural = _("read receipts")

    def __str__(self) -> str:
        return f"{self.announcement_id} {self.user_id}"
