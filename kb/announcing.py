"""Announcements between the departments that write them and the desk that publishes: submitted, returned, read by colleagues."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import history
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.events import emit
from kb.models import Announcement, AnnouncementRead
from kb.permissions import can_publish_announcements, can_write_announcements

State = Announcement.State


def submit_announcement(announcement: Announcement, *, by: Any) -> Announcement:
    """Hand a draft to the publishing desk. Emits `announcement.submitted`.

    Raises NotAllowed; InvalidInput without department and person; Conflict for what is no draft.
    """
    if not can_write_announcements(by):
        raise NotAllowed()
    with transaction.atomic():
        row = _locked(announcement)
        if row.state not in {State.DRAFT, State.RETURNED}:
            raise Conflict()
        draft = row.get_latest_revision_as_object()
        if not draft.department.strip() or not draft.person.strip():
            raise InvalidInput(_("Name the department and the person who answers questions."), field="department")
        row.submitted_at, row.submitted_by, row.returned_reason = timezone.now(), by, ""
        row.save(update_fields=["submitted_at", "submitted_by", "returned_reason"])
        history.record(row, "submitted", by=by)
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


def _locked(announcement: Announcement) -> Announcement:
    return Announcement.objects.select_for_update().get(pk=announcement.pk)


def _fresh(announcement: Announcement) -> Announcement:
    announcement.refresh_from_db()
    return announcement
