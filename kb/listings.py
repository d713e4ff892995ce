"""The list of guides in the CMS: shows and filters language versions whose source has changed, and reviews that are due."""

from datetime import timedelta
from typing import Any

import django_filters
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.pages.listing import ExplorableIndexView, PageFilterSet
from wagtail.admin.viewsets.pages import PageViewSet

from kb.models import GuidePage, KnowledgeSettings
from kb.upkeep import ownerless
from products.models import ProductFamily


def _due(page: GuidePage) -> str:
    """The day itself, with a word where it has passed; Wagtail’s own column says how long ago something was."""
    if not page.review_due_on:
        return ""
    day = date_format(page.review_due_on, "SHORT_DATE_FORMAT")
    return f"{day} · {_('overdue')}" if page.live and page.review_due_on < timezone.localdate() else day


def _owner(page: GuidePage) -> str:
    """Who looks after the guide; a word where nobody does."""
    owner = page.owner
    return owner.name if owner is not None and owner.is_active and owner.is_staff else str(_("nobody"))


class GuideFilterSet(PageFilterSet):
    """Filters of the list of guides."""

    source_change = django_filters.ChoiceFilter(
        label=_("Source has changed"), choices=[("any", _("in any point")), ("major", _("in an important point"))], method="filter_changed"
    )
    families = django_filters.ModelChoiceFilter(label=_("Product family"), queryset=ProductFamily.objects.all())

    keeper = django_filters.ChoiceFilter(
        label=_("Looked after by"), choices=[("nobody", _("nobody")), ("me", _("me"))], method="filter_keeper"
    )
    review = django_filters.ChoiceFilter(
        label=_("Review due"),
        choices=[("overdue", _("overdue")), ("soon", _("soon")), ("none", _("no day set"))],
        method="filter_review",
    )
    is_conditional = django_filters.BooleanFilter(label=_("Depends on the reader's machine"))

    class Meta:
        model = GuidePage
        fields = ["source_change", "families", "keeper", "review", "is_conditional"]

    def filter_keeper(self, queryset: Any, name: str, value: str) -> Any:
        """Keep the guides that nobody looks after, or the person's own."""
        return ownerless(queryset) if value == "nobody" else queryset.filter(owner=self.request.user)

    def filter_review(self, queryset: Any, name: str, value: str) -> Any:
        """Keep the published guides whose review is overdue, comes up soon, or has no day."""
        today = timezone.localdate()
        live = queryset.filter(live=True)
        if value == "none":
            return live.filter(review_due_on__isnull=True)
        if value == "overdue":
            return live.filter(review_due_on__lt=today)
        return live.filter(review_due_on__range=(today, today + timedelta(days=KnowledgeSettings.load().remind_days)))

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
        Column("owner", label=_("Looked after by"), accessor=_owner, sort_key="owner"),
        Column("review_due_on", label=_("Review due"), accessor=_due, sort_key="review_due_on"),
        *[column for column in ExplorableIndexView.base_columns if column.name == "status"],
    ]
