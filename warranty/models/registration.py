"""Registrations: what a customer told us about a purchase, with proof, and what became of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Contact
from core.i18n import BilingualMixin
from products.models import Unit


class ReturnReason(BilingualMixin, models.Model):
    """Why a registration goes back to the customer: a sentence they can act on."""

    key = models.SlugField(_("key"), unique=True)
    name_zh_hans = models.CharField(_("in the list (Chinese)"), max_length=80)
    name_en = models.CharField(_("in the list (English)"), max_length=80)
    text_zh_hans = models.CharField(_("what the customer reads (Chinese)"), max_length=300)
    text_en = models.CharField(_("what the customer reads (English)"), max_length=300)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("offered"), default=True)

    bilingual_fields = ("name", "text")

    class Meta:
        ordering = ["order", "key"]
        verbose_name = _("reason for returning")
        verbose_name_plural = _("reasons for returning")


class WarrantyRegistration(models.Model):
    """One registration of one unit by one person. A *claim* is one for a unit that is somebody else's already."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", pgettext_lazy("registration", "under review")
        APPROVED = "approved", pgettext_lazy("registration", "approved")
        RETURNED = "returned", pgettext_lazy("registration", "returned")
        REFUSED = "refused", pgettext_lazy("registration", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("registration", "withdrawn")

    class Kind(models.TextChoices):
        FIRST = "first", pgettext_lazy("registration", "registration")
        CLAIM = "claim", pgettext_lazy("registration", "claim")

    class Answer(models.TextChoices):
        NONE = "", pgettext_lazy("claim", "no answer")
        AGREED = "agreed", pgettext_lazy("claim", "the present owner agrees")
        DISPUTED = "disputed", pgettext_lazy("claim", "the present owner objects")

    reference = models.CharField(max_length=20, unique=True)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="registrations", verbose_name=_("unit"))
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="registrations", verbose_name=_("customer"))
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.FIRST)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED, db_index=True)
    serial_typed = models.CharField(max_length=60, blank=True)
    purchased_on = models.DateField(_("bought on"))
    installed_on = models.DateField(_("installed on"), null=True, blank=True)
    dealer = models.CharField(_("dealer"), max_length=120, blank=True)
    use = models.CharField(_("use"), max_length=12, choices=Unit.Use.choices, default=Unit.Use.HOME)
    return_reason = models.ForeignKey(ReturnReason, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    return_text = models.CharField(max_length=500, blank=True)
    owner_answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.NONE, blank=True)
    owner_asked = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    submit_key = models.CharField(max_length=60, unique=True, null=True, blank=True)
    submitted_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        permissions = [("review_registration", _("Can decide registrations"))]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "contact"], condition=models.Q(state__in=["submitted", "returned"]), name="one_open_registration_each"
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in {self.State.SUBMITTED, self.State.RETURNED}
