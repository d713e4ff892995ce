"""What editors see first in the CMS: their drafts, stale translations, pages readers found unhelpful, reviews that are due."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from wagtail.admin.ui.components import Component

from kb.models import ArticleVote, GuidePage
from kb.translations import stale_translations
from kb.upkeep import ownerless

SHOWN = 6
REVIEW_AHEAD_DAYS = 14


def unhelpful_pages(votes: QuerySet[ArticleVote] | None = None) -> QuerySet[Any]:
    """Return one row a guide or code card with open “no” votes: subject_key, title, no, yes, last; most “no” first."""
    rows = ArticleVote.objects.all() if votes is None else votes
    return (
        rows.values("subject_key")
        .annotate(
            no=Count("pk", filter=Q(helpful=False, handled_at__isnull=True)),
            yes=Count("pk", filter=Q(helpful=True)),
            last=Max("created_at"),
            page_ref=Max("page_id"),
            shown_title=Max("title"),
        )
        .filter(no__gt=0)
        .order_by("-no", "-last")
    )


def drafts_of(user: Any) -> QuerySet[GuidePage]:
    """Return the guides `user` has begun or changed and not yet published, the latest first."""
    mine = Q(latest_revision__user=user) | Q(owner=user, latest_revision__isnull=True)
    return GuidePage.objects.filter(mine, has_unpublished_changes=True).select_related("locale").order_by("-latest_revision_created_at")


def reviews_due() -> QuerySet[GuidePage]:
    """Return the live guides whose review is due within two weeks or overdue."""
    until = timezone.localdate() + timedelta(days=REVIEW_AHEAD_DAYS)
    return GuidePage.objects.live().filter(review_due_on__lte=until).select_related("locale", "owner").order_by("review_due_on")


class WorkPanel(Component):
    """The editors' work lists on the CMS's front page."""

    name = "work"
    template_name = "kb/cms/work_panel.html"
    order = 90

    def __init__(self, user: Any) -> None:
        self.user = user

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the lists, each cut to what fits; an empty one says so."""
        return {
            "drafts": list(drafts_of(self.user)[:SHOWN]),
            "stale": list(stale_translations()[:SHOWN]),
            "unhelpful": list(unhelpful_pages()[:SHOWN]),
            "due": list(reviews_due()[:SHOWN]),
            "ownerless": ownerless().filter(live=True).count(),
            "today": timezone.localdate(),
            "no_answer_url": _no_answer_url(),
        }


def _no_answer_url() -> str:
    try:
        return reverse("search_gaps:index")
    except NoReverseMatch:
        return ""
