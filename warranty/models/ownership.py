"""Who else may see a unit, who takes it over, which certificates are out, who was reminded."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact
from products.models import Unit


def certificate_code() -> str:
    """Return an unguessable code of a certificate that can be read out: twelve characters without look-alikes."""
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _number in range(12))


class HouseholdMember(models.Model):
    """Somebody of the owner's household: sees the unit and books service, cannot give it away."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="household")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="household_units")
    address = models.CharField(max_length=254)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("household member")
        verbose_name_plural = _("household members")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "user"], condition=models.Q(user__isnull=False, removed_at__isnull=True), name="one_place_in_a_household"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.address}"


class UnitTransfer(models.Model):
    """The owner gives the unit to somebody else, who takes it with a code."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="transfers")
    giver = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    taker = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=models.Q(accepted_at__isnull=True, cancelled_at__isnull=True), name="one_open_transfer_a_unit"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.created_at:%Y-%m-%d}"


class WarrantyCertificate(models.Model):
    """A certificate that a dealer can check by its code; it ends when the unit changes hands."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="certificates")
    code = models.CharField(max_length=16, unique=True, default=certificate_code)
    issued_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-issued_at", "-pk"]
        verbose_name = _("warranty certificate")
        verbose_name_plural = _("warranty certificates")
        constraints = [models.UniqueConstraint(fields=["unit"], condition=models.Q(revoked_at__isnull=True), name="one_certificate_a_unit")]

    def __str__(self) -> str:
        return self.code


class WarrantyReminder(models.Model):
    """That an owner was told about an end, so that nobody is told twice."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="reminders")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    until = models.DateField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("warranty reminder")
        verbose_name_plural = _("warranty reminders")
        constraints = [models.UniqueConstraint(fields=["unit", "contact", "until"], name="one_reminder_an_end")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.until}"
