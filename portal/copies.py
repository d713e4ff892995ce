"""The copy of a person's data: a ZIP with a page to read, one JSON file a list, the files they sent, and a note that explains it."""

import json
import re
import tempfile
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.models import DataExport, PrivacySettings, User
from accounts.tasks import settings_link, tell_everywhere
from core.brand import current_brand
from core.history import record
from portal import privacy
from portal.copy_page import sections


def _plain(value: Any) -> Any:
    """Return a value JSON does not know as text."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    return str(value)


def _safe(name: str) -> str:
    """Return a file name that no unpacking program can be led astray by."""
    return re.sub(r"[^\w.\- ]", "_", name).strip(". ")[:100] or "file"


def write_zip(user: User, target: Any, *, language: str) -> int:
    """Write everything the portal holds about a person into a ZIP file object. Returns how many lists have rows."""
    rows = privacy.export_rows(user)
    lists = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        contents = []
        for part, named in rows.items():
            for name, entries in named.items():
                text = json.dumps(entries, ensure_ascii=False, indent=2, default=_plain)
                archive.writestr(f"{part}/{name}.json", text)
                contents.append({"path": f"{part}/{name}.json", "count": len(entries)})
                lists += bool(entries)
        missing = []
        for attachment in privacy.export_files(user):
            path = f"files/{attachment.reference[:8]}-{_safe(attachment.original_name)}"
            try:
                with storages["private"].open(str(attachment.file.name)) as opened:
                    archive.writestr(path, opened.read())
            except FileNotFoundError:
                missing.append(attachment.original_name)
                continue
            contents.append({"path": path, "count": 1})
        files = [str(row["path"]) for row in contents if str(row["path"]).startswith("files/")]
        with translation.override(language):
            context = {"user": user, "contents": contents, "missing": missing, "at": timezone.now(), "brand": current_brand()}
            context |= {"lists": sections(rows), "files": files, "language": language}
            archive.writestr("README.txt", render_to_string("accounts/export_index.txt", context))
            archive.writestr("index.html", render_to_string("accounts/export_index.html", context))
        archive.writestr("page.css", render_to_string("accounts/export_page.css"))
    return lists


def build_export(export_id: int, *, tell: bool = True) -> None:
    """Build the copy that was asked for and say where it is (task; a second run does nothing). `tell` is off for the demo's past."""
    export = DataExport.objects.select_related("user").filter(pk=export_id, state=DataExport.State.WAITING).first()
    if export is None or not export.user.is_active:
        return
    with tempfile.TemporaryFile() as target:
        write_zip(export.user, target, language=export.language)
        size = target.tell()
        target.seek(0)
        name = f"my-data-{timezone.localdate():%Y%m%d}.zip"
        export.file.save(name, File(target), save=False)
    stored, now = str(export.file.name), timezone.now()
    ends = now + timedelta(days=PrivacySettings.load().export_days)
    with transaction.atomic():
        # The account may have been closed meanwhile: then nobody may find this file.
        ready = DataExport.objects.filter(pk=export.pk, state=DataExport.State.WAITING).update(
            state=DataExport.State.READY, file=stored, size=size, ready_at=now, expires_at=ends
        )
        if ready:
            record(export.user, "export_ready", label="system", size=size)
        if ready and tell:
            _announce(export, ends)
    if not ready:
        storages["private"].delete(stored)


def _announce(export: DataExport, ends: datetime) -> None:
    with translation.override(export.user.language):
        words = gettext("Download my data")
    tell_everywhere(
        export.user,
        "accounts/export_ready",
        subject=export,
        person_name=export.user.name,
        ends=ends,
        action_url=settings_link(export.user, "portal:my_data"),
        action_text=words,
    )
