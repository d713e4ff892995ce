"""Handlers of Wagtail's signals: what is published or taken down becomes an event of ours."""

from typing import Any

from django.db import transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone
from wagtail.models import Page, TaskState, WorkflowState
from wagtail.signals import (
    page_published,
    page_unpublished,
    post_page_move,
    published,
    task_submitted,
    unpublished,
    workflow_approved,
    workflow_rejected,
    workflow_submitted,
)

from core import history
from core.events import emit
from kb import announcing
from kb.caching import forget
from kb.models import Announcement, GuidePage, SafetyNote
from kb.news import news_of
from kb.review_mail import Approved, Asked, SentBack, Submitted
from kb.safety import guides_showing
from kb.translations import note_major_change, source_was_published
from kb.upkeep import record_approval


@receiver(page_published)
def guide_published(sender: type, instance: Page, **kwargs: Any) -> None:
    """Tell the house about a published guide; bring its translations' state up to date."""
    with transaction.atomic():
        if isinstance(instance, GuidePage):
            source_was_published(instance)
            note_major_change(instance, today=timezone.localdate())
            emit("guide.published", **news_of(instance))
        transaction.on_commit(forget)


@receiver(workflow_approved)
def reviewers_approved(sender: type, instance: Any, **kwargs: Any) -> None:
    """Count the reviewers' approval of a guide as its review."""
    page = instance.content_object
    if isinstance(page, Page) and isinstance(page.specific, GuidePage):
        with transaction.atomic():
            record_approval(GuidePage.objects.select_related("locale").get(pk=page.pk))


@receiver(workflow_rejected)
def reviewers_want_changes(sender: type, instance: Any, user: Any = None, **kwargs: Any) -> None:
    """Give an announcement back to its department with the reviewers' reason."""
    with transaction.atomic():
        announcing.sent_back(instance, by=user)


@receiver(page_unpublished)
def guide_unpublished(sender: type, instance: Page, **kwargs: Any) -> None:
    """Tell the house about a guide that was taken down; Wagtail sends this for a deleted live page as well."""
    with transaction.atomic():
        page = instance.specific
        if isinstance(page, GuidePage):
            emit("guide.unpublished", **news_of(page))
        transaction.on_commit(forget)


@receiver(post_page_move)
def page_moved(sender: type, instance: Page, **kwargs: Any) -> None:
    """Tell the house about new addresses: of a guide that was moved, or of all guides below a page that was."""
    if kwargs.get("url_path_before") == kwargs.get("url_path_after"):
        return
    with transaction.atomic():
        for page in GuidePage.objects.descendant_of(instance, inclusive=True).live().select_related("locale"):
            emit("guide.published", **news_of(page))
        transaction.on_commit(forget)


@receiver(published, sender=Announcement)
def announcement_published(sender: type, instance: Announcement, **kwargs: Any) -> None:
    """Tell the house about an announcement that is now before its audience."""
    with transaction.atomic():
        emit("announcement.published", announcement_id=instance.pk)
        transaction.on_commit(forget)


@receiver(unpublished, sender=Announcement)
def announcement_unpublished(sender: type, instance: Announcement, **kwargs: Any) -> None:
    """Tell the house about an announcement that was taken down; one whose time is over is filed by itself."""
    with transaction.atomic():
        if instance.expired and instance.archived_at is None:
            Announcement.objects.filter(pk=instance.pk).update(archived_at=timezone.now())
            history.record(instance, "archived", reason="over")
        emit("announcement.withdrawn", announcement_id=instance.pk)
        transaction.on_commit(forget)


@receiver(pre_delete, sender=Announcement)
def announcement_deleted(sender: type, instance: Announcement, **kwargs: Any) -> None:
    """Tell the house about an announcement that is deleted."""
    with transaction.atomic():
        emit("announcement.withdrawn", announcement_id=instance.pk)
        transaction.on_commit(forget)


@receiver([published, unpublished], sender=SafetyNote)
def safety_note_changed(sender: type, instance: SafetyNote, **kwargs: Any) -> None:
    """Make the guides that show the note be built again, for readers and for search; flag its translations."""
    with transaction.atomic():
        if kwargs.get("signal") is published:
            source_was_published(instance)
        for page in guides_showing(instance):
            emit("guide.published", **news_of(page))
        transaction.on_commit(forget)


# Wagtail's own mails under Wagtail's own names: whichever comes first stays, so each is taken out before ours is put in.
_MAILS = (
    (task_submitted, TaskState, "group_approval_task_submitted_email_notification", Asked()),
    (workflow_submitted, WorkflowState, "workflow_state_submitted_email_notification", Submitted()),
    (workflow_rejected, WorkflowState, "workflow_state_rejected_email_notification", SentBack()),
    (workflow_approved, WorkflowState, "workflow_state_approved_email_notification", Approved()),
)
for _signal, _sender, _name, _notifier in _MAILS:
    _signal.disconnect(sender=_sender, dispatch_uid=_name)
    _signal.connect(_notifier, sender=_sender, dispatch_uid=_name)
