"""Rows of the search app: what can be found, the editable dictionary, and what people asked for."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a document is; the order is the order of groups in suggestions."""

    CODE = "code", _("Error code")
    PRODUCT = "product", _("Product")
    GUIDE = "guide", _("Guide")
    FAQ = "faq", _("Question and answer")
    VIDEO = "video", _("Video")
    MANUAL = "manual", _("Manual")
    DIAGNOSIS = "diagnosis", _("Find the cause")
    ANNOUNCEMENT = "announcement", _("Announcement")


class Audience(models.TextChoices):
    """Who may find a document."""

    PUBLIC = "public", _("Everyone")
    STAFF = "staff", _("Staff only")


class SearchCounter(models.Model):
    """The one row that numbers every change of a document or of the dictionary.

    Writers take it inside their transaction, so versions become visible in order and an engine that has seen
    version *n* has seen everything up to *n*. A new ``epoch`` (restored or replaced database) makes engines rebuild.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    epoch = models.UUIDField(default=uuid.uuid4)
    value = models.BigIntegerField(default=0)
    dictionary = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("search counter")
        verbose_name_plural = _("search counters")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="search_counter_is_single")]

    def __str__(self) -> str:
        return f"{self.epoch}:{self.value}"


class SearchDocument(models.Model):
    """One findable thing in one language, as extracted when it was published; both engines are built from these rows."""

    key = models.CharField(max_length=120, unique=True)
    subject = models.CharField(max_length=120, db_index=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=500)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    keywords = models.TextField(blank=True)
    url = models.CharField(max_length=500)
    codes = models.JSONField(default=list, blank=True)
    families = models.JSONField(default=list, blank=True)
    extra = models.JSONField(default=dict, blank=True)
    pinyin = models.TextField(blank=True)
    initials = models.TextField(blank=True)
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.PUBLIC)
    popularity = models.FloatField(default=0)
    version = models.BigIntegerField(db_index=True)
    deleted = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)
    # Last, since the name hides the module below it.
    models = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")

    def __str__(self) -> str:
        return self.key


class SearchVector(models.Model):
    """What an encoder made of a document: only filled when one is configured, made again from the document at any time."""

    document = models.OneToOneField(SearchDocument, to_field="key", on_delete=models.CASCADE, related_name="vector", primary_key=True)
    encoder = models.CharField(max_length=40)
    stamp = models.CharField(max_length=32)
    data = models.BinaryField()

    class Meta:
        verbose_name = _("search vector")
        verbose_name_plural = _("search vectors")

    def __str__(self) -> str:
        return f"{self.document_id} ({self.encoder})"


class Synonym(models.Model):
    """Words that mean the same, in either language: ``洗衣机, washing machine, washer``."""

    terms = models.CharField(
        _("words"),
        max_length=500,
        help_text=_("Separate with commas. Each word finds all the others, in both languages."),
    )
    one_way = models.BooleanField(
        _("one way only"),
        default=False,
        help_text=_("Only the first word finds the others, not the reverse."),
    )
    active = models.BooleanField(_("in use"), default=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        ordering = ["terms"]

    def __str__(self) -> str:
        return self.terms


class StopWord(models.Model):
    """A word that is ignored in questions."""

    word = models.CharField(_("word"), max_length=60, unique=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("ignored word")
        verbose_name_plural = _("ignored words")
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word


class DomainWord(models.Model):
    """A word the maker's own field has, or a thing that the maker has nothing to do with."""

    class Role(models.TextChoices):
        """What the word says about a question."""

        OWN = "own", _("a word of ours: never taken for a slip of another one")
        FOREIGN = "foreign", _("not ours: a question about it is never answered as if sure")

    word = models.CharField(
        _("word"),
        max_length=60,
        unique=True,
        help_text=_("A name, a function, a material; or a thing that customers ask about although you neither sell nor service it."),
    )
    role = models.CharField(_("what it is"), max_length=10, choices=Role.choices, default=Role.OWN)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("word of the domain")
        verbose_name_plural = _("words of the domain")
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word


class PromotedResult(models.Model):
    """A document that is shown first when the question contains given words."""

    words = models.CharField(
        _("question contains"),
        max_length=300,
        help_text=_("Separate alternatives with commas; all words of one alternative must be in the question."),
    )
    document = models.ForeignKey(
        SearchDocument,
        verbose_name=_("result"),
        on_delete=models.CASCADE,
        related_name="promotions",
        limit_choices_to={"deleted": False},
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("promoted result")
        verbose_name_plural = _("promoted results")
        ordering = ["words"]

    def __str__(self) -> str:
        return f"{self.words} → {self.document.title}"


class SearchLog(models.Model):
    """One question asked on the results page, and what was opened from it.

    ``total`` is 0 when there was no sure answer, whatever was listed; ``shown`` is what was listed. ``clicked_key``,
    ``clicked_rank`` (its place in the list, from 1) and ``clicked_at`` are of the first result opened, ``clicks`` counts all.
    Narrowing by product or kind, the next page and the way back belong to the same search.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    query = models.CharField(max_length=200, db_index=True)
    language = models.CharField(max_length=10)
    total = models.PositiveIntegerField()
    engine = models.CharField(max_length=20)
    product = models.CharField(max_length=120, blank=True)
    shown = models.PositiveIntegerField(default=0)
    visitor_key = models.CharField(max_length=64, blank=True)
    took_ms = models.FloatField(default=0)
    clicked_key = models.CharField(max_length=120, blank=True)
    clicked_rank = models.PositiveSmallIntegerField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    clicks = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        ordering = ["-at"]
        indexes = [models.Index(fields=["total", "-at"], name="search_log_total_at")]

    def __str__(self) -> str:
        return self.query
