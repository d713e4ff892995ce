"""Tables of repairs: the customer's case, its quotes, what was said, notes among colleagues; service outlets; the figures that steer it.

A `RepairOrder` is what the customer follows. Visits and parcels of it get rows of their own with a foreign key to it when they come.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from core.i18n import BilingualMixin
from core.secrets import new_secret
from fieldservice import states


@register_setting(icon="cog")
class RepairSettings(BaseSiteSetting):
    """How repairs run; every figure is an administrator's."""

    calendar = models.ForeignKey(
        "core.BusinessCalendar",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("calendar of visits"),
        help_text=_("Days and hours on which engineers come; empty for the default calendar."),
    )
    answer_hours = models.PositiveSmallIntegerField(
        _("we answer within business hours"), default=8, help_text=_("Promised to the customer whenever it is our turn.")
    )
    quote_days = models.PositiveSmallIntegerField(_("a quote is valid for days"), default=7)
    offered_days = models.PositiveSmallIntegerField(_("days offered for a visit"), default=7)
    lead_hours = models.PositiveSmallIntegerField(_("first visit after hours"), default=20)
    most_moves = models.PositiveSmallIntegerField(
        _("visits a customer may move alone"), default=3, help_text=_("After so many moves a supervisor has to do it.")
    )
    least_move_hours = models.PositiveSmallIntegerField(_("moving and cancelling until hours before"), default=4)
    close_after_days = models.PositiveSmallIntegerField(
        _("close after days of silence"), default=7, help_text=_("A machine that was handed over and of which nobody says a word.")
    )

    panels = [
        FieldPanel("calendar"),
        FieldPanel("answer_hours"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("offered_days"), FieldPanel("lead_hours")]),
                FieldRowPanel([FieldPanel("most_moves"), FieldPanel("least_move_hours")]),
            ],
            heading=_("Visits"),
        ),
        MultiFieldPanel([FieldRowPanel([FieldPanel("quote_days"), FieldPanel("close_after_days")])], heading=_("Time limits")),
    ]

    class Meta:
        verbose_name = _("repairs")


class ServiceOutlet(BilingualMixin, models.Model):
    """A service outlet: its names, where it is, which area and which products it serves."""

    key = models.SlugField(_("key"), unique=True)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    address_zh_hans = models.CharField(_("address (Chinese)"), max_length=200, blank=True)
    address_en = models.CharField(_("address (English)"), max_length=200, blank=True)
    area_zh_hans = models.CharField(_("area served (Chinese)"), max_length=200, blank=True)
    area_en = models.CharField(_("area served (English)"), max_length=200, blank=True)
    divisions = models.TextField(
        _("division codes"), blank=True, help_text=_("Codes of provinces, cities or districts (GB/T 2260), one a line, e.g. 310104.")
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    hours_zh_hans = models.CharField(_("hours (Chinese)"), max_length=80, blank=True)
    hours_en = models.CharField(_("hours (English)"), max_length=80, blank=True)
    families = models.ManyToManyField("products.ProductFamily", blank=True, related_name="+", verbose_name=_("families"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("shown"), default=True)

    bilingual_fields = ("name", "address", "area", "hours")

    class Meta:
        ordering = ["order", "key"]
        verbose_name = _("service outlet")
        verbose_name_plural = _("service outlets")


class RepairOrder(models.Model):
    """One repair from booking to the machine working again, as its customer follows it (states: fieldservice/states.py)."""

    class Channel(models.TextChoices):
        WEB = "web", pgettext_lazy("channel", "web")
        PHONE = "phone", pgettext_lazy("channel", "phone")
        TICKET = "ticket", pgettext_lazy("repair channel", "from a request")
        CHAT = "chat", pgettext_lazy("channel", "chat")

    class Attention(models.TextChoices):
        NONE = "", ""
        WRITTEN = "written", pgettext_lazy("repair", "The customer has written")
        QUOTE_EXPIRED = "quote_expired", pgettext_lazy("repair", "The quote ran out")
        PART_LATE = "part_late", pgettext_lazy("repair", "The part has not come")
        MOVED_OFTEN = "moved_often", pgettext_lazy("repair", "The visit was moved often")
        DECLINED = "declined", pgettext_lazy("repair", "The quote was declined")
        CAME_BACK = "came_back", pgettext_lazy("repair", "The fault is back")

    reference = models.CharField(max_length=24, unique=True)
    secret = models.CharField(max_length=40, default=new_secret)
    submit_key = models.CharField(max_length=40, blank=True)
    contact = models.ForeignKey("accounts.Contact", on_delete=models.PROTECT, related_name="repairs", verbose_name=_("customer"))
    language = models.CharField(max_length=10, default="zh-hans")
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices, default=Channel.WEB)
    state = models.CharField(_("state"), max_length=16, choices=states.CHOICES, default=states.FIRST)
    version = models.PositiveIntegerField(default=0, help_text=_("Grows with every step; of two people at once the first one wins."))
    # The machine.
    family = models.ForeignKey(
        "products.ProductFamily", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("family")
    )
    model = models.ForeignKey(
        "products.ProductModel", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("model")
    )
    unit = models.ForeignKey(
        "products.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="repairs", verbose_name=_("unit")
    )
    product_text = models.CharField(_("product as typed"), max_length=80, blank=True)
    serial_text = models.CharField(_("serial number as typed"), max_length=40, blank=True)
    coverage = models.JSONField(default=dict, blank=True, help_text=_("The warranty as it was on the day of booking."))
    # The fault.
    fault = models.TextField(_("fault"))
    problem = models.ForeignKey(
        "products.ProblemNode", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("problem")
    )
    code = models.ForeignKey(
        "products.ErrorCode", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("error code")
    )
    # Where and when.
    address = models.JSONField(default=dict, blank=True, help_text=_("Province, city, district and the rest, as they were when booked."))
    wishes = models.JSONField(default=list, blank=True, help_text=_("Times that suit the customer, best first: 2026-10-10:morning."))
    visit_day = models.DateField(_("day of the visit"), null=True, blank=True)
    visit_part = models.CharField(_("part of the day"), max_length=10, blank=True)
    visit_moves = models.PositiveSmallIntegerField(default=0)
    engineer = models.CharField(_("engineer"), max_length=60, blank=True)
    engineer_phone = models.CharField(_("engineer's phone"), max_length=40, blank=True)
    outlet = models.ForeignKey(
        ServiceOutlet, null=True, blank=True, on_delete=models.PROTECT, related_name="repairs", verbose_name=_("outlet")
    )
    part_name = models.CharField(_("part"), max_length=120, blank=True)
    part_expected_on = models.DateField(_("part expected on"), null=True, blank=True)
    # Where it comes from.
    ticket = models.ForeignKey("tickets.Ticket", null=True, blank=True, on_delete=models.SET_NULL, related_name="repairs")
    help_session = models.ForeignKey("kb.HelpSession", null=True, blank=True, on_delete=models.SET_NULL, related_name="repairs")
    conversation_reference = models.CharField(max_length=24, blank=True)
    article_key = models.CharField(max_length=120, blank=True)
    # Clocks.
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attention = models.CharField(_("needs a look"), max_length=14, choices=Attention.choices, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    state_since = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="repair_state_due"),
            models.Index(fields=["contact", "-created_at"], name="repair_contact"),
            models.Index(fields=["unit", "-created_at"], name="repair_unit"),
        ]
        constraints = [models.UniqueConstraint(fields=["submit_key"], condition=~Q(submit_key=""), name="one_repair_a_form")]
        verbose_name = _("repair")
        verbose_name_plural = _("repairs")
        permissions = [("move_repair", _("Can work on repairs"))]

    def __str__(self) -> str:
        return self.reference

    @property
    def machine(self) -> str:
        """What is repaired, in the shortest words there are."""
        if self.model_id and self.model:
            return str(self.model.name)
        return self.product_text or (str(self.family.name) if self.family else "")

    @property
    def serial(self) -> str:
        """The serial number: the unit's, else as typed."""
        return self.unit.serial if self.unit_id and self.unit else self.serial_text


class Quote(models.Model):
    """What a repair will cost, said before anything is charged. Amounts are whole fen (1/100 ￥)."""

    class Answer(models.TextChoices):
        NONE = "", pgettext_lazy("quote", "open")
        APPROVED = "approved", pgettext_lazy("quote", "agreed")
        DECLINED = "declined", pgettext_lazy("quote", "declined")

    order = models.ForeignKey(RepairOrder, on_delete=models.CASCADE, related_name="quotes")
    number = models.PositiveSmallIntegerField()
    explanation = models.TextField(blank=True)
    total_fen = models.IntegerField()
    valid_until = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=120, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    expired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="numbered_quotes_a_repair"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(answered_at__isnull=True, withdrawn_at__isnull=True, expired_at__isnull=True),
                name="one_open_quote_a_repair",
            ),
        ]
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")

    def __str__(self) -> str:
        return f"{self.order_id} {self.number}"

    @property
    def is_open(self) -> bool:
        """Is it neither answered, withdrawn nor expired."""
        return not (self.answered_at or self.withdrawn_at or self.expired_at)


class QuoteLine(models.Model):
    """One line of a quote; what the warranty covers is a negative amount."""

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines")
    text = models.CharField(max_length=120)
    amount_fen = models.IntegerField()
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("line of a quote")
        verbose_name_plural = _("lines of quotes")

    def __str__(self) -> str:
        return self.text


class RepairMessage(models.Model):
    """Words between the customer and us about one repair."""

    class Author(models.TextChoices):
        CUSTOMER = "customer", pgettext_lazy("author", "customer")
        AGENT = "agent", pgettext_lazy("author", "agent")

    order = models.ForeignKey(RepairOrder, on_delete=models.CASCADE, related_name="messages")
    author_kind = models.CharField(max_length=8, choices=Author.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=80, blank=True)
    body = models.TextField()
    client_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "client_key"], condition=~Q(client_key=""), name="one_repair_message_a_key"),
        ]
        verbose_name = _("message about a repair")
        verbose_name_plural = _("messages about repairs")

    def __str__(self) -> str:
        return f"{self.order_id} {self.author_kind}"


class RepairNote(models.Model):
    """A note among colleagues: a table of its own, so that it can never be shown to the customer."""

    order = models.ForeignKey(RepairOrder, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("note on a repair")
        verbose_name_plural = _("notes on repairs")

    def __str__(self) -> str:
        return f"{self.order_id} note {self.pk}"


def repair_settings() -> Any:
    """Return the settings of repairs: those of the default site, or the shipped ones where there is no site yet."""
    from wagtail.models import Site

    site = Site.objects.filter(is_default_site=True).first() or Site.objects.first()
    return RepairSettings.for_site(site) if site else RepairSettings()
