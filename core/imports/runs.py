"""The steps of an import: look a file through, confirm, write in the background. Nothing is written before it was shown."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import history
from core.errors import Conflict, InvalidUpload, NotAllowed
from core.imports.reading import MEGABYTE, MOST_BYTES, Unreadable
from core.imports.table import CREATE, SAME, WRONG, Importer, Outcome, importer_for
from core.models import ImportRun
from core.tasks import enqueue

SHOWN = {WRONG: 500, CREATE: 300, "change": 300, SAME: 50}
KEPT = timedelta(days=2)


def look_through(importer: Importer, *, content: bytes, name: str, by: Any) -> ImportRun:
    """Judge a file and keep it for confirmation; nothing else is written.

    Raises NotAllowed; InvalidUpload for a file that is too large or cannot be read.
    """
    if not importer.may(by):
        raise NotAllowed()
    if len(content) > MOST_BYTES:
        raise InvalidUpload(_("The file is larger than %(size)s MB.") % {"size": MOST_BYTES // MEGABYTE}, field="file")
    try:
        outcomes = _judged(importer, content, name)
    except Unreadable as error:
        raise InvalidUpload(str(error), field="file") from error
    with transaction.atomic():
        run = ImportRun(kind=importer.key, name=name[:200], by=by, language=translation.get_language() or "zh-hans")
        _report(run, outcomes)
        run.file.save("import.bin", ContentFile(content), save=False)
        run.save()
        history.record(run, "looked_through", by=by, counts=run.counts)
    return run


def _judged(importer: Importer, content: bytes, name: str) -> list[Outcome]:
    """Judge inside a transaction that is thrown away: a judge may try things out."""
    with transaction.atomic():
        outcomes = importer.outcomes(content, name)
        transaction.set_rollback(True)
    return outcomes


def _report(run: ImportRun, outcomes: Sequence[Outcome]) -> None:
    run.counts = dict(Counter(item.verb for item in outcomes))
    taken: Counter[str] = Counter()
    run.report = []
    for item in outcomes:
        taken[item.verb] += 1
        if taken[item.verb] <= SHOWN[item.verb]:
            problems = [[problem.line, problem.column, problem.words] for problem in item.problems]
            row = {"line": item.line, "file": item.file, "verb": item.verb, "label": item.label[:200], "changes": list(item.changes)[:12]}
            run.report.append({**row, "problems": problems[:12]})


def confirm(run: ImportRun, *, by: Any, only_right: bool = False) -> ImportRun:
    """Let a file that was looked through be written in the background.

    Raises NotAllowed; Conflict when it was confirmed or cancelled already, when there are wrong lines and `only_right` was not
    chosen (`wrong_lines`), or when there is nothing to write (`nothing`).
    """
    if importer_for(by, run.kind) is None:
        raise NotAllowed()
    with transaction.atomic():
        row = ImportRun.objects.select_for_update().get(pk=run.pk)
        if row.state != ImportRun.State.CHECKED:
            raise Conflict()
        if row.counts.get(WRONG) and not only_right:
            raise Conflict(_("Some lines are wrong. Correct the file, or choose to import the right lines only."), code="wrong_lines")
        if not row.counts.get(CREATE) and not row.counts.get("change"):
            raise Conflict(_("There is nothing to write."), code="nothing")
        row.state, row.only_right, row.confirmed_at = ImportRun.State.QUEUED, only_right, timezone.now()
        row.save(update_fields=["state", "only_right", "confirmed_at"])
        history.record(row, "confirmed", by=by, only_right=only_right)
        enqueue("core.imports.runs.carry_out", run_id=row.pk)
    return row


def cancel(run: ImportRun, *, by: Any) -> ImportRun:
    """Drop a file that was looked through. Raises NotAllowed; Conflict when it was confirmed or cancelled already."""
    if importer_for(by, run.kind) is None:
        raise NotAllowed()
    with transaction.atomic():
        row = ImportRun.objects.select_for_update().get(pk=run.pk)
        if row.state != ImportRun.State.CHECKED:
            raise Conflict()
        _finish(row, ImportRun.State.CANCELLED)
        history.record(row, "cancelled", by=by)
    return row


def carry_out(run_id: int) -> None:
    """Write a confirmed file (background): judged again as things are now, all of it in one transaction or nothing."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update(of=("self",)).select_related("by").filter(pk=run_id, state=ImportRun.State.QUEUED).first()
        if run is None:
            return
        with translation.override(run.language):
            _carry_out(run)


def _carry_out(run: ImportRun) -> None:
    importer = importer_for(run.by, run.kind) if run.by is not None else None
    if importer is None:
        _fail(run, _("Whoever asked for it may no longer import this."))
        return
    with run.file.open("rb") as stream:
        content = stream.read()
    try:
        outcomes = importer.outcomes(content, run.name)
    except Unreadable as error:
        _fail(run, str(error))
        return
    _report(run, outcomes)
    if run.counts.get(WRONG) and not run.only_right:
        _fail(run, _("Something has changed since it was looked through: some lines are wrong now."))
        return
    for item in outcomes:
        if item.apply is not None and item.verb != WRONG:
            item.apply(run.by)
    if importer.after is not None and (run.counts.get(CREATE) or run.counts.get("change")):
        importer.after()
    _finish(run, ImportRun.State.DONE)
    history.record(run, "written", by=run.by, counts=run.counts)


def _fail(run: ImportRun, words: str) -> None:
    run.error = words[:500]
    _finish(run, ImportRun.State.FAILED)
    history.record(run, "failed", label="system", error=words)


def _finish(run: ImportRun, state: str) -> None:
    run.state, run.finished_at = state, timezone.now()
    name, storage = run.file.name, run.file.storage
    run.file = ""
    run.save()
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def sweep_runs() -> int:
    """Drop files that nobody confirmed within two days (the clock); returns how many."""
    old = ImportRun.objects.filter(state=ImportRun.State.CHECKED, created_at__lt=timezone.now() - KEPT)
    for run in old:
        with transaction.atomic():
            _finish(run, ImportRun.State.CANCELLED)
    return len(old)
