"""The screen of the imports in the CMS: choose a kind, send a file, see what would happen, confirm, see what happened."""

import csv
import io
import zipfile
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages

from core.errors import DomainError, InvalidUpload
from core.imports import runs
from core.imports.reading import MEGABYTE, MOST_BYTES
from core.imports.table import Importer, importer_for, importers_for
from core.models import ImportRun

RECENT = 15


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the kinds of import and the latest runs."""
    kinds = importers_for(request.user)
    if not kinds:
        raise PermissionDenied
    recent = ImportRun.objects.filter(kind__in=[item.key for item in kinds]).select_related("by").defer("report")[:RECENT]
    titles = {item.key: item.title for item in kinds}
    context = {"kinds": kinds, "recent": [{"run": run, "title": titles[run.kind]} for run in recent]}
    return render(request, "core/cms/imports.html", context)


def _importer(request: HttpRequest, key: str) -> Importer:
    found = importer_for(request.user, key)
    if found is None:
        raise PermissionDenied
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """Take a file and look it through."""
    importer = _importer(request, key)
    error, status = "", 200
    if request.method == "POST":
        try:
            content, name = _sent(request, importer)
            run = runs.look_through(importer, content=content, name=name, by=request.user)
            return redirect("imports_run", pk=run.pk)
        except DomainError as refusal:
            error, status = str(refusal.message), refusal.status
    context = {"importer": importer, "error": error, "size": MOST_BYTES // MEGABYTE}
    return render(request, "core/cms/import_upload.html", context, status=status)


def _sent(request: HttpRequest, importer: Importer) -> tuple[bytes, str]:
    """Return the file sent; several Markdown files are packed into one."""
    files = request.FILES.getlist("file")
    if not files:
        raise InvalidUpload(_("Choose a file."), field="file")
    if sum(sent.size or 0 for sent in files) > MOST_BYTES:
        return b" " * (MOST_BYTES + 1), files[0].name or ""
    if len(files) == 1 or not importer.is_text:
        return files[0].read(), files[0].name or "file"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for sent in files:
            archive.writestr(sent.name or "file.md", sent.read())
    return packed.getvalue(), _("%(count)s files") % {"count": len(files)}


def _run(request: HttpRequest, pk: int) -> tuple[ImportRun, Importer]:
    found = ImportRun.objects.select_related("by").filter(pk=pk).first()
    importer = importer_for(request.user, found.kind) if found is not None else None
    if found is None or importer is None:
        raise Http404
    return found, importer


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a file would do, is doing or has done."""
    run, importer = _run(request, pk)
    verbs = ("wrong", "create", "change", "same")
    names = {"wrong": _("Wrong"), "create": _("New"), "change": _("Changed"), "same": _("As it is")}
    parts = [
        {"verb": verb, "name": names[verb], "count": run.counts.get(verb, 0), "rows": [row for row in run.report if row["verb"] == verb]}
        for verb in verbs
        if run.counts.get(verb)
    ]
    context: dict[str, Any] = {
        "run": run,
        "importer": importer,
        "parts": parts,
        "wrong": run.counts.get("wrong", 0),
        "writes": run.counts.get("create", 0) + run.counts.get("change", 0),
        "waiting": run.state == ImportRun.State.QUEUED,
    }
    return render(request, "core/cms/import_run.html", context)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write it."""
    run, _importer = _run(request, pk)
    try:
        runs.confirm(run, by=request.user, only_right="only_right" in request.POST)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("imports_run", pk=run.pk)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop it."""
    run, _importer = _run(request, pk)
    try:
        runs.cancel(run, by=request.user)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("imports_kind", key=run.kind)


@require_safe
def template(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """Send an example file: CSV, XLSX or Markdown."""
    importer = _importer(request, key)
    if importer.is_text != (form == "md"):
        raise Http404
    if importer.is_text:
        return _file(importer.template.encode(), f"{key}.md", "text/markdown; charset=utf-8")
    chinese = request.LANGUAGE_CODE.startswith("zh")
    header = [column.headings[0] if chinese and column.headings else column.name for column in importer.columns]
    example = [column.example for column in importer.columns]
    if form == "csv":
        text = io.StringIO()
        csv.writer(text).writerows([header, example])
        return _file(("\ufeff" + text.getvalue()).encode(), f"{key}.csv", "text/csv; charset=utf-8")
    return _file(_workbook(header, example), f"{key}.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _workbook(header: list[str], example: list[str]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(header)
    sheet.append(example)
    for column, title in zip(sheet.columns, header, strict=True):
        sheet.column_dimensions[column[0].column_letter].width = max(14, len(title) * 2 + 4)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
