"""Tables of live chat: conversations, their messages and notes, receipts; agents' skills and presence; offers and decisions.

What is said stands in `ChatMessage` with a dense number a conversation; internal notes have a table and numbers of their own, so
that a visitor sees no gaps. Presence and offers are rows too: any web process can decide, and a restart forgets nobody.
"""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


def conversation_key() -> str:
    """Return an unguessable public key of a conversation; it stands in its addresses."""
    return secrets.token_urlsafe(16)


def resume_secret() -> str:
    """Return the secret of the link that continues a conversation on another device."""
    return secrets.token_urlsafe(24)


@register_setting(icon="comment")
class ChatSettings(BaseSiteSetting):
    """How live chat behaves; every figure is an administrator's."""

    is_open = models.BooleanField(_("live chat is offered"), default=True)
    accept_seconds = models.PositiveSmallIntegerField(
        _("seconds to accept"), default=45, help_text=_("An offer that is not accepted goes to the next agent.")
    )
    lost_seconds = models.PositiveSmallIntegerField(
        _("seconds until an agent counts as gone"), default=30, help_text=_("After so long without a connection their chats wait again.")
    )
    most_waiting = models.PositiveSmallIntegerField(
        _("longest queue"), default=20, help_text=_("With so many waiting, the form leaves a message instead.")
    )
    most_open = models.PositiveSmallIntegerField(_("open chats per visitor"), default=2)
    default_capacity = models.PositiveSmallIntegerField(_("chats an agent takes at once"), default=3)
    minutes_per_chat = models.PositiveSmallIntegerField(
        _("minutes a chat takes"), default=8, help_text=_("Used for the estimate until today's chats tell better.")
    )
    idle_minutes = models.PositiveSmallIntegerField(
        _("end a silent chat after minutes"), default=60, help_text=_("Nobody has written for so long.")
    )

    panels = [
        FieldPanel("is_open"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("accept_seconds"), FieldPanel("lost_seconds")]), FieldPanel("default_capacity")],
            heading=_("Agents"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("most_waiting"), FieldPanel("most_open")]),
                FieldRowPanel([FieldPanel("minutes_per_chat"), FieldPanel("idle_minutes")]),
            ],
            heading=pgettext_lazy("chat", "Visitors"),
        ),
    ]

    class Meta:
        verbose_name = _("live chat")


class Conversation(models.Model):
    """One chat of a visitor. It makes a ticket only when unresolved, out of hours, or by the agent's hand."""

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("chat", "waiting")
        ACTIVE = "active", pgettext_lazy("chat", "in conversation")
        ENDED = "ended", pgettext_lazy("chat", "ended")

    class EndedBy(models.TextChoices):
        VISITOR = "visitor", _("visitor")
        AGENT = "agent", _("agent")
        SYSTEM = "system", _("system")

    class Solved(models.TextChoices):
        UNKNOWN = "unknown", _("not said")
        YES = "yes", _("solved")
        NO = "no", _("not solved")

    key = models.CharField(max_length=32, unique=True, default=conversation_key)
    reference = models.CharField(max_length=24, unique=True)
    secret = models.CharField(max_length=48, default=resume_secret)
    submit_key = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    # Who writes: a member's contact, a guest who left an address, or only a browser.
    contact = models.ForeignKey("accounts.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations")
    visitor_key = models.CharField(max_length=64, blank=True, db_index=True)
    visitor_name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    # About what.
    question = models.CharField(max_length=500, blank=True)
    family = models.ForeignKey("products.ProductFamily", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    model = models.ForeignKey("products.ProductModel", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    unit = models.ForeignKey("products.Unit", null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations")
    product_text = models.CharField(max_length=80, blank=True)
    page_url = models.CharField(max_length=300, blank=True)
    help_session = models.ForeignKey("kb.HelpSession", null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations")
    ticket = models.ForeignKey("tickets.Ticket", null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations")
    # Where it waits and who has it. `queue` narrows the agents to a team; `wanted_agent` to one person (a transfer).
    queue = models.ForeignKey("tickets.Queue", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    wanted_agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations")
    queued_at = models.DateTimeField(default=timezone.now, help_text="Order of the queue; a chat that comes back keeps its first time.")
    # Numbers given out so far: `last_seq` to messages, `last_note_seq` to notes. Only changed under the row's lock.
    last_seq = models.PositiveIntegerField(default=0)
    last_note_seq = models.PositiveIntegerField(default=0)
    last_message_at = models.DateTimeField(null=True, blank=True)
    visitor_seen_at = models.DateTimeField(null=True, blank=True)
    # How it ended.
    created_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=8, choices=EndedBy.choices, blank=True)
    solved = models.CharField(max_length=8, choices=Solved.choices, default=Solved.UNKNOWN)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    rating_comment = models.CharField(max_length=500, blank=True)
    rated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["status", "queued_at"], name="chat_queue"),
            models.Index(fields=["agent", "status"], name="chat_agent"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["submit_key"], condition=~Q(submit_key=""), name="chat_once_a_form"),
            models.CheckConstraint(condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="chat_rating_1_to_5"),
            models.CheckConstraint(condition=~Q(status="active") | Q(agent__isnull=False), name="chat_active_has_agent"),
        ]
        permissions = [("work_chat", _("Can answer live chats")), ("supervise_chat", _("Can listen to live chats and move them"))]
        verbose_name = pgettext_lazy("chat", "conversation")
        verbose_name_plural = pgettext_lazy("chat", "conversations")

    def __str__(self) -> str:
        return self.reference


class ChatMessage(models.Model):
    """One message: written before anything is pushed, numbered without gaps, once per `client_id`."""

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        FILE = "file", _("file")
        ARTICLE = "article", _("article")
        SYSTEM = "system", _("system")

    class Sender(models.TextChoices):
        VISITOR = "visitor", _("visitor")
        AGENT = "agent", _("agent")
        SYSTEM = "system", _("system")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    client_id = models.UUIDField(default=uuid.uuid4)
    sender = models.CharField(max_length=8, choices=Sender.choices)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sender_name = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TEXT)
    text = models.TextField(blank=True)
    # file: {reference, name, size, content_type, width, height}; article: {title, url, summary, key}; system: {event, …}.
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["conversation_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="chat_seq_once"),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="chat_client_id_once"),
        ]
        verbose_name = _("chat message")
        verbose_name_plural = _("chat messages")

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.seq}"


class ChatNote(models.Model):
    """An internal note beside a conversation: staff only, numbered for itself."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    seq = models.PositiveIntegerField()
    client_id = models.UUIDField(default=uuid.uuid4)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["conversation_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="chat_note_seq_once"),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="chat_note_client_id_once"),
        ]
        verbose_name = _("chat note")
        verbose_name_plural = _("chat notes")

    def __str__(self) -> str:
        return f"{self.conversation_id}/n{self.seq}"


class ChatReceipt(models.Model):
    """How far one side has received and read; only ever moves forward."""

    class Party(models.TextChoices):
        VISITOR = "visitor", _("visitor")
        AGENT = "agent", _("agent")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="receipts")
    party = models.CharField(max_length=8, choices=Party.choices)
    delivered_upto = models.PositiveIntegerField(default=0)
    read_upto = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "party"], name="chat_receipt_once")]
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.party}"


class AgentProfile(models.Model):
    """What an agent can take: languages, families (none means all), how many at once; and whether they take any now."""

    class State(models.TextChoices):
        AVAILABLE = "available", pgettext_lazy("agent", "available")
        AWAY = "away", pgettext_lazy("agent", "away")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_profile", verbose_name=_("agent"))
    languages = models.JSONField(_("languages"), default=list, blank=True, help_text=_("Codes such as zh-hans and en; empty means all."))
    families = models.ManyToManyField("products.ProductFamily", blank=True, related_name="+", verbose_name=_("product families"))
    capacity = models.PositiveSmallIntegerField(_("chats at once"), null=True, blank=True, help_text=_("Empty: as in the settings."))
    state = models.CharField(max_length=10, choices=State.choices, default=State.AWAY)
    away_reason = models.CharField(max_length=80, blank=True)
    state_at = models.DateTimeField(default=timezone.now)
    # The order among equals: who was given a chat longest ago comes first.
    last_offered_at = models.DateTimeField(null=True, blank=True)
    # When any of their consoles was heard of last; outlives the connection's own row.
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("chat agent")
        verbose_name_plural = _("chat agents")

    def __str__(self) -> str:
        return str(self.user)


class AgentSocket(models.Model):
    """One open console of an agent; refreshed while it lives, so that any process knows who is really there."""

    channel = models.CharField(max_length=120, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_sockets")
    opened_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)
    # What the console shows just now, so that colleagues see who else is there.
    conversation = models.ForeignKey(Conversation, null=True, blank=True, on_delete=models.SET_NULL, related_name="viewers")
    is_writing = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("agent's connection")
        verbose_name_plural = _("agents' connections")

    def __str__(self) -> str:
        return f"{self.user_id} {self.channel}"


class ChatOffer(models.Model):
    """One waiting conversation laid before one agent, with an end. At most one pending offer a conversation."""

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("offer", "waiting for an answer")
        ACCEPTED = "accepted", pgettext_lazy("offer", "accepted")
        DECLINED = "declined", pgettext_lazy("offer", "declined")
        EXPIRED = "expired", pgettext_lazy("offer", "not answered in time")
        WITHDRAWN = "withdrawn", pgettext_lazy("offer", "withdrawn")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="offers")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_offers")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    offered_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    # A transfer: who hands the chat over, with a word to the colleague; it stays theirs until the offer is accepted.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-offered_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["conversation"], condition=Q(state="pending"), name="chat_one_pending_offer"),
        ]
        indexes = [models.Index(fields=["agent", "state"], name="chat_offer_agent")]
        verbose_name = _("offer")
        verbose_name_plural = _("offers")

    def __str__(self) -> str:
        return f"{self.conversation_id} → {self.agent_id} ({self.state})"


class RoutingDecision(models.Model):
    """Why a conversation went to whom, or to nobody: every candidate with the reason. Never changed."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="decisions")
    at = models.DateTimeField(default=timezone.now)
    trigger = models.CharField(max_length=24)
    chosen = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # {"candidates": [{"agent", "name", "fit", "load", "capacity", "reasons": [codes]}], "why": code}
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("routing decision")
        verbose_name_plural = _("routing decisions")

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.trigger}"
