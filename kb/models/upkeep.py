"""Reminders that a guide has to be looked at again: one before its day, one after, each once."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReviewReminder(models.Model):
    """An owner was told that a review is due; the row keeps it from being told twice."""

    class Kind(models.TextChoices):
        BEFORE = "before", _("before its day")
        AFTER = "after", _("overdue")

    page = models.ForeignKey("kb.GuidePage", on_delete=models.CASCADE, related_name="review_reminders")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    due_on = models.DateField()
    kind = models.CharField(max_length=6, choices=Kind.choices)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "owner", "due_on", "kind"], name="one_review_reminder_each")]
        verbose_name = _("reminder of a review")
        verbose_name_plural = _("reminders of reviews")

    def __str__(self) -> str:
        return f"{self.page_id} {self.due_on} {self.kind}"
