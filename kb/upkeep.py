"""Keeping guides right: who owns a guide, when it was looked at, when it has to be looked at again, and reminding its owner."""

import calendar
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import history
from core.errors import InvalidInput, NotAllowed
from core.events import emit
from kb.caching import forget
from kb.editing import finish_tasks_of
from kb.models import GuidePage, KnowledgeSettings, ReviewReminder
from kb.news import news_of


def next_due(day: date, months: int) -> date:
    """Return the day `months` after `day`; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def keepers() -> QuerySet[Any]:
    """Return the people who can own a guide: staff who may write guides."""
    named = Permission.objects.filter(codename="change_guidepage", content_type__app_label="kb")
    may_write = Q(is_superuser=True) | Q(groups__permissions__in=named)
    return get_user_model().objects.filter(may_write, is_active=True, is_staff=True).distinct().order_by("name")


def ownerless(pages: QuerySet[GuidePage] | None = None) -> QuerySet[GuidePage]:
    """Return the guides that nobody looks after: without an owner, or whose owner has left."""
    rows = GuidePage.objects.all() if pages is None else pages
    return rows.filter(Q(owner__isnull=True) | Q(owner__is_active=False) | Q(owner__is_staff=False))


def can_look_after(user: Any, page: GuidePage) -> bool:
    """Tell whether `user` may say that a guide is still right and who owns it: whoever may edit it."""
    return bool(page.permissions_for_user(user).can_edit())


def mark_reviewed(pages: Iterable[GuidePage], *, by: Any, due_on: date | None = None, today: date | None = None) -> int:
    """Note that guides were looked at and are still right: today, and the next time by the interval. Nothing of their text changes.

    Args:
        pages: published guides.
        due_on: the day of the next review, instead of the interval's.
        today: the day of this review.
    Returns:
        how many.
    Raises:
        NotAllowed, and nothing is noted, where `by` may not edit one of them; InvalidInput for one that is not published, or a next
        review that is not to come.
    """
    day = today or timezone.localdate()
    rows = list(pages)
    for page in rows:
        if not can_look_after(by, page):
            raise NotAllowed()
        if not page.live:
            raise InvalidInput(_("A guide that is not published goes through its reviews."), field="page")
    if due_on is not None and due_on <= day:
        raise InvalidInput(_("Choose a day that is still to come."), field="due_on")
    due = due_on or next_due(day, KnowledgeSettings.load().review_months)
    with transaction.atomic():
        for page in rows:
            GuidePage.objects.filter(pk=page.pk).update(reviewed_on=day, review_due_on=due)
            history.record(page, "reviewed", by=by, due_on=due.isoformat())
            emit("guide.published", **news_of(page))
        transaction.on_commit(forget)
    return len(rows)


def record_approval(page: GuidePage, *, today: date | None = None) -> None:
    """Note that the reviewers have passed a change of a guide; a typo is no review of the rest."""
    if page.significance == GuidePage.Significance.TYPO and page.reviewed_on:
        return
    day = today or timezone.localdate()
    GuidePage.objects.filter(pk=page.pk).update(reviewed_on=day, review_due_on=next_due(day, KnowledgeSettings.load().review_months))
    emit("guide.published", **news_of(page))
    transaction.on_commit(forget)


def give_to(pages: Iterable[GuidePage], *, owner: Any, by: Any) -> int:
    """Make somebody the owner of guides. Returns how many.

    Raises NotAllowed where `by` may not edit one of them; InvalidInput for an owner who cannot write guides.
    """
    rows = list(pages)
    if any(not can_look_after(by, page) for page in rows):
        raise NotAllowed()
    if owner is None or not keepers().filter(pk=owner.pk).exists():
        raise InvalidInput(_("Choose a colleague who may write guides."), field="owner")
    with transaction.atomic():
        for page in rows:
            old = page.owner_id
            GuidePage.objects.filter(pk=page.pk).update(owner=owner)
            history.record(page, "owner_changed", by=by, old=old, new=owner.pk)
        finish_tasks_of(page.pk for page in rows)
    return len(rows)


def remind_owners(*, now: datetime | None = None) -> int:
    """Owe each owner a message about a review that comes up or is overdue, each once; the sweep of the clock. Returns how many.

    A guide without an owner waits on the list of those: whoever gets it is told then.
    """
    today = timezone.localdate(now or timezone.now())
    ahead = today + timedelta(days=KnowledgeSettings.load().remind_days)
    due = GuidePage.objects.filter(live=True, review_due_on__lte=ahead, owner__is_active=True, owner__is_staff=True)
    told = set(ReviewReminder.objects.filter(page__in=due).values_list("page_id", "owner_id", "due_on", "kind"))
    count = 0
    for page in due.select_related("owner"):
        kind = ReviewReminder.Kind.AFTER if page.review_due_on < today else ReviewReminder.Kind.BEFORE
        if (page.pk, page.owner_id, page.review_due_on, kind.value) in told:
            continue
        with transaction.atomic():
            row, made = ReviewReminder.objects.get_or_create(page=page, owner=page.owner, due_on=page.review_due_on, kind=kind)
            if made:
                emit("guide.review_due", reminder_id=row.pk)
                count += 1
    return count
