"""A copy of one's own data: asked for here, built in the background by portal/copies.py, forgotten after some days."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import DataExport, User
from core.errors import Conflict, LimitReached
from core.events import emit
from core.history import record

MOST_A_DAY = 3
STUCK_AFTER = timedelta(hours=6)


@transaction.atomic
def request_export(*, user: User, language: str, now: datetime | None = None) -> DataExport:
    """Ask for a copy of everything we hold about oneself. Emits `export.requested`.

    Raises Conflict while one is being made, LimitReached after three in a day.
    """
    now = now or timezone.now()
    User.objects.select_for_update().get(pk=user.pk)
    if user.exports.filter(state=DataExport.State.WAITING).exists():
        raise Conflict(_("A copy is being made already."), code="under_way")
    if user.exports.filter(requested_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise LimitReached(_("You can ask for three copies a day. Try again tomorrow."), retry_after=86_400)
    try:
        with transaction.atomic():
            export = DataExport.objects.create(user=user, language=language, requested_at=now)
    except IntegrityError as error:
        raise Conflict(_("A copy is being made already."), code="under_way") from error
    record(user, "export_requested", by=user)
    emit("export.requested", export_id=export.pk)
    return export


def sweep_exports(*, now: datetime | None = None) -> int:
    """Delete the files of copies past their end, and give up those that were never finished. Returns how many rows changed."""
    now = now or timezone.now()
    stuck = DataExport.objects.filter(state=DataExport.State.WAITING, requested_at__lt=now - STUCK_AFTER)
    changed = stuck.update(state=DataExport.State.FAILED)
    for export in DataExport.objects.filter(state=DataExport.State.READY, expires_at__lte=now):
        name = export.file.name
        if DataExport.objects.filter(pk=export.pk, state=DataExport.State.READY).update(state=DataExport.State.GONE, file="", size=0):
            export.file.storage.delete(str(name))
            changed += 1
    return changed
