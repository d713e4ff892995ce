"""The ticket: one record for every channel, its public thread and its internal notes."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.secrets import new_secret


class Ticket(models.Model):
    """One request of a customer from first word to confirmed end."""

    class Status(models.TextChoices):
        NEW = "new", pgettext_lazy("ticket status", "new")
        OPEN = "open", pgettext_lazy("ticket status", "open")
        PENDING = "pending", pgettext_lazy("ticket status", "waiting for customer")
        ON_HOLD = "on_hold", pgettext_lazy("ticket status", "on hold")
        RESOLVED = "resolved", pgettext_lazy("ticket status", "resolved")
        CLOSED = "closed", pgettext_lazy("ticket status", "closed")

    class Kind(models.TextChoices):
        QUESTION = "question", pgettext_lazy("ticket kind", "question")
        FAULT = "fault", pgettext_lazy("ticket kind", "fault")
        SERVICE_REQUEST = "service", pgettext_lazy("ticket kind", "service request")
        COMPLAINT = "complaint", pgettext_lazy("ticket kind", "complaint")

    class Channel(models.TextChoices):
        WEB = "web", pgettext_lazy("channel", "web")
        PHONE = "phone", pgettext_lazy("channel", "phone")
        CHAT = "chat", pgettext_lazy("channel", "chat")
        MAIL = "mail", pgettext_lazy("channel", "e-mail")
        IMPORT = "import", pgettext_lazy("channel", "import")

    class Level(models.IntegerChoices):
        HIGH = 1, pgettext_lazy("level", "high")
        MEDIUM = 2, pgettext_lazy("level", "medium")
        LOW = 3, pgettext_lazy("level", "low")

    reference = models.CharField(max_length=24, unique=True)
    secret = models.CharField(max_length=40, default=new_secret)
    contact = models.ForeignKey("accounts.Contact", on_delete=models.PROTECT, related_name="tickets", verbose_name=_("customer"))
    language = models.CharField(max_length=10, default="zh-hans")
    subject = models.CharField(_("subject"), max_length=160)
    description = models.TextField(_("description"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.QUESTION)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices, default=Channel.WEB)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.NEW)
    impact = models.PositiveSmallIntegerField(_("impact"), choices=Level.choices, default=Level.MEDIUM)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Level.choices, default=Level.MEDIUM)
    priority = models.ForeignKey("tickets.Priority", on_delete=models.PROTECT, related_name="+", verbose_name=_("priority"))
    queue = models.ForeignKey("tickets.Queue", on_delete=models.PROTECT, related_name="tickets", verbose_name=_("queue"))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="assigned_tickets",
        verbose_name=_("assignee"),
    )
    family = models.ForeignKey(
        "products.ProductFamily", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("family")
    )
    model = models.ForeignKey(
        "products.ProductModel", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("model")
    )
    unit = models.ForeignKey(
        "products.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="tickets", verbose_name=_("unit")
    )
    product_text = models.CharField(_("product as typed"), max_length=80, blank=True)
    serial_text = models.CharField(_("serial number as typed"), max_length=40, blank=True)
    problem = models.ForeignKey(
        "products.ProblemNode", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("problem")
    )
    help_session = models.ForeignKey("kb.HelpSession", null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    joined_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="joined")
    submit_key = models.CharField(max_length=40, blank=True, help_text=_("Key of the form; the same key twice is one ticket."))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    first_responded_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True, help_text=_("Since when the customer waits for an answer."))
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    due_at = models.DateTimeField(null=True, blank=True, db_index=True, help_text=_("The nearest target that is not met and not paused."))

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["status", "queue"], name="ticket_status_queue"),
            models.Index(fields=["assignee", "status"], name="ticket_assignee"),
            models.Index(fields=["contact", "-created_at"], name="ticket_contact"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["submit_key"], condition=~models.Q(submit_key=""), name="one_ticket_a_form"),
        ]
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        permissions = [
            ("work_desk", _("Can work at the desk")),
            ("supervise_desk", _("Can supervise the desk")),
            ("work_second_line", _("Can take functional escalations")),
        ]

    def __str__(self) -> str:
        return self.reference


class TicketMessage(models.Model):
    """One entry of the public thread; `seq` is dense per ticket."""

    class Author(models.TextChoices):
        CUSTOMER = "customer", pgettext_lazy("author", "customer")
        AGENT = "agent", pgettext_lazy("author", "agent")
        SYSTEM = "system", pgettext_lazy("author", "system")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    author_kind = models.CharField(max_length=8, choices=Author.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=80, blank=True)
    body = models.TextField()
    articles = models.JSONField(default=list, blank=True, help_text=_("Inserted articles: list of {key, title, url}."))
    client_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "seq"], name="dense_seq_a_ticket"),
            models.UniqueConstraint(fields=["ticket", "client_key"], condition=~models.Q(client_key=""), name="one_message_a_client_key"),
        ]
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def __str__(self) -> str:
        return f"{self.ticket_id}#{self.seq}"


class TicketNote(models.Model):
    """A note among colleagues: its own table, so that it can never be sent."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")

    def __str__(self) -> str:
        return f"{self.ticket_id} note {self.pk}"
