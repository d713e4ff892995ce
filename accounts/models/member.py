"""What a member keeps here: addresses, what to be told about, signed-in devices, copies of the data, a closing under way."""

import secrets
from datetime import time
from typing import Any

from django.core.files.storage import storages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from accounts.models.people import User
from core.models import OutboundMessage

# Levels of the code list that nobody writes on an envelope.
NO_PLACES = frozenset({"市辖区", "县", "省直辖县", "自治区直辖县级行政区划"})


def new_key() -> str:
    """Return an unguessable public key of a member's row; primary keys appear in no address."""
    return secrets.token_urlsafe(9)


class Address(models.Model):
    """One postal address of a member: Chinese ones by division, street and detail, others as free lines."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    key = models.CharField(max_length=16, unique=True, default=new_key)
    recipient = models.CharField(_("recipient"), max_length=80)
    phone = PhoneNumberField(_("phone"))
    region_code = models.CharField(_("division code"), max_length=6, blank=True, help_text=_("GB/T 2260; empty where it was typed freely."))
    province = models.CharField(_("province"), max_length=60, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    district = models.CharField(_("district"), max_length=60, blank=True)
    street = models.CharField(_("street or town"), max_length=80, blank=True)
    detail = models.CharField(pgettext_lazy("postal", "detail"), max_length=200)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-is_default", "-updated_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user"], condition=Q(is_default=True), name="one_default_address")]
        verbose_name = pgettext_lazy("postal", "address")
        verbose_name_plural = pgettext_lazy("postal", "addresses")

    def __str__(self) -> str:
        return self.one_line

    @property
    def region(self) -> str:
        """Province, city and district as written: 上海市 浦东新区 (a municipality is said once)."""
        parts = [self.province, self.city, self.district]
        return " ".join(part for index, part in enumerate(parts) if part and part not in parts[:index] and part not in NO_PLACES)

    @property
    def one_line(self) -> str:
        """The whole address in one line, without recipient and phone."""
        return " ".join(part for part in (self.region, self.street, self.detail, self.postcode) if part)


class NoticeChoice(models.Model):
    """Whether a member wants to be told about a topic by one channel; without a row the topic's default holds."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_choices")
    topic = models.CharField(max_length=20)
    channel = models.CharField(max_length=8, choices=OutboundMessage.Channel.choices)
    wanted = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "topic", "channel"], name="one_choice_a_channel")]
        verbose_name = _("notification choice")
        verbose_name_plural = _("notification choices")

    def __str__(self) -> str:
        return f"{self.topic} {self.channel}: {'yes' if self.wanted else 'no'}"


class QuietHours(models.Model):
    """When a member's phone stays silent for what is not urgent; without a row 21:00 to 08:00."""

    FROM, UNTIL = time(21), time(8)

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="quiet_hours")
    on = models.BooleanField(_("quiet hours"), default=True)
    starts = models.TimeField(pgettext_lazy("time of day", "from"), default=FROM)
    ends = models.TimeField(pgettext_lazy("time of day", "until"), default=UNTIL)

    class Meta:
        verbose_name = _("quiet hours")
        verbose_name_plural = _("quiet hours")

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}" if self.on else "–"


class UserSession(models.Model):
    """One sign-in on one device. Ending it deletes the session, so that the next request and socket are a stranger's.

    The session's key stands here in the clear, as it does in the table of sessions beside it: whoever ends a device must find that row.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    key = models.CharField(max_length=16, unique=True, default=new_key)
    session_key = models.CharField(max_length=40, unique=True)
    user_agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-seen_at", "-id"]
        verbose_name = _("signed-in device")
        verbose_name_plural = _("signed-in devices")

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"


def export_path(instance: "DataExport", filename: str) -> str:
    """Return the private path of a copy: below its own unguessable key."""
    return f"exports/{instance.key}/{filename}"


class DataExport(models.Model):
    """One copy of a member's data, made in the background and kept for a few days."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("copy of data", "being made")
        READY = "ready", pgettext_lazy("copy of data", "ready")
        FAILED = "failed", pgettext_lazy("copy of data", "failed")
        GONE = "gone", pgettext_lazy("copy of data", "expired")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    key = models.CharField(max_length=64, unique=True, default=secrets.token_urlsafe)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    language = models.CharField(max_length=10, default="zh-hans")
    file = models.FileField(upload_to=export_path, storage=storages["private"], max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    requested_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user"], condition=Q(state="waiting"), name="one_export_at_a_time")]
        verbose_name = _("copy of data")
        verbose_name_plural = _("copies of data")

    def __str__(self) -> str:
        return f"{self.user_id} {self.state}"


class AccountClosing(models.Model):
    """A member's wish to close the account: it can be taken back until `due_at`, then the account is emptied."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("closing of an account", "waiting")
        KEPT = "kept", pgettext_lazy("closing of an account", "taken back")
        DONE = "done", pgettext_lazy("closing of an account", "closed")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="closings")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    requested_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True, help_text=_("What was emptied: rows per part."))

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [models.Index(fields=["state", "due_at"], name="closing_due")]
        constraints = [models.UniqueConstraint(fields=["user"], condition=Q(state="waiting"), name="one_closing_at_a_time")]
        verbose_name = _("closing of an account")
        verbose_name_plural = _("closings of accounts")

    def __str__(self) -> str:
        return f"{self.user_id} {self.state}"


@register_setting(icon="lock")
class PrivacySettings(BaseGenericSetting):
    """How long things last around a member's data; edited in the back office."""

    cool_off_hours = models.PositiveIntegerField(
        _("cool-off before an account is closed (hours)"),
        default=168,
        validators=[MaxValueValidator(15 * 24)],
        help_text=_("In this time the member can take the closing back. 168 hours are 7 days; 0 closes with the next run of the clock."),
    )
    export_days = models.PositiveSmallIntegerField(
        _("a copy of the data is kept for (days)"), default=7, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    kept_years = models.PositiveSmallIntegerField(
        _("repairs and warranty decisions are kept for (years)"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text=_("Said on the page where a member closes the account. Ask your lawyer."),
    )

    cases_years = models.PositiveSmallIntegerField(
        _("requests, chats and messages are kept for (years)"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text=_("Of people without an account, counted from the end of the case; members see theirs as long as the account is open."),
    )

    traces_days = models.PositiveSmallIntegerField(
        _("searches, reading, diagnoses and votes lead to a person for (days)"),
        default=180,
        validators=[MinValueValidator(60), MaxValueValidator(3650)],
        help_text=_("Afterwards they belong to nobody and only count. Reports by visitor look back as far as this."),
    )
    words_days = models.PositiveSmallIntegerField(
        _("words that were searched are kept for (days)"),
        default=730,
        validators=[MinValueValidator(90), MaxValueValidator(3650)],
        help_text=_("Without the person after the days above. The lists of searches without an answer look back 90 days."),
    )

    panels: list[Any] = [
        FieldPanel("cool_off_hours"),
        FieldPanel("export_days"),
        FieldPanel("kept_years"),
        FieldPanel("cases_years"),
        FieldPanel("traces_days"),
        FieldPanel("words_days"),
    ]

    class Meta:
        verbose_name = _("privacy and closing")


class RetentionRun(models.Model):
    """One run of the sweep that let something go: how many rows of which kind; the proof that the promise is kept."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("run of the retention sweep")
        verbose_name_plural = _("runs of the retention sweep")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
