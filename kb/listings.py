"""The list of guides in the CMS: shows and filters language versions whose source has changed, and reviews that are due."""

from typing import Any

import django_filters
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.pages.listing import ExplorableIndexView, PageFilterSet
from wagtail.admin.viewsets.pages import PageViewSet

from kb.models import GuidePage
from products.models import ProductFamily


def _due(page: GuidePage) -> str:
    """The day itself: Wagtail's date columns say how long ago something was, and call every coming day “just now”."""
    return date_format(page.review_due_on, "SHORT_DATE_FORMAT") if page.review_due_on else ""


class GuideFilterSet(PageFilterSet):
    """Filters of the list of guides."""

    source_change = django_filters.ChoiceFilter(
        label=_("Source has changed"), choices=[("any", _("in any point")), ("major", _("in an important point"))], method="filter_changed"
    )
    families = django_filters.ModelChoiceFilter(label=_("Product family"), queryset=ProductFamily.objects.all())

    class Meta:
        model = GuidePage
        fields = ["source_change", "families"]

    def filter_changed(self, queryset: Any, name: str, value: str) -> Any:
        """Keep the versions whose source has changed, all or the important ones."""
        flagged = queryset.filter(source_changed_at__isnull=False)
        return flagged.filter(source_change=GuidePage.Significance.MAJOR) if value == "major" else flagged


class GuideViewSet(PageViewSet):
    """Guides below their list, with what an editor has to know of each."""

    model = GuidePage
    filterset_class = GuideFilterSet
    columns = [
        *[column for column in ExplorableIndexView.base_columns if column.name not in ("type", "status")],
        Column("source_change", label=_("Source has changed"), accessor="get_source_change_display", sort_key="source_changed_at"),
        Column("review_due_on", label=_("Review due"), accessor=_due, sort_key="review_due_on"),
        *[column for column in ExplorableIndexView.base_columns if column.name == "status"],
    ]
