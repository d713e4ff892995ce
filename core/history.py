"""Who did what to which object, and when: one row per step, in the transaction of the step."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from core.models import HistoryEntry


def subject_type(subject: models.Model) -> str:
    """Return the stable name of the subject's kind, e.g. `tickets.ticket`."""
    return subject._meta.label_lower


def record(
    subject: models.Model, verb: str, *, by: Any = None, label: str = "", public: bool = False, at: datetime | None = None, **data: Any
) -> HistoryEntry:
    """Write one step.

    Args:
        subject: the saved object.
        verb: past participle in the field's words, e.g. `claimed`.
        by: the user, or None for the system or a guest (then give `label`).
        label: who, in words, where there is no account.
        public: may the customer see this step.
        at: when; now by default.
        data: JSON facts of the step (old, new, reason …).
    """
    actor = by if getattr(by, "pk", None) else None
    return HistoryEntry.objects.create(
        subject_type=subject_type(subject),
        subject_id=str(subject.pk),
        verb=verb,
        actor=actor,
        actor_label=label or (str(actor) if actor else ""),
        public=public,
        at=at or timezone.now(),
        data=data,
    )


def history_of(subject: models.Model, *, public_only: bool = False) -> models.QuerySet[HistoryEntry]:
    """Return the steps of `subject`, oldest first, with their actors."""
    entries = HistoryEntry.objects.filter(subject_type=subject_type(subject), subject_id=str(subject.pk)).select_related("actor")
    return entries.filter(public=True) if public_only else entries
