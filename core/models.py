"""Tables of the lowest floor: history, tasks, calendars, attachments, images, outbound messages, brand settings."""

import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from core.colour import contrast_on_white
from core.i18n import BilingualMixin, bilingual


class HearthImage(AbstractImage):
    """The project's image: a text alternative in each language and the credit."""

    alt_zh_hans = models.CharField(_("text alternative (Chinese)"), max_length=255, blank=True)
    alt_en = models.CharField(_("text alternative (English)"), max_length=255, blank=True)
    credit = models.CharField(_("credit"), max_length=255, blank=True)

    admin_form_fields = (*Image.admin_form_fields, "alt_zh_hans", "alt_en", "credit")

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")

    @property
    def default_alt_text(self) -> str:
        """Text alternative in the language in force; the title only where none was written."""
        return bilingual(self, "alt") or self.title


class HearthRendition(AbstractRendition):
    """One size of an image."""

    image = models.ForeignKey(HearthImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)


class HistoryEntry(models.Model):
    """One step of one object: who, when, what. Written in the same transaction as the change, never edited."""

    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    verb = models.CharField(max_length=80)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(default=timezone.now)
    public = models.BooleanField(default=False)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["subject_type", "subject_id", "at"], name="history_subject")]
        verbose_name = _("history entry")
        verbose_name_plural = _("history")

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"


class TaskAttempt(models.Model):
    """One piece of background work through all its tries; the queue's row of the present try is `result_id`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        DEAD = "dead", _("gave up")

    path = models.CharField(max_length=200)
    kwargs = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    max_tries = models.PositiveSmallIntegerField(default=6)
    result_id = models.UUIDField(null=True, blank=True)
    worker_id = models.CharField(max_length=64, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    run_after = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["state", "run_after"], name="task_state"),
            models.Index(fields=["path", "state"], name="task_path"),
        ]
        verbose_name = _("background task")
        verbose_name_plural = _("background tasks")

    def __str__(self) -> str:
        return f"{self.path} ({self.state})"


class WorkerHeartbeat(models.Model):
    """The last sign of life of a worker or clock process."""

    worker_id = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=16, default="worker")
    host = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.worker_id


class BusinessCalendar(BilingualMixin, ClusterableModel):
    """When a team works: periods of the week, public holidays of a country, dated exceptions (调休)."""

    key = models.SlugField(_("key"), unique=True)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    holiday_country = models.CharField(
        _("public holidays of"), max_length=2, blank=True, default="CN", help_text=_("Two-letter country code; empty for none.")
    )
    is_default = models.BooleanField(_("default calendar"), default=False)

    panels = [
        FieldPanel("key"),
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("time_zone"), FieldPanel("holiday_country"), FieldPanel("is_default")]),
        InlinePanel("periods", heading=_("Weekly periods"), label=_("period")),
        InlinePanel("exceptions", heading=_("Exceptions"), label=_("exception")),
    ]

    class Meta:
        ordering = ["key"]
        verbose_name = _("business calendar")
        verbose_name_plural = _("business calendars")


class CalendarPeriod(models.Model):
    """One working period of a weekday; several a day and periods past midnight are allowed."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    calendar = ParentalKey(BusinessCalendar, on_delete=models.CASCADE, related_name="periods")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("until"), help_text=_("An earlier time than “from” means the next day; 00:00 means midnight."))

    panels = [FieldRowPanel([FieldPanel("weekday"), FieldPanel("opens"), FieldPanel("closes")])]

    class Meta:
        ordering = ["weekday", "opens"]
        verbose_name = _("weekly period")
        verbose_name_plural = _("weekly periods")

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class CalendarException(BilingualMixin, models.Model):
    """A date that is not like its weekday: closed, or worked with the periods of a named weekday (make-up day)."""

    class Kind(models.TextChoices):
        CLOSED = "closed", _("closed")
        WORKING = "working", _("working day")

    calendar = ParentalKey(BusinessCalendar, on_delete=models.CASCADE, related_name="exceptions")
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=80, blank=True)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    opens = models.TimeField(_("from"), null=True, blank=True)
    closes = models.TimeField(_("until"), null=True, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("date"), FieldPanel("kind")]),
        FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("opens"), FieldPanel("closes")]),
    ]

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="one_exception_a_day")]
        verbose_name = _("calendar exception")
        verbose_name_plural = _("calendar exceptions")


def attachment_path(instance: "Attachment", filename: str) -> str:
    """Return the private path of an attachment: by month, under its own unguessable reference."""
    suffix = filename.rsplit(".", 1)[-1].lower() if "." in filename else "bin"
    return f"{timezone.now():%Y/%m}/{instance.reference}.{suffix}"


def attachment_reference() -> str:
    """Return an unguessable public reference of an attachment."""
    return secrets.token_urlsafe(18)


class Attachment(models.Model):
    """One accepted file. It belongs to a subject (`subject_type`, `subject_id`) or, before submit, to whoever uploaded it."""

    class Kind(models.TextChoices):
        IMAGE = "image", _("picture")
        PDF = "pdf", _("PDF")
        VIDEO = "video", _("video")

    reference = models.CharField(max_length=40, unique=True, default=attachment_reference)
    file = models.FileField(upload_to=attachment_path, storage=storages["private"], max_length=200)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    content_type = models.CharField(max_length=80)
    original_name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    visitor_key = models.CharField(max_length=64, blank=True)
    subject_type = models.CharField(max_length=80, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    internal = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="attachment_subject")]
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.original_name


class OutboundMessage(models.Model):
    """One mail or SMS that we owe somebody: written with the change, sent by a task, kept with its fate."""

    class Channel(models.TextChoices):
        MAIL = "mail", _("e-mail")
        SMS = "sms", _("SMS")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = models.CharField(max_length=254)
    language = models.CharField(max_length=10)
    template = models.CharField(max_length=120)
    subject = models.CharField(max_length=255, blank=True)
    body = models.TextField()
    html = models.TextField(blank=True)
    subject_type = models.CharField(max_length=80, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    sensitive = models.BooleanField(default=False, help_text=_("Codes and links that open something: the text is forgotten once sent."))
    expires_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    provider_reference = models.CharField(max_length=120, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="outbound_subject")]
        verbose_name = _("outbound message")
        verbose_name_plural = _("outbound messages")

    def __str__(self) -> str:
        return f"{self.channel} {self.template} {self.state}"


@register_setting(icon="site")
class BrandSettings(BaseSiteSetting):
    """The maker's name, colours, hotline, hours and legal lines, edited in the back office."""

    name_zh_hans = models.CharField(_("maker (Chinese)"), max_length=60, default="Hearth")
    name_en = models.CharField(_("maker (English)"), max_length=60, default="Hearth")
    service_name_zh_hans = models.CharField(_("name of the service (Chinese)"), max_length=60, default="Hearth 服务")
    service_name_en = models.CharField(_("name of the service (English)"), max_length=60, default="Hearth Service")
    hotline = models.CharField(_("hotline"), max_length=40, blank=True)
    hours_zh_hans = models.CharField(_("hours (Chinese)"), max_length=120, blank=True)
    hours_en = models.CharField(_("hours (English)"), max_length=120, blank=True)
    email = models.EmailField(_("service e-mail"), blank=True)
    brand_colour = models.CharField(
        _("brand colour"), max_length=7, default="#0B6E69", validators=[RegexValidator(r"^#[0-9A-Fa-f]{6}$", _("Write it as #RRGGBB."))]
    )
    logo = models.ForeignKey(HearthImage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("logo"))
    company_zh_hans = models.CharField(_("company (Chinese)"), max_length=120, blank=True)
    company_en = models.CharField(_("company (English)"), max_length=120, blank=True)
    icp_number = models.CharField(_("ICP filing number"), max_length=60, blank=True)
    police_number = models.CharField(_("public security filing number"), max_length=60, blank=True)
    address_zh_hans = models.CharField(_("address (Chinese)"), max_length=200, blank=True)
    address_en = models.CharField(_("address (English)"), max_length=200, blank=True)
    privacy_zh_hans = models.TextField(_("privacy text (Chinese)"), blank=True)
    privacy_en = models.TextField(_("privacy text (English)"), blank=True)
    privacy_version = models.CharField(_("version of the privacy text"), max_length=20, default="1")
    calendar = models.ForeignKey(
        BusinessCalendar, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("service calendar")
    )

    panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("name_zh_hans"), FieldPanel("name_en")]),
                FieldRowPanel([FieldPanel("service_name_zh_hans"), FieldPanel("service_name_en")]),
                FieldPanel("logo"),
                FieldPanel("brand_colour"),
            ],
            heading=_("Brand"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("hotline"),
                FieldRowPanel([FieldPanel("hours_zh_hans"), FieldPanel("hours_en")]),
                FieldPanel("email"),
                FieldPanel("calendar"),
            ],
            heading=_("Contact"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("company_zh_hans"), FieldPanel("company_en")]),
                FieldRowPanel([FieldPanel("address_zh_hans"), FieldPanel("address_en")]),
                FieldRowPanel([FieldPanel("icp_number"), FieldPanel("police_number")]),
                FieldPanel("privacy_zh_hans"),
                FieldPanel("privacy_en"),
                FieldPanel("privacy_version"),
            ],
            heading=_("Legal"),
        ),
    ]

    class Meta:
        verbose_name = _("brand and contact")

    def clean(self) -> None:
        """Refuse a brand colour that white text cannot be read on (WCAG 2.2, 1.4.3: 4.5 to 1)."""
        super().clean()
        if self.brand_colour and contrast_on_white(self.brand_colour) < 4.5:
            raise ValidationError({"brand_colour": _("White text on this colour is hard to read: choose a darker one (4.5 to 1 or more).")})

    def __getattr__(self, item: str) -> Any:
        if item in {"name", "service_name", "hours", "company", "address", "privacy"}:
            return bilingual(self, item)
        raise AttributeError(item)


class ImportRun(models.Model):
    """One file that somebody wants to import: judged, confirmed, written. The file goes when the run is over."""

    class State(models.TextChoices):
        CHECKED = "checked", pgettext_lazy("import", "looked through")
        QUEUED = "queued", pgettext_lazy("import", "being written")
        DONE = "done", pgettext_lazy("import", "done")
        FAILED = "failed", pgettext_lazy("import", "not written")
        CANCELLED = "cancelled", pgettext_lazy("import", "cancelled")

    kind = models.CharField(max_length=40)
    file = models.FileField(upload_to="imports/%Y/%m", storage=storages["private"], max_length=200, blank=True)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKED)
    only_right = models.BooleanField(default=False)
    # create, change, same, wrong → how many lines.
    counts = models.JSONField(default=dict)
    # The first lines of each verb: {line, file, verb, label, changes, problems: [[line, column, words]]}.
    report = models.JSONField(default=list)
    error = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.name
