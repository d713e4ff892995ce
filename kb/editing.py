"""What editors do with the rows of their work lists: give them to somebody, finish them, set them aside."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import history
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import emit
from kb.models import EditorTask, GuidePage
from kb.permissions import can_see_work_lists
from kb.worklists import PERIODS, Filters, list_named
from products.models import ProductFamily

TAKEN = _("Somebody is already on this row.")


def editors() -> QuerySet[Any]:
    """Return the people who can be given a task: staff who may write or review guides."""
    people = get_user_model().objects.filter(is_active=True, is_staff=True)
    wanted = ("change_guidepage", "review_guide")
    return people.filter(groups__permissions__content_type__app_label="kb", groups__permissions__codename__in=wanted).distinct()


def assign_task(
    *,
    by: Any,
    assignee: Any,
    title: str,
    list_key: str = "",
    row_key: str = "",
    note: str = "",
    due_on: date | None = None,
    language: str = "",
    page_id: int | None = None,
    prefill: Mapping[str, Any] | None = None,
) -> EditorTask:
    """Give a row to an editor, who is told unless they gave it to themselves. Emits `editor_task.assigned`.

    Args:
        list_key, row_key: the row it comes from; empty for a task of its own.
        due_on: not before today.
        prefill: what a page started from the task begins with.
    Raises:
        NotAllowed; InvalidInput for a past day or somebody who cannot write guides; Conflict when the row has an open task.
    """
    if not can_see_work_lists(by):
        raise NotAllowed()
    if due_on is not None and due_on < timezone.localdate():
        raise InvalidInput(_("Choose today or a later day."), field="due_on")
    if assignee is None or not can_see_work_lists(assignee):
        raise InvalidInput(_("Choose somebody who writes or reviews guides."), field="assignee")
    if not title.strip():
        raise InvalidInput(field="title")
    given = dict(prefill or {})
    family = ProductFamily.objects.filter(slug=given.get("family", "")).first() if given.get("family") else None
    try:
        with transaction.atomic():
            task = EditorTask.objects.create(
                list_key=list_key[:40],
                row_key=row_key[:200],
                title=title.strip()[:255],
                note=note.strip(),
                language=language,
                family=family,
                page=GuidePage.objects.filter(pk=page_id).first() if page_id else None,
                prefill=given,
                assignee=assignee,
                due_on=due_on,
                created_by=by,
            )
            history.record(task, "assigned", by=by, assignee=str(assignee), due_on=due_on.isoformat() if due_on else "")
            emit("editor_task.assigned", task_id=task.pk)
    except IntegrityError as error:
        raise Conflict(TAKEN, code="taken") from error
    return task


def close_task(task: EditorTask, *, by: Any, reason: str = "", dismiss: bool = False) -> EditorTask:
    """Finish a task, or set it aside with a reason. Emits `editor_task.closed`.

    Raises NotAllowed; InvalidInput without a reason where it is set aside; Conflict when it is closed already.
    """
    if not can_see_work_lists(by):
        raise NotAllowed()
    words = reason.strip()[:255]
    if dismiss and not words:
        raise InvalidInput(_("Say why nothing needs to be done."), field="reason")
    with transaction.atomic():
        row = EditorTask.objects.select_for_update().get(pk=task.pk)
        if row.state != EditorTask.State.OPEN:
            raise Conflict()
        _close(row, EditorTask.State.DISMISSED if dismiss else EditorTask.State.DONE, reason=words, by=by)
    return row


def _close(row: EditorTask, state: EditorTask.State, *, reason: str = "", by: Any = None) -> None:
    row.state = state
    row.reason, row.closed_by, row.closed_at = reason, by, timezone.now()
    row.save(update_fields=["state", "reason", "closed_by", "closed_at"])
    work_list = list_named(row.list_key)
    if work_list is not None and work_list.when_closed is not None:
        work_list.when_closed(row.row_key)
    history.record(row, "dismissed" if state == EditorTask.State.DISMISSED else "done", by=by, reason=reason)
    emit("editor_task.closed", task_id=row.pk)


def finish_tasks_of(page_ids: Iterable[int]) -> int:
    """Close the open tasks of guides that are done by what happened to the guide. Emits `editor_task.closed` for each.

    A guide that was started from a row is done when it is public; what a list noticed about a guide, when the list no longer has it.
    Nothing is asked where the guides have no open task.

    Returns:
        how many were closed.
    """
    done = 0
    for task in EditorTask.objects.filter(page_id__in=list(page_ids), state=EditorTask.State.OPEN).select_related("page"):
        if not _is_done(task):
            continue
        with transaction.atomic():
            row = EditorTask.objects.select_for_update().filter(pk=task.pk, state=EditorTask.State.OPEN).first()
            if row is not None:
                _close(row, EditorTask.State.DONE)
                done += 1
    return done


def _is_done(task: EditorTask) -> bool:
    work_list = list_named(task.list_key)
    if work_list is None or task.page is None or not task.page.live:
        return False
    if work_list.starts_page:
        return True
    return work_list.ends_by_itself and all(row.key != task.row_key for row in work_list.rows(Filters(days=max(PERIODS))))


def dismiss_row(*, by: Any, list_key: str, row_key: str, title: str, reason: str, language: str = "") -> EditorTask:
    """Set a row aside without giving it to anybody; it comes back when it happens again.

    Raises NotAllowed; InvalidInput without a reason; Conflict when somebody is on it.
    """
    with transaction.atomic():
        if EditorTask.objects.filter(list_key=list_key, row_key=row_key, state=EditorTask.State.OPEN).exists():
            raise Conflict(TAKEN, code="taken")
        if not can_see_work_lists(by):
            raise NotAllowed()
        if not reason.strip():
            raise InvalidInput(_("Say why nothing needs to be done."), field="reason")
        task = EditorTask.objects.create(
            list_key=list_key[:40], row_key=row_key[:200], title=title[:255], language=language, created_by=by, assignee=by
        )
        return close_task(task, by=by, reason=reason, dismiss=True)


def my_tasks(user: Any) -> QuerySet[EditorTask]:
    """Return a person's open tasks, the nearest day first, those without a day last."""
    from django.db.models import F

    return (
        EditorTask.objects.filter(assignee=user, state=EditorTask.State.OPEN)
        .select_related("page", "page__locale", "family", "created_by")
        .order_by(F("due_on").asc(nulls_last=True), "created_at")
    )


def all_tasks(*, state: str = EditorTask.State.OPEN) -> QuerySet[EditorTask]:
    """Return everybody's tasks in a state, the newest change first."""
    return (
        EditorTask.objects.filter(state=state)
        .select_related("page", "page__locale", "family", "assignee", "created_by", "closed_by")
        .order_by("-closed_at", "due_on", "-created_at")
    )
