"""The deflection ledger: one attempt to find an answer, with everything seen and how it ended."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def session_key() -> str:
    """Return an unguessable key of a help session."""
    return secrets.token_urlsafe(12)


class HelpSession(models.Model):
    """One visitor's attempt. Ticket, chat and repair point down to it; success that is followed by a contact becomes failure."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("not known yet")
        SOLVED = "solved", _("solved by themselves")
        ESCALATED = "escalated", _("needed a person")
        FAILED = "failed", _("said solved, came back")

    key = models.CharField(max_length=24, unique=True, default=session_key)
    visitor_key = models.CharField(max_length=64, blank=True, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="help_sessions")
    contact = models.ForeignKey("accounts.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="help_sessions")
    language = models.CharField(max_length=10, default="zh-hans")
    channel = models.CharField(max_length=12, default="web")
    family = models.ForeignKey("products.ProductFamily", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    model = models.ForeignKey("products.ProductModel", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    solved_by_key = models.CharField(max_length=120, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    contact_reference = models.CharField(max_length=24, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["outcome", "outcome_at"], name="help_outcome")]
        verbose_name = _("help session")
        verbose_name_plural = _("help sessions")

    def __str__(self) -> str:
        return self.key


class HelpEvent(models.Model):
    """One thing that happened in a help session, in order."""

    class Kind(models.TextChoices):
        QUERY = "query", _("searched")
        SHOWN = "shown", _("was shown")
        OPENED = "opened", _("opened")
        READ = "read", _("read")
        VOTED = "voted", _("voted")
        DIAGNOSIS = "diagnose", _("went through a diagnosis")
        SOLVED = "solved", _("said solved")
        STILL = "still", _("still needs help")

    session = models.ForeignKey(HelpSession, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField(default=timezone.now)
    query = models.CharField(max_length=200, blank=True)
    document_key = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=255, blank=True)
    url = models.CharField(max_length=300, blank=True)
    seconds = models.PositiveIntegerField(default=0)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["session", "at"], name="help_event_order"),
            models.Index(fields=["document_key", "kind"], name="help_event_document"),
        ]
        verbose_name = _("help event")
        verbose_name_plural = _("help events")

    def __str__(self) -> str:
        return f"{self.kind} {self.title or self.query}"
