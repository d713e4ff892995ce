"""Escalations: what self-service, chat or the clock could not resolve, claimed once."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Escalation(models.Model):
    """A row on a ticket: why it needs someone now. Open ones make the escalation queue, in due order."""

    class Kind(models.TextChoices):
        SELF_SERVICE = "self_service", _("self-service did not solve it")
        CHAT = "chat", _("chat did not solve it")
        BREACH = "breach", _("the clock ran out")
        FUNCTIONAL = "functional", _("needs a specialist")
        HIERARCHICAL = "hierarchical", _("needs a manager")
        REOPENED = "reopened", _("the customer says it is not solved")

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="escalations")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.CharField(max_length=200, blank=True)
    queue = models.ForeignKey("tickets.Queue", on_delete=models.PROTECT, related_name="escalations")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="claimed_escalations"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "created_at"]
        indexes = [models.Index(fields=["closed_at", "due_at"], name="escalation_open_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind"], condition=models.Q(closed_at__isnull=True), name="one_open_escalation_a_kind"
            ),
        ]
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind}"
