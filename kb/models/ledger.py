"""The deflection ledger: one attempt to find an answer, with everything seen and how it ended."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
        UNKNOWN = "unknown", _("left without a word")

    class Channel(models.TextChoices):
        WEB = "web", pgettext_lazy("help channel", "pages and search")
        HELP = "help", pgettext_lazy("help channel", "help form")
        CHAT = "chat", pgettext_lazy("help channel", "before a chat")
        REPAIR = "repair", pgettext_lazy("help channel", "repair form")
        DIAGNOSIS = "diagnosis", pgettext_lazy("help channel", "guided diagnosis")

    class Group(models.TextChoices):
        NONE = "", _("no comparison running")
        SHOWN = "shown", _("saw the suggestions")
        HELD = "held", _("saw no suggestions")

    key = models.CharField(max_length=24, unique=True, default=session_key)
    visitor_key = models.CharField(max_length=64, blank=True, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="help_sessions")
    contact = models.ForeignKey("accounts.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="help_sessions")
    language = models.CharField(max_length=10, default="zh-hans")
    channel = models.CharField(max_length=12, choices=Channel.choices, default=Channel.WEB)
    # What it is about.
    family = models.ForeignKey("products.ProductFamily", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    model = models.ForeignKey("products.ProductModel", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    unit = models.ForeignKey("products.Unit", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    code = models.ForeignKey("products.ErrorCode", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    problem = models.ForeignKey("products.ProblemNode", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # Answers at the door of a contact: when there first were any, and whether they were shown or held back for comparison.
    offered_at = models.DateTimeField(null=True, blank=True)
    group = models.CharField(max_length=6, choices=Group.choices, blank=True, default=Group.NONE)
    # How it ended, and the contact that followed.
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    solved_by_key = models.CharField(max_length=120, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    contact_reference = models.CharField(max_length=24, blank=True)
    contact_channel = models.CharField(max_length=8, blank=True)
    contact_at = models.DateTimeField(null=True, blank=True)
    contact_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Full days between the end of the attempt and the contact.")
    )
    started_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["outcome", "outcome_at"], name="help_outcome"),
            models.Index(fields=["started_at", "outcome"], name="help_started"),
            models.Index(fields=["contact_reference"], name="help_contact_reference"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["visitor_key"], condition=Q(outcome="open") & ~Q(visitor_key=""), name="help_one_open_a_visitor"
            )
        ]
        verbose_name = _("help session")
        verbose_name_plural = _("help sessions")

    def __str__(self) -> str:
        return self.key


class HelpEvent(models.Model):
    """One thing that happened in a help session, in order."""

    class Kind(models.TextChoices):
        QUERY = "query", _("searched")
        SHOWN = "shown", _("was shown")
        HELD = "held", _("was held back for comparison")
        OPENED = "opened", _("opened")
        READ = "read", _("read")
        VOTED = "voted", _("voted")
        DIAGNOSIS = "diagnose", _("went through a diagnosis")
        SOLVED = "solved", _("said solved")
        STILL = "still", _("still needs help")
        CONTACT = "contact", _("made contact")

    session = models.ForeignKey(HelpSession, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField(default=timezone.now)
    query = models.CharField(max_length=200, blank=True)
    document_key = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=255, blank=True)
    url = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=12, choices=HelpSession.Channel.choices, blank=True, help_text=_("Where it was shown or typed."))
    seconds = models.PositiveIntegerField(default=0)
    step = models.PositiveSmallIntegerField(default=0, help_text=_("Furthest step of a guide that was reached; 0 where it has none."))
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["session", "at"], name="help_event_order"),
            models.Index(fields=["document_key", "kind"], name="help_event_document"),
            models.Index(fields=["kind", "at"], name="help_event_kind"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "kind", "document_key"],
                condition=Q(kind__in=["shown", "held", "opened", "read"]),
                name="help_event_once",
            )
        ]
        verbose_name = _("help event")
        verbose_name_plural = _("help events")

    def __str__(self) -> str:
        return f"{self.kind} {self.title or self.query}"
