"""The maker's settings of registration and warranty."""

from datetime import time

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="form")
class WarrantySettings(BaseGenericSetting):
    """How registrations are decided, how days are counted, when owners are reminded."""

    class AutoApprove(models.TextChoices):
        NEVER = "never", _("every registration is read by a person")
        KNOWN = "known", _("known serial number and plausible date: approved at once")

    class LastDay(models.TextChoices):
        SAME_NUMBER = "same_number", _("bought on the 6th: ends on the 6th, inclusive")
        DAY_BEFORE = "day_before", _("bought on the 6th: ends on the 5th, inclusive")

    auto_approve = models.CharField(_("approval"), max_length=10, choices=AutoApprove.choices, default=AutoApprove.NEVER)
    plausible_days = models.PositiveSmallIntegerField(
        _("plausible up to so many days after shipment"), default=730, help_text=_("Only for approval without a person.")
    )
    last_day = models.CharField(_("last day"), max_length=12, choices=LastDay.choices, default=LastDay.SAME_NUMBER)
    review_days = models.PositiveSmallIntegerField(_("working days until a registration is read"), default=2)
    soon_days = models.PositiveSmallIntegerField(_("“ending soon” from so many days before"), default=120)
    reminder_days = models.PositiveSmallIntegerField(_("reminder so many days before the end"), default=30)
    digest_from = models.TimeField(
        _("daily mail to those who decide, from"), default=time(8, 30), help_text=_("Once a working day, to colleagues who asked for it.")
    )
    household_most = models.PositiveSmallIntegerField(_("most people in a household"), default=6)
    link_days = models.PositiveSmallIntegerField(_("days an invitation or transfer code is good"), default=7)
    default_region = models.CharField(_("region of units without one"), max_length=12, default="CN", blank=True)
    exclusions_zh_hans = models.TextField(_("never covered (Chinese)"), blank=True)
    exclusions_en = models.TextField(_("never covered (English)"), blank=True)

    panels = [
        MultiFieldPanel(
            [
                FieldPanel("auto_approve"),
                FieldRowPanel([FieldPanel("plausible_days"), FieldPanel("review_days")]),
                FieldPanel("digest_from"),
            ],
            heading=_("Registrations"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("last_day"),
                FieldRowPanel([FieldPanel("soon_days"), FieldPanel("reminder_days"), FieldPanel("default_region")]),
                FieldPanel("exclusions_zh_hans"),
                FieldPanel("exclusions_en"),
            ],
            heading=_("Warranty"),
        ),
        FieldRowPanel([FieldPanel("household_most"), FieldPanel("link_days")], heading=_("Household and transfer")),
    ]

    class Meta:
        verbose_name = _("registration and warranty")
