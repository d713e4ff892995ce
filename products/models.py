"""The catalogue: families, models, parts, error codes, the problem tree, and customers' units."""

import secrets
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.images import get_image_model_string

from accounts.models import Contact
from core.i18n import BilingualMixin
from products.codes import normal_code, normal_model, normal_serial, spellings_in

ascii_slug = RegexValidator(r"^[a-z0-9]+(?:-[a-z0-9]+)*$", _("Use small letters, digits and dashes."))


def unit_code() -> str:
    """Return a short unguessable public code of a unit."""
    return secrets.token_urlsafe(9)


class ProductFamily(BilingualMixin, models.Model):
    """A kind of appliance, e.g. washing machines."""

    slug = models.SlugField(_("address"), unique=True, validators=[ascii_slug])
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    summary_zh_hans = models.CharField(_("summary (Chinese)"), max_length=200, blank=True)
    summary_en = models.CharField(_("summary (English)"), max_length=200, blank=True)
    series = models.CharField(_("series letters"), max_length=40, blank=True, help_text=_("Shown under the picture, e.g. WF · WD."))
    picture = models.ForeignKey(
        get_image_model_string(), null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("picture")
    )
    label_picture = models.ForeignKey(
        get_image_model_string(), null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("where the label is")
    )
    label_hint_zh_hans = models.CharField(_("where the label is (Chinese)"), max_length=200, blank=True)
    label_hint_en = models.CharField(_("where the label is (English)"), max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("shown"), default=True)

    bilingual_fields = ("name", "summary", "label_hint")

    class Meta:
        ordering = ["order", "slug"]
        verbose_name = _("product family")
        verbose_name_plural = _("product families")


class ProductModel(BilingualMixin, models.Model):
    """A model as sold: the number on the plate, its names, its picture."""

    family = models.ForeignKey(ProductFamily, on_delete=models.PROTECT, related_name="models", verbose_name=_("family"))
    number = models.CharField(_("model number"), max_length=40, unique=True)
    number_normal = models.CharField(max_length=40, db_index=True, editable=False)
    slug = models.SlugField(_("address"), unique=True, validators=[ascii_slug])
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    summary_zh_hans = models.TextField(_("summary (Chinese)"), blank=True)
    summary_en = models.TextField(_("summary (English)"), blank=True)
    picture = models.ForeignKey(
        get_image_model_string(), null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("picture")
    )
    launched_on = models.DateField(_("on sale since"), null=True, blank=True)
    discontinued_on = models.DateField(_("no longer made since"), null=True, blank=True)
    specs = models.JSONField(_("specifications"), default=list, blank=True, help_text=_("List of {label_zh_hans, label_en, value}."))
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("shown"), default=True)

    bilingual_fields = ("name", "summary")

    class Meta:
        ordering = ["family__order", "order", "number"]
        verbose_name = _("product model")
        verbose_name_plural = _("product models")

    def __str__(self) -> str:
        return self.number

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the comparable form of the number beside it."""
        self.number_normal = normal_model(self.number)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class ModelAlias(models.Model):
    """Another number or nickname under which people know a model."""

    model = models.ForeignKey(ProductModel, on_delete=models.CASCADE, related_name="aliases", verbose_name=_("model"))
    text = models.CharField(_("alias"), max_length=60)
    text_normal = models.CharField(max_length=60, db_index=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "text"], name="one_alias_once")]
        verbose_name = _("model alias")
        verbose_name_plural = _("model aliases")

    def __str__(self) -> str:
        return self.text

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the comparable form beside the alias."""
        self.text_normal = normal_model(self.text)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Part(BilingualMixin, models.Model):
    """A part or accessory that guides name and repairs use."""

    number = models.CharField(_("part number"), max_length=40, unique=True)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    fits = models.ManyToManyField(ProductModel, blank=True, related_name="parts", verbose_name=_("fits"))

    class Meta:
        ordering = ["number"]
        verbose_name = _("part")
        verbose_name_plural = _("parts")


class ErrorCode(BilingualMixin, models.Model):
    """What a family's (or some models') display means by a code, and the first thing to do."""

    class Severity(models.TextChoices):
        INFO = "info", _("for information")
        CAREFUL = "careful", _("stop and check")
        DANGER = "danger", _("danger: stop using it")

    family = models.ForeignKey(ProductFamily, on_delete=models.PROTECT, related_name="codes", verbose_name=_("family"))
    code = models.CharField(_("code as displayed"), max_length=12)
    code_normal = models.CharField(max_length=12, db_index=True, editable=False)
    other_spellings = models.CharField(
        _("also written as"),
        max_length=200,
        blank=True,
        help_text=_("How else it is shown or written, with commas between: UE, Err 12. Spaces, dashes and O for 0 are understood anyway."),
    )
    only_models = models.ManyToManyField(ProductModel, blank=True, related_name="codes", verbose_name=_("only on these models"))
    title_zh_hans = models.CharField(_("meaning in a few words (Chinese)"), max_length=80)
    title_en = models.CharField(_("meaning in a few words (English)"), max_length=80)
    meaning_zh_hans = models.TextField(_("meaning (Chinese)"))
    meaning_en = models.TextField(_("meaning (English)"))
    action_zh_hans = models.TextField(_("first action (Chinese)"))
    action_en = models.TextField(_("first action (English)"))
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices, default=Severity.INFO)
    hazard = models.CharField(
        _("hazard"), max_length=20, blank=True, help_text=_("gas, electricity, water, hot, refrigerant; empty for none.")
    )
    is_active = models.BooleanField(_("shown"), default=True)

    bilingual_fields = ("title", "meaning", "action")

    class Meta:
        ordering = ["family__order", "code_normal"]
        constraints = [models.UniqueConstraint(fields=["family", "code_normal"], name="one_code_a_family")]
        verbose_name = _("error code")
        verbose_name_plural = _("error codes")

    def __str__(self) -> str:
        return self.code

    @property
    def spellings(self) -> list[str]:
        """The code as displayed, then its other spellings, each once."""
        return spellings_in(f"{self.code},{self.other_spellings}")

    @property
    def spellings_normal(self) -> set[str]:
        """The comparable forms of the code and its other spellings."""
        return {normal_code(spelling) for spelling in self.spellings}

    def clean(self) -> None:
        """Refuse a code that the family has already, however it is spelt, and a spelling that means another code of the family."""
        super().clean()
        others = list(ErrorCode.objects.filter(family_id=self.family_id).exclude(pk=self.pk)) if self.family_id else []
        if any(other.code_normal == normal_code(self.code) for other in others):
            raise ValidationError({"code": _("This family has this code already.")})
        clash = spelling_clash(self, others)
        if clash is not None:
            raise ValidationError({"other_spellings": _("“%(spelling)s” means %(code)s of this family already.") % clash})

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the comparable form of the code beside it."""
        self.code_normal = normal_code(self.code)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


def spelling_clash(code: ErrorCode, others: Iterable[ErrorCode]) -> dict[str, str] | None:
    """Return the spelling of a code that means one of the others already, and that one; None where all are free."""
    taken = {form: other.code for other in others for form in other.spellings_normal}
    for spelling in code.spellings:
        if normal_code(spelling) in taken:
            return {"spelling": spelling, "code": taken[normal_code(spelling)]}
    return None


class ProblemNode(BilingualMixin, models.Model):
    """A node of the problem tree that tickets, chat, diagnosis and statistics share."""

    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("under"))
    key = models.SlugField(_("key"), unique=True)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    family = models.ForeignKey(ProductFamily, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("only for"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    retired = models.BooleanField(_("retired"), default=False)

    class Meta:
        ordering = ["order", "key"]
        verbose_name = _("problem")
        verbose_name_plural = _("problem tree")


class Market(BilingualMixin, models.Model):
    """A country or region the maker sells in: guides can be for some markets only."""

    code = models.CharField(
        _("code"),
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{2}(?:-[A-Z0-9]{1,8})?$", _("Two capital letters, perhaps a dash and a region: CN, CN-44."))],
        help_text=_("CN, or CN-44 for a province; as in the region of a machine."),
    )
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    is_default = models.BooleanField(_("supposed of readers who have not chosen"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("shown"), default=True)

    class Meta:
        ordering = ["order", "code"]
        constraints = [models.UniqueConstraint(fields=["is_default"], condition=models.Q(is_default=True), name="one_default_market")]
        verbose_name = _("market")
        verbose_name_plural = _("markets")


class Unit(models.Model):
    """One machine with a serial number: somebody's, or shipped and not yet registered (registration and warranty build on it)."""

    class Use(models.TextChoices):
        HOME = "home", pgettext_lazy("use", "household")
        COMMERCIAL = "commercial", pgettext_lazy("use", "commercial")

    code = models.CharField(max_length=16, unique=True, default=unit_code)
    model = models.ForeignKey(ProductModel, on_delete=models.PROTECT, related_name="units")
    serial = models.CharField(_("serial number"), max_length=40)
    serial_normal = models.CharField(max_length=40, unique=True, editable=False)
    owner = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="units")
    purchased_on = models.DateField(_("bought on"), null=True, blank=True)
    installed_on = models.DateField(_("installed on"), null=True, blank=True)
    activated_on = models.DateField(_("first used online on"), null=True, blank=True)
    shipped_on = models.DateField(_("left the factory on"), null=True, blank=True)
    produced_on = models.DateField(_("made on"), null=True, blank=True)
    use = models.CharField(_("use"), max_length=12, choices=Use.choices, default=Use.HOME)
    region = models.CharField(_("market"), max_length=12, blank=True, help_text=_("CN, or CN-44 for a province; empty for the usual one."))
    dealer = models.CharField(_("dealer"), max_length=120, blank=True)
    place = models.CharField(_("where it stands"), max_length=40, blank=True)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by", verbose_name=_("came in exchange for")
    )
    replaced_on = models.DateField(_("exchanged on"), null=True, blank=True)
    known = models.BooleanField(_("known to the factory"), default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("unit")
        verbose_name_plural = _("units")

    def __str__(self) -> str:
        return f"{self.model_id} {self.serial}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the comparable form of the serial beside it."""
        self.serial_normal = normal_serial(self.serial)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
