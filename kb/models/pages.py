"""Pages of the knowledge base and the safety notes that many of them share."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import DraftStateMixin, Page, RevisionMixin, TranslatableMixin, WorkflowMixin
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from kb.blocks import TEXT_FEATURES, GuideBody
from kb.condition_blocks import check_serials, check_version
from kb.conditional import conditions_of
from kb.models.page_form import GuidePageForm
from kb.models.previews import ChecksPanel, GuidePreviews
from kb.models.workflow import ListOfReviewedPermissions, ReviewedContent, ReviewedPage
from kb.slugs import is_ascii_slug, reserved_slugs, slug_from

# What a page's row knows by itself; an older draft does not bring old values back.
KEPT = ("popularity", "source_changed_at", "source_change", "reviewed_on", "review_due_on", "changed_on", "changed_note")

WARNING_KINDS = frozenset({"warning", "safety", "stop"})


class AsciiSlugMixin:
    """Pages whose address is ASCII (Chinese would be percent-encoded in every link) and made from the title by pinyin where empty."""

    def slug_of_title(self, *, parent: Page | None = None) -> str:
        """Return a free address made from the title; `page` where the title gives none."""
        base = slug_from(self.title) or "page"
        siblings = parent.get_children() if parent else (self.get_siblings() if self.path else Page.objects.none())
        taken = set(siblings.exclude(pk=self.pk).filter(slug__startswith=base).values_list("slug", flat=True))
        return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)

    def _set_core_field_defaults(self) -> None:
        if not self.slug and self.path and self.title:
            self.slug = self.slug_of_title()
        super()._set_core_field_defaults()

    def clean(self) -> None:
        """Refuse an address that is not ASCII."""
        super().clean()
        if self.slug and not is_ascii_slug(self.slug):
            raise ValidationError({"slug": _("Use small letters, digits and dashes.")})


class HomePage(Page):
    """The root of one language; the address itself is answered by the portal's home view."""

    subpage_types = ["kb.GuideIndexPage", "diagnosis.DiagnosisIndexPage"]
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("home")


class GuideIndexPage(AsciiSlugMixin, Page):
    """The list of all guides of one language."""

    intro = models.CharField(_("introduction"), max_length=200, blank=True)
    parent_page_types = ["kb.HomePage"]
    subpage_types = ["kb.GuidePage"]
    content_panels = [*Page.content_panels, FieldPanel("intro")]
    template = "kb/guide_index_page.html"

    class Meta:
        verbose_name = _("list of guides")

    def permissions_for_user(self, user: Any) -> ListOfReviewedPermissions:
        """Return what `user` may do with the list and below it."""
        return ListOfReviewedPermissions(user, self)

    def clean(self) -> None:
        """Refuse an address that the portal itself answers: the page would never be seen."""
        super().clean()
        if self.slug in reserved_slugs():
            raise ValidationError({"slug": _("The portal uses this address itself. Choose another one.")})


class GuidePage(GuidePreviews, ReviewedPage, AsciiSlugMixin, Page):
    """A guide, how-to, manual, video or collection of questions in one language."""

    class Kind(models.TextChoices):
        GUIDE = "guide", _("fix it yourself")
        HOW_TO = "how_to", _("how to")
        FAQ = "faq", _("questions and answers")
        MANUAL = "manual", _("manual")
        VIDEO = "video", _("video")

    class Difficulty(models.TextChoices):
        EASY = "easy", _("easy")
        MEDIUM = "medium", _("takes some care")
        HARD = "hard", _("for the skilled")

    class Significance(models.TextChoices):
        TYPO = "typo", _("typo: translations stay current")
        MINOR = "minor", _("minor: translators are told")
        MAJOR = "major", _("major: readers of a translation are told")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.GUIDE)
    summary = models.CharField(_("summary"), max_length=240, help_text=_("One or two sentences; shown in results."))
    body = StreamField(GuideBody(), verbose_name=_("content"), blank=True)
    families = ParentalManyToManyField("products.ProductFamily", blank=True, related_name="guides", verbose_name=_("families"))
    product_models = ParentalManyToManyField(
        "products.ProductModel", blank=True, related_name="guides", verbose_name=_("only these models")
    )
    error_codes = ParentalManyToManyField("products.ErrorCode", blank=True, related_name="guides", verbose_name=_("error codes"))
    keywords = models.TextField(_("how customers say it"), blank=True, help_text=_("One phrase a line; found by search, not shown."))
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    difficulty = models.CharField(_("difficulty"), max_length=8, choices=Difficulty.choices, blank=True)
    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("picture")
    )
    markets = ParentalManyToManyField("products.Market", blank=True, related_name="guides", verbose_name=_("only in these markets"))
    serials = models.TextField(
        _("serial numbers"), blank=True, validators=[check_serials], help_text=_("One range a line: HY2401 – HY2406. Empty: all.")
    )
    software_from = models.CharField(_("software from"), max_length=30, blank=True, validators=[check_version])
    software_to = models.CharField(
        _("software up to"), max_length=30, blank=True, validators=[check_version], help_text=_("4.2 covers 4.2.9 as well.")
    )
    is_conditional = models.BooleanField(
        default=False, editable=False, help_text=_("Whether what is shown depends on the reader's machine; kept by saving.")
    )
    reviewed_on = models.DateField(_("last reviewed"), null=True, blank=True)
    review_due_on = models.DateField(_("review due"), null=True, blank=True)
    significance = models.CharField(_("this change is"), max_length=8, choices=Significance.choices, default=Significance.MINOR)
    change_note = models.CharField(
        _("what has changed, for readers"),
        max_length=200,
        blank=True,
        help_text=_("One sentence, shown with the day; needed for a major change."),
    )
    changed_on = models.DateField(null=True, blank=True, editable=False, help_text=_("Day of the last major change."))
    changed_note = models.CharField(max_length=200, blank=True, editable=False)
    popularity = models.PositiveIntegerField(default=0, editable=False)
    source_changed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Set on a translation when its source has changed.")
    )
    source_change = models.CharField(max_length=8, choices=Significance.choices, blank=True, editable=False)

    parent_page_types = ["kb.GuideIndexPage"]
    subpage_types: list[str] = []
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("keywords"), index.FilterField("kind")]

    content_panels = [
        TitleFieldPanel("title"),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("minutes"), FieldPanel("difficulty")]),
        FieldPanel("summary"),
        FieldPanel("picture"),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("families", widget=forms.CheckboxSelectMultiple),
                FieldPanel("product_models"),
                FieldPanel("markets", widget=forms.CheckboxSelectMultiple),
                FieldRowPanel([FieldPanel("software_from"), FieldPanel("software_to")]),
                FieldPanel("serials", widget=forms.Textarea(attrs={"rows": 2})),
                FieldPanel("error_codes"),
                FieldPanel("keywords"),
            ],
            heading=_("Applies to"),
        ),
        MultiFieldPanel([FieldPanel("significance"), FieldPanel("change_note")], heading=_("This change")),
        ChecksPanel(heading=_("Before you hand it in")),
    ]
    template = "kb/guide_page.html"
    base_form_class = GuidePageForm
    # One address in both languages; what is about the machine is copied, what is read is translated.
    override_translatable_fields = [SynchronizedField(name) for name in ("slug", "significance", "serials", "software_from", "software_to")]

    class Meta:
        verbose_name = _("guide")
        verbose_name_plural = _("guides")
        permissions = [
            ("review_guide", _("Can review guides of others")),
            ("publish_urgently", _("Can publish announcements about safety before the safety review")),
        ]

    def with_content_json(self, content: dict[str, Any]) -> "GuidePage":
        """Return a revision's text with what is not text as it is now: how often it is read, when it was reviewed, what its source does."""
        restored = super().with_content_json(content)
        for name in KEPT:
            setattr(restored, name, getattr(self, name))
        return restored

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep whether the page asks about the reader's machine beside its text."""
        if kwargs.get("update_fields") is None:
            self.is_conditional = any(conditions_of(self))
        super().save(*args, **kwargs)

    def needs_safety_review(self) -> bool:
        """Tell whether the safety reviewers have to see the text: it warns of something, did so until now, or its change is major."""
        if self.significance == self.Significance.MAJOR or any(_warns(block) for block in self.body):
            return True
        published = type(self).objects.filter(pk=self.pk, live=True).first()  # a warning that is taken out
        return published is not None and any(_warns(block) for block in published.body)


def _warns(block: Any) -> bool:
    """Tell whether a block speaks of a danger."""
    if block.block_type == "steps":
        return any(step["warning"] for step in block.value["steps"])
    return block.block_type in WARNING_KINDS


class SafetyNote(ReviewedContent, WorkflowMixin, DraftStateMixin, RevisionMixin, TranslatableMixin, models.Model):
    """A safety text written once and shown in many guides."""

    title = models.CharField(_("title"), max_length=80)
    level = models.CharField(
        _("level"), max_length=8, choices=[("danger", _("danger")), ("warning", _("warning")), ("caution", _("caution"))], default="danger"
    )
    text = RichTextField(_("text"), features=TEXT_FEATURES)
    significance = models.CharField(
        _("this change is"), max_length=8, choices=GuidePage.Significance.choices, default=GuidePage.Significance.MINOR
    )
    source_changed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Set on a translation when its source has changed.")
    )
    source_change = models.CharField(max_length=8, choices=GuidePage.Significance.choices, blank=True, editable=False)

    TEXT = ("title", "level", "text")
    panels = [FieldPanel("title"), FieldPanel("level"), FieldPanel("text"), FieldPanel("significance")]
    override_translatable_fields = [SynchronizedField("level"), SynchronizedField("significance")]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("safety note")
        verbose_name_plural = _("safety notes")

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; what readers see changes by publishing only.

        The translators' tool writes a draft of a translation into the published row and takes the note down: the row stays as it was
        published, and the draft becomes a revision.
        """
        published = None
        if self.pk and kwargs.get("update_fields") is None:
            published = type(self).objects.filter(pk=self.pk, live=True).first()
        if published is None or published.live_revision_id != self.live_revision_id or not self._differs_from(published):
            super().save(*args, **kwargs)
            return
        drafted = {name: getattr(self, name) for name in self.TEXT}
        for name in self.TEXT:
            setattr(self, name, getattr(published, name))
        self.live = True
        super().save(*args, **kwargs)
        for name, value in drafted.items():
            setattr(self, name, value)

    def _differs_from(self, published: "SafetyNote") -> bool:
        """Tell whether the words differ, or the note would vanish without having been taken down (that forgets the live revision)."""
        if self.live_revision_id is not None and not self.live:
            return True
        return any(getattr(self, name) != getattr(published, name) for name in self.TEXT)

    def with_content_json(self, content: dict[str, Any]) -> "SafetyNote":
        """Return a revision's text; whether its source has changed is not text."""
        restored = super().with_content_json(content)
        restored.source_changed_at, restored.source_change = self.source_changed_at, self.source_change
        return restored

    def needs_safety_review(self) -> bool:
        """Tell that a safety note always passes the safety review."""
        return True
