"""How the serial numbers of a family look."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.i18n import BilingualMixin
from products.models import ProductFamily, ProductModel


class SerialRule(BilingualMixin, models.Model):
    """The shape of serial numbers: pattern, example, where on the label, how the day of production is written in them."""

    family = models.ForeignKey(ProductFamily, on_delete=models.CASCADE, related_name="serial_rules", verbose_name=_("family"))
    model = models.ForeignKey(
        ProductModel, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("only this model")
    )
    pattern = models.CharField(
        _("pattern"),
        max_length=160,
        help_text=_(
            "A regular expression for the number without spaces and dashes. "
            "Groups named year, month, week and day give the day of production."
        ),
    )
    example = models.CharField(_("example"), max_length=40)
    where_zh_hans = models.CharField(_("where on the label (Chinese)"), max_length=160, blank=True)
    where_en = models.CharField(_("where on the label (English)"), max_length=160, blank=True)
    date_code = models.CharField(
        _("how the date is coded"), max_length=120, blank=True, help_text=_("For colleagues, e.g. year, then month as 1–9, A, B, C.")
    )
    is_active = models.BooleanField(_("in force"), default=True)

    bilingual_fields = ("where",)

    class Meta:
        ordering = ["family__order", "pk"]
        verbose_name = _("serial number rule")
        verbose_name_plural = _("serial number rules")

    def __str__(self) -> str:
        return f"{self.family} {self.example}"

    def clean(self) -> None:
        """Refuse a pattern that is none or that its own example does not fit."""
        super().clean()
        from warranty.serials import Rule

        try:
            rule = Rule(pattern=self.pattern)
            rule.compiled()
        except re.error as error:
            raise ValidationError({"pattern": _("This is no regular expression: %(problem)s.") % {"problem": error}}) from error
        if rule.match(self.example) is None:
            raise ValidationError({"example": _("The example does not fit the pattern.")})
