"""Work of the editors: tasks that come from a row of a work list, and where a guide came from."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class EditorTask(models.Model):
    """One piece of work for an editor. `list_key` and `row_key` name the row of the work list that it came from."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("task", "open")
        DONE = "done", pgettext_lazy("task", "done")
        DISMISSED = "dismissed", pgettext_lazy("task", "not needed")

    list_key = models.CharField(max_length=40, blank=True)
    row_key = models.CharField(max_length=200, blank=True)
    title = models.CharField(_("what to do"), max_length=255)
    note = models.TextField(_("internal note"), blank=True)
    language = models.CharField(max_length=10, blank=True)
    family = models.ForeignKey("products.ProductFamily", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    page = models.ForeignKey("kb.GuidePage", null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    # What a new page starts with: title, keywords, language, family, model, codes, source.
    prefill = models.JSONField(default=dict, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="editor_tasks",
        verbose_name=_("assigned to"),
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["list_key", "row_key"], condition=Q(state="open") & ~Q(list_key=""), name="one_open_task_a_row")
        ]
        indexes = [models.Index(fields=["assignee", "state", "due_on"], name="editor_task_mine")]
        verbose_name = _("editor's task")
        verbose_name_plural = _("editors' tasks")

    def __str__(self) -> str:
        return self.title

    @property
    def is_overdue(self) -> bool:
        """Whether the task is open and its day has passed."""
        return self.state == self.State.OPEN and self.due_on is not None and self.due_on < timezone.localdate()


class GuideSource(models.Model):
    """The request or chat that a guide was written from, by its reference; staff follow it, readers never see it."""

    class Kind(models.TextChoices):
        TICKET = "ticket", _("request")
        CHAT = "chat", _("live chat")

    page = models.ForeignKey("kb.GuidePage", on_delete=models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    reference = models.CharField(max_length=24)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["page", "kind", "reference"], name="one_source_once"),
            models.UniqueConstraint(fields=["kind", "reference"], name="one_draft_a_case"),
        ]
        indexes = [models.Index(fields=["kind", "reference"], name="guide_source_reference")]
        permissions = [("propose_guide", _("Can propose guides from requests and chats"))]
        verbose_name = _("source of a guide")
        verbose_name_plural = _("sources of guides")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"
