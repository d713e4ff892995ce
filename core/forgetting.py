"""Taking a person out of what the lowest floor keeps: history, messages sent, background work, files. Used by the apps' privacy modules."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from core.files import delete_attachment
from core.history import subject_type
from core.models import Attachment, HistoryEntry, OutboundMessage, TaskAttempt
from core.notifications import FORGOTTEN

_CODED = re.compile(r"^(?!.*\d{7})[a-z0-9_:.\-]{1,40}$")


def _without_words(value: Any) -> Any:
    """Return history data without anything a person may have typed: numbers, flags and coded words stay."""
    if isinstance(value, dict):
        return {key: _without_words(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_words(inner) for inner in value]
    return "" if isinstance(value, str) and not _CODED.match(value) else value


def forget_history(subjects: Iterable[models.Model], *, user: Any = None) -> int:
    """Blank the names and words in the history of `subjects`; the steps, their times and the colleagues' names stay.

    Returns how many rows changed; a second run changes none.
    """
    changed = 0
    by_kind: dict[str, list[str]] = {}
    for subject in subjects:
        by_kind.setdefault(subject_type(subject), []).append(str(subject.pk))
    for kind, keys in by_kind.items():
        for entry in HistoryEntry.objects.filter(subject_type=kind, subject_id__in=keys):
            label = "" if entry.actor_id in (None, getattr(user, "pk", None)) else entry.actor_label
            data = _without_words(entry.data)
            if (label, data) != (entry.actor_label, entry.data):
                HistoryEntry.objects.filter(pk=entry.pk).update(actor_label=label, data=data)
                changed += 1
    return changed


def forget_actor(user: Any) -> int:
    """Blank the person's name on every step they took anywhere. Returns how many rows changed."""
    return HistoryEntry.objects.filter(actor=user).exclude(actor_label="").update(actor_label="")


def forget_messages(*, addresses: Collection[str] = (), subjects: Iterable[models.Model] = (), keep: Collection[int] = ()) -> int:
    """Blank mails and SMS by address or by what they are about; what was not sent yet is not sent any more.

    Args:
        addresses: e-mail addresses (in small letters) and phone numbers.
        subjects: objects the messages are about.
        keep: primary keys of messages that must still go out.
    Returns:
        how many rows changed; a second run changes none.
    """
    match = Q(pk__in=[])
    for address in addresses:
        if address:
            match |= Q(address__iexact=address)
    for subject in subjects:
        match |= Q(subject_type=subject_type(subject), subject_id=str(subject.pk))
    found = OutboundMessage.objects.filter(match).exclude(pk__in=keep)
    waiting = [OutboundMessage.State.QUEUED, OutboundMessage.State.SENDING]
    found.filter(state__in=waiting).update(state=OutboundMessage.State.FAILED, error="the recipient's account was closed")
    return found.exclude(address="", subject="", body=FORGOTTEN, html="").update(address="", subject="", body=FORGOTTEN, html="", error="")


def outlived_messages(*, before: datetime) -> models.QuerySet[OutboundMessage]:
    """Return the mails and SMS sent before a moment that still name somebody."""
    found = OutboundMessage.objects.filter(created_at__lt=before)
    return found.exclude(address="", subject="", body=FORGOTTEN, html="")


def forget_tasks(addresses: Collection[str]) -> int:
    """Delete the records of background work that carry one of the addresses. Returns how many."""
    kept = [address for address in addresses if address]
    return TaskAttempt.objects.filter(kwargs__address__in=kept).delete()[0] if kept else 0


def forget_files(*, user: Any = None, subjects: Iterable[models.Model] = ()) -> int:
    """Delete the files the person sent, if one is named, and those of `subjects` (rows now, files after commit). Returns how many."""
    match = Q(uploaded_by=user) if user is not None else Q(pk__in=[])
    for subject in subjects:
        match |= Q(subject_type=subject_type(subject), subject_id=str(subject.pk))
    found = list(Attachment.objects.filter(match))
    for attachment in found:
        delete_attachment(attachment)
    return len(found)


def files_of(subjects: Iterable[models.Model]) -> list[Attachment]:
    """Return the files of `subjects` that their owner may see, oldest first."""
    match = Q(pk__in=[])
    for subject in subjects:
        match |= Q(subject_type=subject_type(subject), subject_id=str(subject.pk))
    return list(Attachment.objects.filter(match, internal=False))
