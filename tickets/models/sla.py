"""Service levels: policies as rows, targets of each ticket, pauses with their reason."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.i18n import BilingualMixin


class SLAPolicy(BilingualMixin, models.Model):
    """Targets in business seconds for the tickets it matches: the most specific policy wins, then the lowest order."""

    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    priority = models.ForeignKey(
        "tickets.Priority", null=True, blank=True, on_delete=models.CASCADE, related_name="policies", verbose_name=_("priority")
    )
    queue = models.ForeignKey(
        "tickets.Queue", null=True, blank=True, on_delete=models.CASCADE, related_name="policies", verbose_name=_("queue")
    )
    kind = models.CharField(_("kind"), max_length=10, blank=True)
    first_response_minutes = models.PositiveIntegerField(_("first response, business minutes"))
    next_response_minutes = models.PositiveIntegerField(_("next response, business minutes"))
    resolution_minutes = models.PositiveIntegerField(_("resolution, business minutes"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in force"), default=True)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")


class SLATarget(models.Model):
    """One promise on one ticket. `due_at` moves with pauses; exactly one of met and breached is decided first."""

    class Metric(models.TextChoices):
        FIRST_RESPONSE = "first_response", _("first response")
        NEXT_RESPONSE = "next_response", _("next response")
        RESOLUTION = "resolution", _("resolution")

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="targets")
    metric = models.CharField(max_length=16, choices=Metric.choices)
    round = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField()
    budget_seconds = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    warned_percent = models.PositiveSmallIntegerField(default=0)
    next_check_at = models.DateTimeField(null=True, blank=True, db_index=True)
    policy = models.ForeignKey(SLAPolicy, null=True, on_delete=models.SET_NULL, related_name="+")
    calendar = models.ForeignKey("core.BusinessCalendar", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["due_at"]
        indexes = [models.Index(fields=["ticket", "metric"], name="sla_ticket_metric")]
        verbose_name = _("target")
        verbose_name_plural = _("targets")

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.metric}"


class SLAPause(models.Model):
    """A time in which the resolution clock of a ticket stands still, and why."""

    class Reason(models.TextChoices):
        CUSTOMER = "customer", _("waiting for the customer")
        PARTS = "parts", _("waiting for parts")
        SUPPLIER = "supplier", _("waiting for a supplier")
        INCIDENT = "incident", _("part of an incident")
        OTHER = "other", _("other reason")

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    note = models.CharField(max_length=200, blank=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["from_at"]
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=models.Q(until_at__isnull=True), name="one_open_pause_a_ticket"),
        ]
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.reason}"
