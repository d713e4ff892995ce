"""What the desk is set up with: queues, priorities, canned replies; and the notices agents get."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.i18n import BilingualMixin


class Queue(BilingualMixin, models.Model):
    """Where tickets wait for a team."""

    key = models.SlugField(_("key"), unique=True)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    calendar = models.ForeignKey("core.BusinessCalendar", on_delete=models.PROTECT, related_name="+", verbose_name=_("calendar"))
    families = models.ManyToManyField("products.ProductFamily", blank=True, related_name="+", verbose_name=_("families"))
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="queues", verbose_name=_("members"))
    tier = models.PositiveSmallIntegerField(_("tier"), default=1, help_text=_("1 first line, 2 specialists, 3 management."))
    is_default = models.BooleanField(_("for what fits nowhere else"), default=False)
    close_after_days = models.PositiveSmallIntegerField(
        _("close after days of silence"), default=7, help_text=_("A resolved ticket is closed when the customer says nothing for so long.")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "key"]
        verbose_name = _("queue")
        verbose_name_plural = _("queues")


class Priority(BilingualMixin, models.Model):
    """A priority; the matrix impact × urgency (1 high to 3 low each) picks it."""

    key = models.SlugField(_("key"), unique=True)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=40)
    name_en = models.CharField(_("name (English)"), max_length=40)
    rank = models.PositiveSmallIntegerField(_("rank"), unique=True, help_text=_("1 is the most urgent."))
    up_to = models.PositiveSmallIntegerField(
        _("up to impact + urgency"), default=6, help_text=_("Chosen when impact and urgency (1 high to 3 low) add up to at most this.")
    )
    is_default = models.BooleanField(_("default"), default=False)

    class Meta:
        ordering = ["rank"]
        verbose_name = _("priority")
        verbose_name_plural = _("priorities")


class CannedReply(BilingualMixin, models.Model):
    """A reply written beforehand. Placeholders: {customer}, {reference}, {agent}, {product}, {hotline}."""

    shortcut = models.SlugField(_("shortcut"), allow_unicode=True)
    title_zh_hans = models.CharField(_("title (Chinese)"), max_length=80)
    title_en = models.CharField(_("title (English)"), max_length=80)
    body_zh_hans = models.TextField(_("text (Chinese)"))
    body_en = models.TextField(_("text (English)"))
    queue = models.ForeignKey(
        Queue, null=True, blank=True, on_delete=models.CASCADE, related_name="canned_replies", verbose_name=_("only for queue")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("only for")
    )
    used = models.PositiveIntegerField(default=0, editable=False)

    bilingual_fields = ("title", "body")

    class Meta:
        ordering = ["shortcut"]
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")


class DeskNotice(models.Model):
    """News for one agent: new work, a customer's answer, a warning of the clock. About a ticket, or about another case with its address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk_notices")
    kind = models.CharField(max_length=24)
    ticket = models.ForeignKey("tickets.Ticket", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    reference = models.CharField(max_length=24, blank=True)
    path = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["user", "seen_at"], name="notice_unseen")]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")

    def __str__(self) -> str:
        return f"{self.kind} {self.ticket_id or self.reference}"


class TicketViewer(models.Model):
    """One open page of a ticket: who looks at it and whether they write there; refreshed while it is looked at."""

    channel = models.CharField(max_length=120, unique=True)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="viewers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_writing = models.BooleanField(default=False)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("open page of a ticket")
        verbose_name_plural = _("open pages of tickets")

    def __str__(self) -> str:
        return f"{self.user_id} {self.ticket_id}"
