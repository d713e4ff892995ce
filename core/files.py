"""Files people send us: accepted after a look inside, kept privately, bound to the thing they belong to."""

import logging
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import file_checks
from core.errors import InvalidUpload, NotKept
from core.history import subject_type
from core.models import Attachment, attachment_reference

logger = logging.getLogger(__name__)

MAX_FILES = 5
DRAFT_LIFE = timedelta(hours=24)
TOO_MANY = _("No more than %(count)s files. Remove one first.")
GONE = _("One of the files is no longer here. Please add it again.")


def safe_name(name: str, ending: str) -> str:
    """Return the shown name of a file: no folders, no control characters, at most 120 characters, the true ending."""
    base = unicodedata.normalize("NFC", name or "").replace("\\", "/").rsplit("/", 1)[-1]
    base = "".join(ch for ch in base if unicodedata.category(ch)[0] != "C").strip(" .")
    stem, dot, given = base.rpartition(".")
    if not dot:
        stem, given = base, ""
    same = {given.lower(), ending} in ({"jpg", "jpeg"}, {ending})
    return f"{(stem or 'file')[:110]}.{given.lower() if same else ending}"


def accept_upload(uploaded_file: UploadedFile, *, by: Any = None, visitor_key: str = "") -> Attachment:
    """Check one upload and keep it as a draft of whoever sent it.

    Args:
        uploaded_file: what came with the request.
        by: the signed-in user, or None.
        visitor_key: the visitor's cookie key (core.visitors), for guests.
    Returns:
        the saved Attachment, not yet bound to a subject.
    Raises:
        InvalidUpload (see core.file_checks.check_file); NotKept when the disk takes nothing. Nothing is stored then.
    """
    size = uploaded_file.size or 0
    checked = file_checks.check_file(uploaded_file.open(), name=uploaded_file.name or "", size=size)
    content = ContentFile(checked.content) if checked.content is not None else uploaded_file
    attachment = Attachment(
        kind=checked.kind,
        content_type=checked.content_type,
        original_name=safe_name(uploaded_file.name or "", checked.ending),
        size=len(checked.content) if checked.content is not None else size,
        width=checked.width,
        height=checked.height,
        uploaded_by=by if getattr(by, "pk", None) else None,
        visitor_key=visitor_key,
    )
    try:
        attachment.file.save(f"file.{checked.ending}", content, save=False)
    except OSError as error:
        logger.exception("an upload could not be written")
        raise NotKept from error
    try:
        attachment.save()
    except Exception:
        attachment.file.delete(save=False)
        raise
    return attachment


def is_own_draft(attachment: Attachment, *, by: Any = None, visitor_key: str = "") -> bool:
    """Return whether an unbound attachment was sent by this user or this visitor."""
    if attachment.subject_type:
        return False
    user_id = getattr(by, "pk", None)
    return bool((user_id and attachment.uploaded_by_id == user_id) or (visitor_key and attachment.visitor_key == visitor_key))


def _own_drafts(by: Any, visitor_key: str) -> models.QuerySet[Attachment]:
    mine = models.Q(pk__in=[])
    if getattr(by, "pk", None):
        mine |= models.Q(uploaded_by=by)
    if visitor_key:
        mine |= models.Q(visitor_key=visitor_key)
    return Attachment.objects.filter(mine, subject_type="")


def own_drafts(references: Iterable[str], *, by: Any = None, visitor_key: str = "") -> list[Attachment]:
    """Return the sender's unbound files among `references`, in that order: what a form shows again after an error."""
    wanted = list(dict.fromkeys(reference for reference in references if reference))[: MAX_FILES * 2]
    found = {item.reference: item for item in _own_drafts(by, visitor_key).filter(reference__in=wanted)}
    return [found[reference] for reference in wanted if reference in found]


def attach_uploads(
    references: Iterable[str], *, subject: models.Model, by: Any = None, visitor_key: str = "", internal: bool = False
) -> list[Attachment]:
    """Bind drafts to a saved subject; call inside the transaction of the change.

    Args:
        references: public references from the form, at most five.
        subject: the saved object the files belong to from now on.
        by, visitor_key: who sent them; somebody else's drafts are refused like missing ones.
        internal: only staff may open them.
    Raises:
        InvalidUpload: too many, or one is no longer there.
    """
    wanted = list(dict.fromkeys(reference for reference in references if reference))
    if len(wanted) > MAX_FILES:
        raise InvalidUpload(TOO_MANY % {"count": MAX_FILES}, code="too_many", field="attachments")
    if not wanted:
        return []
    kind, key = subject_type(subject), str(subject.pk)
    drafts = _own_drafts(by, visitor_key).filter(reference__in=wanted)
    drafts.update(subject_type=kind, subject_id=key, internal=internal)
    bound = {item.reference: item for item in Attachment.objects.filter(reference__in=wanted, subject_type=kind, subject_id=key)}
    if len(bound) < len(wanted):
        raise InvalidUpload(GONE, code="gone", field="attachments")
    return [bound[reference] for reference in wanted]


def attachments_of(subject: models.Model, *, public_only: bool = False) -> models.QuerySet[Attachment]:
    """Return the files of `subject`, oldest first; `public_only` leaves out what is for staff."""
    found = Attachment.objects.filter(subject_type=subject_type(subject), subject_id=str(subject.pk))
    return found.filter(internal=False) if public_only else found


def attachments_by_subject(subjects: Iterable[models.Model], *, public_only: bool = False) -> dict[str, list[Attachment]]:
    """Return the files of several subjects of one kind in one query, as {str(pk): [Attachment]}."""
    rows = list(subjects)
    if not rows:
        return {}
    found = Attachment.objects.filter(subject_type=subject_type(rows[0]), subject_id__in=[str(row.pk) for row in rows])
    grouped: dict[str, list[Attachment]] = {}
    for item in found.filter(internal=False) if public_only else found:
        grouped.setdefault(item.subject_id, []).append(item)
    return grouped


def remove_draft(reference: str, *, by: Any = None, visitor_key: str = "") -> bool:
    """Remove one's own unbound file. Returns whether there was one."""
    draft = _own_drafts(by, visitor_key).filter(reference=reference).first()
    if draft is None:
        return False
    delete_attachment(draft)
    return True


def copy_attachments(
    items: Iterable[Attachment], *, subject: models.Model | None, by: Any = None, visitor_key: str = ""
) -> list[Attachment]:
    """Give `subject` copies of files that belong elsewhere, rows and bytes; each lives as long as its own subject.

    Args:
        items: rows of bound files; what is for staff only stays so. A file that is no longer there is left out.
        subject: the saved object; call inside the transaction of the change. None makes drafts of `by` or `visitor_key`, as if they
            had just been sent.
    """
    kind, key, made = (subject_type(subject), str(subject.pk), []) if subject is not None else ("", "", [])
    for item in items:
        name = str(item.file.name)
        copy = Attachment.objects.get(pk=item.pk)
        copy.pk, copy.reference = None, attachment_reference()
        copy.subject_type, copy.subject_id = kind, key
        if subject is None:
            copy.uploaded_by = by if getattr(by, "pk", None) else None
            copy.visitor_key, copy.created_at = visitor_key, timezone.now()
        try:
            with item.file.storage.open(name) as source:
                copy.file.save(PurePath(name).name, File(source), save=False)
        except FileNotFoundError:
            logger.warning("a file to copy is gone: %s", item.reference)
            continue
        copy.save(force_insert=True)
        made.append(copy)
    return made


def delete_attachment(attachment: Attachment) -> None:
    """Delete the row and, once that is committed, the file."""
    storage, name = attachment.file.storage, attachment.file.name
    attachment.delete()
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def sweep_drafts(*, now: datetime | None = None) -> int:
    """Remove files nobody bound to anything within a day. Returns how many."""
    limit = (now or timezone.now()) - DRAFT_LIFE
    stale = Attachment.objects.filter(subject_type="", created_at__lt=limit)
    removed = 0
    for attachment in stale.iterator():
        # Somebody may bind the file at this moment: the row decides.
        gone, _detail = Attachment.objects.filter(pk=attachment.pk, subject_type="").delete()
        if gone:
            attachment.file.storage.delete(str(attachment.file.name))
            removed += 1
    return removed
