"""Reports of the CMS: pages readers found unhelpful (with their reasons), and translations whose source has changed."""

from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.reports import ReportView
from wagtail.admin.views.reports.base import PageReportView
from wagtail.admin.widgets import AdminDateInput

from core.tables import safe_cell
from kb.models import ArticleVote, GuidePage
from kb.permissions import can_see_work_lists
from kb.translations import stale_translations
from products.models import ProductFamily


class VoteFilterSet(WagtailFilterSet):
    """Filters of the votes."""

    reason = django_filters.ChoiceFilter(label=_("Reason"), choices=ArticleVote.Reason.choices)
    language = django_filters.ChoiceFilter(label=_("Language"), choices=[("zh-hans", "简体中文"), ("en", "English")])
    family = django_filters.ModelChoiceFilter(label=_("Product family"), queryset=ProductFamily.objects.all(), field_name="page__families")
    since = django_filters.DateFilter(label=_("Since"), field_name="created_at", lookup_expr="date__gte", widget=AdminDateInput)
    open_only = django_filters.BooleanFilter(label=_("Not settled"), field_name="handled_at", lookup_expr="isnull")

    class Meta:
        model = ArticleVote
        fields = ["reason", "language", "family", "since", "open_only"]


class GuardedReport:
    """A report for people who write or review guides."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse everybody else."""
        if not can_see_work_lists(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        """Let nothing that a visitor typed run as a formula when the file is opened."""
        return safe_cell(super().preprocess_field_value(field, value, export_format))  # type: ignore[misc]


class UnhelpfulView(GuardedReport, ReportView):
    """Every “no” with its reason, comment and the search that led there."""

    page_title = _("Unhelpful pages")
    header_icon = "warning"
    model = ArticleVote
    filterset_class = VoteFilterSet
    index_url_name = "kb_unhelpful"
    index_results_url_name = "kb_unhelpful_results"
    results_template_name = "kb/cms/unhelpful_results.html"
    default_ordering = "-created_at"
    is_searchable = False
    export_filename = "unhelpful-pages"
    list_export = ["created_at", "title", "language", "get_reason_display", "comment", "query", "referrer", "handled_at"]
    export_headings = {
        "created_at": _("Time"),
        "title": _("Page"),
        "language": _("Language"),
        "get_reason_display": _("Reason"),
        "comment": _("Comment"),
        "query": _("Searched for"),
        "referrer": _("Came from"),
        "handled_at": _("Settled"),
    }
    columns = [
        Column("title", label=_("Page")),
        Column("reason", label=_("Reason"), accessor="get_reason_display"),
        Column("comment", label=_("Comment")),
        Column("query", label=_("Searched for")),
        DateColumn("created_at", label=_("Time")),
    ]

    def get_queryset(self) -> Any:
        """Return the “no” votes, newest first."""
        self.queryset = ArticleVote.objects.filter(helpful=False).select_related("page", "page__locale").order_by("-created_at")
        return self.queryset


class StaleView(GuardedReport, PageReportView):
    """Language versions that no longer match their source."""

    page_title = _("Stale translations")
    header_icon = "wagtail-localize-language"
    index_url_name = "kb_stale"
    index_results_url_name = "kb_stale_results"
    results_template_name = "kb/cms/stale_results.html"
    model = GuidePage
    is_searchable = False
    export_filename = "stale-translations"
    list_export = ["title", "locale", "source_changed_at", "get_source_change_display"]
    export_headings = {
        "title": _("Page"),
        "locale": _("Language"),
        "source_changed_at": _("Source changed"),
        "get_source_change_display": _("Kind of change"),
    }

    def get_queryset(self) -> Any:
        """Return the flagged pages, the oldest change first."""
        self.queryset = stale_translations()
        return self.queryset
