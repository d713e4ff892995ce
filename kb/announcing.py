"""Announcements between the departments that write them and the desk that publishes: submitted, returned, read by colleagues."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import WorkflowState

from core import history
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.events import emit
from kb.models import Announcement, AnnouncementRead
from kb.models.announcement_safety import awaits_review
from kb.permissions import can_publish_announcements, can_write_announcements

State = Announcement.State


def submit_announcement(announcement: Announcement, *, by: Any) -> Announcement:
    """Hand a draft to the publishing desk; one about safety goes to the safety reviewers as well. Emits `announcement.submitted`.

    Raises NotAllowed; InvalidInput without department and person; Conflict for what is neither a draft nor a change that needs a review.
    """
    if not can_write_announcements(by):
        raise NotAllowed()
    with transaction.atomic():
        row = _locked(announcement)
        draft = row.get_latest_revision_as_object()
        changed = row.state in {State.CURRENT, State.SCHEDULED} and awaits_review(row, draft)
        if row.state not in {State.DRAFT, State.RETURNED} and not changed:
            raise Conflict()
        if not draft.department.strip() or not draft.person.strip():
            raise InvalidInput(_("Name the department and the person who answers questions."), field="department")
        check_complete(draft)
        row.submitted_at, row.submitted_by, row.returned_reason = timezone.now(), by, ""
        row.save(update_fields=["submitted_at", "submitted_by", "returned_reason"])
        history.record(row, "submitted", by=by)
        _ask_reviewers(row, draft, by=by)
        emit("announcement.submitted", announcement_id=row.pk)
    return _fresh(announcement)


def return_announcement(announcement: Announcement, *, by: Any, reason: str) -> Announcement:
    """Give a submitted announcement back to its department. Emits `announcement.returned`.

    Raises NotAllowed; InvalidInput without a reason; Conflict for what was not submitted.
    """
    if not can_publish_announcements(by):
        raise NotAllowed()
    words = reason.strip()[:255]
    if not words:
        raise InvalidInput(_("Say what has to be changed."), field="reason")
    with transaction.atomic():
        row = _locked(announcement)
        if row.state != State.SUBMITTED:
            raise Conflict()
        row.submitted_at, row.returned_reason = None, words
        row.save(update_fields=["submitted_at", "returned_reason"])
        if row.workflow_in_progress:
            row.current_workflow_state.cancel(user=by)
        history.record(row, "returned", by=by, reason=words)
        emit("announcement.returned", announcement_id=row.pk)
    return _fresh(announcement)


def acknowledge(announcement: Announcement, *, by: Any) -> AnnouncementRead:
    """Note that a colleague has read a current announcement; a second time changes nothing.

    Raises NotAllowed for people who do not work here; NotFound for what is not current.
    """
    if not (getattr(by, "is_active", False) and by.is_staff):
        raise NotAllowed()
    if announcement.state != State.CURRENT:
        raise NotFound()
    row, created = AnnouncementRead.objects.get_or_create(announcement=announcement, user=by)
    if created:
        history.record(announcement, "read", by=by)
    return row


def check_complete(draft: Announcement) -> None:
    """Raise InvalidInput, naming the fields, for a draft that is not complete: saved as a draft, half an announcement is allowed."""
    try:
        draft.full_clean()
    except ValidationError as error:
        words = [f"{_label(draft, name)}: {' '.join(found)}" for name, found in error.message_dict.items()]
        raise InvalidInput("\n".join(words), field="announcement") from error


def _label(draft: Announcement, name: str) -> str:
    return str(draft._meta.get_field(name).verbose_name) if name in {field.name for field in draft._meta.get_fields()} else ""


def _ask_reviewers(row: Announcement, draft: Announcement, *, by: Any) -> None:
    """Start the reviews of what is about safety, or go on with those that had asked for changes."""
    if not awaits_review(row, draft) or row.workflow_in_progress:
        return
    if row.current_workflow_state is not None:
        row.current_workflow_state.cancel(user=by)
    row.get_workflow().start(row, by)


def pass_on(announcement: Announcement, *, by: Any, asked_by: Any) -> None:
    """Leave what its reviewers have passed to the publishing desk.

    Args:
        by: whoever approved last; asked_by: whoever had handed it in.
    """
    with transaction.atomic():
        row = _locked(announcement)
        if not row.live and row.submitted_at is None:
            row.submitted_at, row.submitted_by, row.returned_reason = timezone.now(), asked_by, ""
            row.save(update_fields=["submitted_at", "submitted_by", "returned_reason"])
        history.record(row, "safety_reviewed", by=by)


def sent_back(state: WorkflowState, *, by: Any) -> None:
    """Return an announcement that the safety reviewers want changed: its author finds the reason at the state."""
    row = state.content_object
    if isinstance(row, Announcement):
        reason = (state.current_task_state.comment if state.current_task_state else "")[:255]
        if not row.live:
            Announcement.objects.filter(pk=row.pk).update(submitted_at=None, returned_reason=reason or "–")
        history.record(row, "returned", by=by, reason=reason)


def _locked(announcement: Announcement) -> Announcement:
    return Announcement.objects.select_for_update().get(pk=announcement.pk)


def _fresh(announcement: Announcement) -> Announcement:
    announcement.refresh_from_db()
    return announcement
