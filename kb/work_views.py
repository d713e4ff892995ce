"""The work lists in the CMS: the overview with counts, one list with filters and CSV, what can be done with a row, my tasks."""

import csv
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages

from core.errors import Conflict, DomainError
from core.tables import safe_cell
from kb import drafting, editing
from kb.forms import AssignForm, CloseForm
from kb.models import EditorTask, GuidePage
from kb.permissions import can_see_work_lists
from kb.translations import source_locale_id
from kb.worklists import MOST_ROWS, PERIODS, Filters, Row, WorkList, list_for, lists_for, rows_of
from products.models import ProductFamily

PAGE_SIZE = 50


def _editor(request: HttpRequest) -> None:
    if not can_see_work_lists(request.user):
        raise PermissionDenied


def _filters(request: HttpRequest) -> Filters:
    given = request.GET
    days = int(given["days"]) if given.get("days") in {str(days) for days in PERIODS} else 30
    language = given.get("language", "") if given.get("language") in {"zh-hans", "en"} else ""
    return Filters(days=days, language=language, family=given.get("family", "")[:50])


def _shared(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    return {
        "filters": filters,
        "periods": PERIODS,
        "families": list(ProductFamily.objects.filter(is_active=True)),
        "my_count": editing.my_tasks(request.user).count(),
    }


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show every list with its count and its first rows."""
    _editor(request)
    filters = _filters(request)
    cards = []
    for work_list in lists_for(request.user):
        rows = rows_of(work_list, filters)
        cards.append({"list": work_list, "count": len(rows), "rows": rows[:3], "taken": sum(row.task is not None for row in rows)})
    context = {**_shared(request, filters), "cards": cards, "mine": list(editing.my_tasks(request.user)[:5])}
    return render(request, "kb/cms/work_overview.html", context)


def _list(request: HttpRequest, key: str) -> WorkList:
    _editor(request)
    found = list_for(request.user, key)
    if found is None:
        raise Http404
    return found


@require_safe
def work_list(request: HttpRequest, key: str) -> HttpResponse:
    """Show the rows of a list; `export=csv` sends them as a file."""
    found, filters = _list(request, key), _filters(request)
    settled = request.GET.get("show") == "settled"
    rows = rows_of(found, filters, settled=settled)
    if request.GET.get("export") == "csv":
        return _csv(found, rows)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("p"))
    names = {family.slug: family.name for family in ProductFamily.objects.all()}
    can_open = found.may_open(request.user)
    shown = [
        {
            "row": row,
            "url": row.url if can_open else "",
            "families": [names[slug] for slug in row.families if slug in names],
            "more": [(label, address(row)) for label, address in found.more] if can_open else [],
        }
        for row in page.object_list
    ]
    given = request.GET.copy()
    given.pop("p", None)
    context = {
        **_shared(request, filters),
        "list": found,
        "lists": lists_for(request.user),
        "page_obj": page,
        "shown": shown,
        "settled": settled,
        "query": given.urlencode(),
        "total": len(rows),
    }
    return render(request, "kb/cms/work_list.html", context)


def _csv(found: WorkList, rows: list[Row]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.key}-{timezone.localdate().isoformat()}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(
        [_("Title"), str(found.counted), _("Language"), _("Product family"), _("Remarks"), pgettext("time", "Last"), _("Assigned to")]
    )
    for row in rows:
        at = timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M") if row.at else ""
        taken = str(row.task.assignee) if row.task and row.task.assignee else ""
        cells = [row.title, row.count, row.language, " ".join(row.families), "; ".join(row.facts), at, taken]
        writer.writerow([safe_cell(cell) for cell in cells])
    if len(rows) >= MOST_ROWS:
        writer.writerow(
            [
                _("The list goes on: only the first %(count)s rows are here. Choose a product, language or shorter period.")
                % {"count": MOST_ROWS}
            ]
        )
    return response


def _row(request: HttpRequest, found: WorkList, key: str) -> Row:
    """Find the row again: what a page or task starts with comes from the list, never from the form."""
    for days in (30, 90, 7):
        for row in found.rows(Filters(days=days)):
            if row.key == key:
                return row
    raise Http404


def _back(key: str) -> HttpResponse:
    return redirect("kb_work_list", key=key)


@require_POST
def start_page(request: HttpRequest, key: str) -> HttpResponse:
    """Begin the work of a row: its guide in the editor, a new draft, or where else it is mended. The row is a task of whoever began."""
    found = _list(request, key)
    row = _row(request, found, request.POST.get("row", ""))
    elsewhere = row.url if row.page_id is None and not found.starts_page and found.may_open(request.user) else ""
    if row.page_id is None and not found.starts_page and not elsewhere:
        raise Http404
    try:
        with transaction.atomic():
            page = None if elsewhere else _page_of(request, row)
            _take(request, found, row, page)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return _back(key)
    if row.page_id is None and not elsewhere:
        messages.success(request, _("A draft is ready with what we know. Nobody sees it until it is published."))
    else:
        messages.success(request, _("“%(title)s” is your task now. Close it on the list when it is done.") % {"title": row.title})
    return redirect("wagtailadmin_pages:edit", page.pk) if page is not None else redirect(elsewhere)


def _page_of(request: HttpRequest, row: Row) -> GuidePage:
    if row.page_id is not None:
        return get_object_or_404(GuidePage, pk=row.page_id)
    return drafting.start_from_row(by=request.user, prefill={"title": row.title, **row.prefill}, language=row.language)


def _take(request: HttpRequest, found: WorkList, row: Row, page: GuidePage | None) -> None:
    """Make the row a task of the person, or put the draft at their own. Raises Conflict when somebody else is on it."""
    task = EditorTask.objects.select_for_update().filter(list_key=found.key, row_key=row.key, state=EditorTask.State.OPEN).first()
    page_id = page.pk if page is not None else None
    if task is not None:
        if task.page_id not in {None, page_id} or task.assignee_id not in {None, request.user.pk}:
            raise Conflict(editing.TAKEN, code="taken")
        EditorTask.objects.filter(pk=task.pk).update(page=page)
        return
    editing.assign_task(
        by=request.user,
        assignee=request.user,
        title=row.title,
        list_key=found.key,
        row_key=row.key,
        language=row.language,
        page_id=page_id,
        prefill=_begins_with(found, row),
    )


def _begins_with(found: WorkList, row: Row) -> dict[str, Any]:
    """Return what the task keeps of its row: what a new guide starts with, or where the thing is mended that is no guide."""
    elsewhere = row.page_id is None and not found.starts_page and row.url
    return {**row.prefill, "address": row.url} if elsewhere else dict(row.prefill)


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, key: str) -> HttpResponse:
    """Give a row to an editor."""
    found = _list(request, key)
    row = _row(request, found, (request.POST if request.method == "POST" else request.GET).get("row", ""))
    form = AssignForm(request.POST or None, people=editing.editors(), initial={"assignee": request.user.pk, "title": row.title})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            editing.assign_task(
                by=request.user,
                assignee=data["assignee"],
                title=data["title"],
                note=data["note"],
                due_on=data["due_on"],
                list_key=found.key,
                row_key=row.key,
                language=row.language,
                page_id=row.page_id,
                prefill=_begins_with(found, row),
            )
        except DomainError as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal.message))
        else:
            messages.success(request, _("“%(title)s” is with %(name)s.") % {"title": data["title"], "name": data["assignee"]})
            return _back(key)
    return render(request, "kb/cms/work_assign.html", {"list": found, "row": row, "form": form})


@require_POST
def dismiss(request: HttpRequest, key: str) -> HttpResponse:
    """Set a row aside; it comes back when it happens again."""
    found = _list(request, key)
    row = _row(request, found, request.POST.get("row", ""))
    try:
        editing.dismiss_row(
            by=request.user,
            list_key=found.key,
            row_key=row.key,
            title=row.title,
            reason=request.POST.get("reason", "") or _("nothing to do"),
            language=row.language,
        )
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("“%(title)s” is set aside. It comes back when it happens again.") % {"title": row.title})
    return _back(key)


@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """Show my tasks, or everybody's."""
    _editor(request)
    whose = request.GET.get("show", "mine")
    states = {"all": EditorTask.State.OPEN, "done": EditorTask.State.DONE, "dismissed": EditorTask.State.DISMISSED}
    rows = editing.all_tasks(state=states[whose]) if whose in states else editing.my_tasks(request.user)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("p"))
    titles = {item.key: item.title for item in lists_for(request.user)}
    shown = [{"task": task, "list": titles.get(task.list_key, "")} for task in page.object_list]
    context = {"page_obj": page, "shown": shown, "whose": whose if whose in states else "mine", "form": CloseForm()}
    return render(request, "kb/cms/work_tasks.html", context)


@require_POST
def close_task(request: HttpRequest, pk: int) -> HttpResponse:
    """Finish a task or set it aside."""
    _editor(request)
    task = get_object_or_404(EditorTask, pk=pk)
    try:
        editing.close_task(task, by=request.user, reason=request.POST.get("reason", ""), dismiss="dismiss" in request.POST)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("“%(title)s” is closed.") % {"title": task.title})
    return _back(task.list_key) if request.POST.get("from") == "list" and list_for(request.user, task.list_key) else redirect("kb_tasks")


@require_POST
def start_from_task(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the task's guide in the editor; start one where there is none yet."""
    _editor(request)
    task = get_object_or_404(EditorTask, pk=pk, state=EditorTask.State.OPEN)
    if task.page_id is not None:
        return redirect("wagtailadmin_pages:edit", task.page_id)
    if address := str(task.prefill.get("address", "")):
        return redirect(address)
    try:
        page = drafting.start_from_row(by=request.user, prefill={"title": task.title, **task.prefill}, language=task.language)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("kb_tasks")
    EditorTask.objects.filter(pk=task.pk).update(page=page)
    return redirect("wagtailadmin_pages:edit", page.pk)


@require_safe
def source_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the comparison of a translation's source: as it was when the translation was published, and as it is."""
    _editor(request)
    page = get_object_or_404(GuidePage, pk=pk)
    source = GuidePage.objects.filter(translation_key=page.translation_key, locale_id=source_locale_id(page)).exclude(pk=page.pk).first()
    if source is None:
        raise Http404
    before = (
        source.revisions.filter(created_at__lte=page.last_published_at).order_by("-created_at").first() if page.last_published_at else None
    )
    if source.live_revision_id is None or before is None or before.pk == source.live_revision_id:
        return redirect("wagtailadmin_pages:edit", source.pk)
    return redirect("wagtailadmin_pages:revisions_compare", source.pk, str(before.pk), "live")
