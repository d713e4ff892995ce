"""Where an announcement stands between its author, the safety reviewers and the publishing desk, in words for the editor."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.history import history_of
from kb.models import Announcement
from kb.models.announcement_safety import awaits_review, word_of_danger


@dataclass(frozen=True)
class Remark:
    """One line above the editor; `tone` is info, warning or success."""

    tone: str
    text: str


def why_reviewed(announcement: Announcement) -> str:
    """Say why the latest draft of an announcement passes the safety review."""
    draft = announcement.get_latest_revision_as_object()
    if draft.severity in Announcement.ABOUT_SAFETY:
        return _("A “%(kind)s” passes the safety review before it goes live.") % {"kind": draft.get_severity_display()}
    if word := word_of_danger(draft):
        return _("It speaks of “%(word)s”, so it passes the safety review before it goes live.") % {"word": word}
    return _("What stands before customers now is about safety, so its change passes the safety review, too.")


def remarks_on(announcement: Announcement) -> list[Remark]:
    """Return what whoever opens an announcement has to know: why it came back, what the safety review says."""
    row: Any = Announcement.objects.get(pk=announcement.pk)
    found = []
    if row.state == Announcement.State.RETURNED:
        found.append(Remark("warning", _("Returned: %(reason)s") % {"reason": row.returned_reason}))
    if row.state in {Announcement.State.WITHDRAWN, Announcement.State.ARCHIVED}:
        return found
    draft = row.get_latest_revision_as_object()
    if awaits_review(row, draft):
        found.append(_waiting(row))
    elif row.state == Announcement.State.SUBMITTED and draft.needs_safety_review() and row.get_workflow() is not None:
        found.append(Remark("success", _("The safety reviewers have approved it. The publishing desk can publish it.")))
    return found


def _waiting(row: Announcement) -> Remark:
    entry = next((entry for entry in reversed(list(history_of(row))) if entry.verb == "published_urgently"), None) if row.live else None
    if entry is not None and row.latest_revision_id == row.live_revision_id:
        words = _("Published before the safety review: %(reason)s. The reviewers are asked.") % {"reason": entry.data.get("reason", "")}
        return Remark("warning", words)
    if row.workflow_in_progress:
        return Remark("info", f"{why_reviewed(row)} {_('The reviewers are looking at it.')}")
    return Remark("warning", f"{why_reviewed(row)} {_('Hand it in: they are asked then.')}")
