"""The pages of guided diagnosis: the list of one language, and one tree of questions for a symptom."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page, Revision
from wagtail_localize.fields import SynchronizedField

from diagnosis.blocks import DiagnosisOutline
from diagnosis.checks import refuse_broken
from diagnosis.drawing import preview_of
from diagnosis.models.page_form import DiagnosisPageForm
from diagnosis.outline import tree_of
from diagnosis.panels import GraphPanel
from diagnosis.tree import DANGER
from kb.blocks import TEXT_FEATURES
from kb.models import GuidePage
from kb.models.pages import AsciiSlugMixin
from kb.models.workflow import ListOfReviewedPermissions, ReviewedPage

INDEX_SLUG = "diagnose"
RUN_SLUG = "run"  # the addresses of runs stand beside those of the pages


class DiagnosisIndexPage(AsciiSlugMixin, Page):
    """The list of all diagnoses of one language; the portal answers its address itself, so the address never changes."""

    intro = models.CharField(_("introduction"), max_length=200, blank=True)
    parent_page_types = ["kb.HomePage"]
    subpage_types = ["diagnosis.DiagnosisPage"]
    content_panels = [*Page.content_panels, FieldPanel("intro")]
    override_translatable_fields = [SynchronizedField("slug")]
    preview_modes: list[tuple[str, Any]] = []

    class Meta:
        verbose_name = _("list of diagnoses")

    def permissions_for_user(self, user: Any) -> ListOfReviewedPermissions:
        """Return what `user` may do with the list and below it."""
        return ListOfReviewedPermissions(user, self)

    def clean(self) -> None:
        """Refuse every address but the one the portal answers."""
        super().clean()
        if self.slug and self.slug != INDEX_SLUG:
            raise ValidationError({"slug": _("The address of this list is always “diagnose”.")})


class DiagnosisPage(ReviewedPage, AsciiSlugMixin, Page):
    """One symptom with the questions that find its cause, in one language."""

    Significance = GuidePage.Significance

    summary = models.CharField(_("summary"), max_length=240, help_text=_("One or two sentences; shown in results."))
    safety = RichTextField(_("before you begin"), features=TEXT_FEATURES, blank=True, help_text=_("Shown before the first question."))
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    outline = StreamField(DiagnosisOutline(), verbose_name=_("questions and outcomes"), blank=True)
    families = ParentalManyToManyField("products.ProductFamily", blank=True, related_name="diagnoses", verbose_name=_("families"))
    product_models = ParentalManyToManyField(
        "products.ProductModel", blank=True, related_name="diagnoses", verbose_name=_("only these models")
    )
    error_codes = ParentalManyToManyField("products.ErrorCode", blank=True, related_name="diagnoses", verbose_name=_("error codes"))
    keywords = models.TextField(_("how customers say it"), blank=True, help_text=_("One phrase a line; found by search, not shown."))
    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("picture")
    )
    reviewed_on = models.DateField(_("last reviewed"), null=True, blank=True)
    review_due_on = models.DateField(_("review due"), null=True, blank=True)
    significance = models.CharField(
        _("this change is"), max_length=8, choices=GuidePage.Significance.choices, default=GuidePage.Significance.MINOR
    )
    popularity = models.PositiveIntegerField(default=0, editable=False)
    source_changed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Set on a translation when its source has changed.")
    )
    source_change = models.CharField(max_length=8, choices=GuidePage.Significance.choices, blank=True, editable=False)

    parent_page_types = ["diagnosis.DiagnosisIndexPage"]
    subpage_types: list[str] = []
    content_panels = [
        TitleFieldPanel("title", heading=_("symptom, as customers say it")),
        FieldPanel("summary"),
        FieldRowPanel([FieldPanel("minutes"), FieldPanel("picture")]),
        FieldPanel("safety"),
        GraphPanel(heading=_("Graph and checks"), icon="site"),
        FieldPanel("outline"),
        MultiFieldPanel(
            [
                FieldPanel("families", widget=forms.CheckboxSelectMultiple),
                FieldPanel("product_models"),
                FieldPanel("error_codes"),
                FieldPanel("keywords"),
            ],
            heading=_("Applies to"),
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("reviewed_on"), FieldPanel("review_due_on")]), FieldPanel("significance")], heading=_("Review")
        ),
    ]
    base_form_class = DiagnosisPageForm
    override_translatable_fields = [SynchronizedField("slug"), SynchronizedField("significance")]

    class Meta:
        verbose_name = _("diagnosis")
        verbose_name_plural = _("diagnoses")

    def clean(self) -> None:
        """Refuse the address that runs have."""
        super().clean()
        if self.slug == RUN_SLUG:
            raise ValidationError({"slug": _("This address is taken. Choose another one.")})

    def with_content_json(self, content: dict[str, Any]) -> "DiagnosisPage":
        """Return a revision's content with what is not content as it is now."""
        restored = super().with_content_json(content)
        for name in ("popularity", "source_changed_at", "source_change"):
            setattr(restored, name, getattr(self, name))
        return restored

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """The drafts as readers get them, all questions below each other, or with the graph above."""
        return [("reader", _("As customers see it")), ("graph", _("With the graph"))]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show the draft on one page; a run shows one question at a time and needs a published version."""
        request.is_preview = True  # type: ignore[attr-defined]
        return render(request, "diagnosis/preview.html", {"page": self, **preview_of(self, graph=mode_name == "graph")})

    def needs_safety_review(self) -> bool:
        """Tell whether somebody has to look at the dangers: a danger as an outcome, a warning anywhere, or a major change."""
        if self.significance == GuidePage.Significance.MAJOR or self._warns():
            return True
        published = type(self).objects.filter(pk=self.pk, live=True).first()  # a warning that is taken out
        return published is not None and published._warns()

    def _warns(self) -> bool:
        return bool(self.safety.strip()) or any(node.outcome == DANGER or node.safety for node in tree_of(self.outline).nodes.values())

    def publish(self, revision: Revision, user: Any = None, *args: Any, **kwargs: Any) -> None:
        """Publish a revision. Raises Conflict (`broken_diagnosis`), whichever way it was asked for, when it would lead people nowhere.

        What was approved and waits for its time is not refused any more: it was sound then, and the run itself copes with a guide that
        has been taken down since.
        """
        if revision.approved_go_live_at is None:
            refuse_broken(revision.as_object())
        return super().publish(revision, user, *args, **kwargs)
