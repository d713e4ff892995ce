"""Warranty terms as rows: for what, for whom, how long; and what lengthens them for one unit."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.i18n import BilingualMixin, bilingual
from products.models import Part, ProductFamily, ProductModel, Unit


class PartGroup(BilingualMixin, models.Model):
    """Parts that share a term, in the customer's words: drive motor, compressor, door gasket."""

    key = models.SlugField(_("key"), unique=True)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    parts = models.ManyToManyField(Part, blank=True, related_name="warranty_groups", verbose_name=_("parts"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "key"]
        verbose_name = _("part group")
        verbose_name_plural = _("part groups")


class WarrantyTerm(BilingualMixin, models.Model):
    """One promise: how long what is covered, and for which machines and purchases it holds. Empty conditions hold for all."""

    class Start(models.TextChoices):
        PURCHASE = "purchase", _("day of purchase")
        INSTALLATION = "installation", _("day of installation")
        ACTIVATION = "activation", _("first use online")
        SHIPMENT = "shipment", _("shipment from the factory")

    class OnReplacement(models.TextChoices):
        INHERIT = "inherit", _("the new unit has the rest")
        RESTART = "restart", _("begins anew on the day of the exchange")
        AT_LEAST = "at_least", _("the rest, but at least so many days")

    class Use(models.TextChoices):
        ANY = "", _("any use")
        HOME = "home", pgettext_lazy("use", "household")
        COMMERCIAL = "commercial", pgettext_lazy("use", "commercial")

    key = models.SlugField(_("key"), max_length=60, unique=True, null=True, blank=True, editable=False)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=80, help_text=_("As customers read it, e.g. whole machine 1 year."))
    name_en = models.CharField(_("name (English)"), max_length=80)
    group = models.ForeignKey(
        PartGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="terms", verbose_name=_("part group"),
        help_text=_("Empty: the whole machine."),
    )  # fmt: skip
    part = models.ForeignKey(Part, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("only this part"))
    family = models.ForeignKey(
        ProductFamily, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("only this family")
    )
    model = models.ForeignKey(
        ProductModel, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("only this model")
    )
    region = models.CharField(
        _("only this region"), max_length=12, blank=True, help_text=_("CN, or CN-44 for a province; empty for everywhere.")
    )
    use = models.CharField(_("use"), max_length=12, choices=Use.choices, default=Use.HOME, blank=True)
    valid_from = models.DateField(_("for purchases from"), null=True, blank=True)
    valid_until = models.DateField(_("for purchases until"), null=True, blank=True)
    excluded = models.BooleanField(_("not covered"), default=False, help_text=_("This row says that nothing is covered here."))
    months = models.PositiveSmallIntegerField(_("months"), null=True, blank=True)
    until = models.DateField(_("or until the day"), null=True, blank=True)
    start = models.CharField(_("counts from"), max_length=12, choices=Start.choices, default=Start.PURCHASE)
    wait_days = models.PositiveSmallIntegerField(
        _("days after shipment"), default=90, help_text=_("Where only the day of shipment or production is known.")
    )
    on_replacement = models.CharField(_("after an exchange"), max_length=12, choices=OnReplacement.choices, default=OnReplacement.INHERIT)
    replacement_days = models.PositiveSmallIntegerField(_("at least so many days"), default=0)
    exclusions_zh_hans = models.TextField(_("what is not covered (Chinese)"), blank=True)
    exclusions_en = models.TextField(_("what is not covered (English)"), blank=True)
    is_active = models.BooleanField(_("in force"), default=True)

    bilingual_fields = ("name", "exclusions")

    class Meta:
        ordering = ["family__order", "model__number", "group__order", "use", "valid_from", "pk"]
        verbose_name = _("warranty term")
        verbose_name_plural = _("warranty terms")

    def clean(self) -> None:
        """Refuse a row without an end, with conditions that cannot meet, or that contradicts another row."""
        super().clean()
        from warranty.terms import check_consistent

        if not self.excluded and (self.months is None) == (self.until is None):
            raise ValidationError({"months": _("Give either a number of months or a last day.")})
        if self.valid_from and self.valid_until and self.valid_from > self.valid_until:
            raise ValidationError({"valid_until": _("This day lies before the first one.")})
        if self.model_id and self.family_id and self.model.family_id != self.family_id:
            raise ValidationError({"model": _("This model belongs to another family.")})
        if self.part_id and self.group_id:
            raise ValidationError({"part": _("Name a part or a group, not both.")})
        check_consistent(self)


class WarrantyExtension(BilingualMixin, models.Model):
    """What lengthens the warranty of one unit: a bought plan or goodwill."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("bought plan")
        GOODWILL = "goodwill", _("goodwill")

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="extensions", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.PLAN)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    group = models.ForeignKey(
        PartGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("part group"),
        help_text=_("Empty: the whole machine."),
    )  # fmt: skip
    months = models.PositiveSmallIntegerField(_("months"), default=0)
    days = models.PositiveSmallIntegerField(_("days"), default=0)
    until = models.DateField(_("or until the day"), null=True, blank=True)
    reason = models.CharField(_("why"), max_length=200, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("warranty extension")
        verbose_name_plural = _("warranty extensions")

    def __str__(self) -> str:
        return bilingual(self, "name")

    def clean(self) -> None:
        """Refuse an extension that adds nothing."""
        super().clean()
        if not (self.months or self.days or self.until):
            raise ValidationError({"months": _("Say how much it adds: months, days or a last day.")})
