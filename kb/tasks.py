"""Answers of the knowledge base to news from the catalogue."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.notify import notify
from core.history import history_of, record
from kb.caching import forget
from kb.editing import finish_tasks_of
from kb.models import Announcement, EditorTask, ReviewReminder


def forget_articles(**_ids: object) -> None:
    """A family, model or code has changed: guides that name it are built again."""
    forget()


def finish_editor_tasks(page_id: int, **_news: object) -> None:
    """A guide is public: what was to be done about it may be done."""
    finish_tasks_of([page_id])


def tell_assigned(task_id: int) -> None:
    """Tell an editor of a task by mail, once; not the one who took it themselves."""
    with transaction.atomic():
        task = EditorTask.objects.select_for_update().select_related(None).filter(pk=task_id, state=EditorTask.State.OPEN).first()
        if task is None or task.assignee is None or task.assignee_id == task.created_by_id:
            return
        if history_of(task).filter(verb="told").exists():
            return
        with translation.override(task.assignee.language):
            words = gettext("Open my tasks")
        context = {"task": task, "action_url": settings.SITE_ORIGIN + reverse("kb_tasks"), "action_text": words}
        message = notify(task.assignee, "kb/task_assigned", context=context, subject=task)
        if message is not None:
            record(task, "told", label="system", channel=message.channel)


def tell_returned(announcement_id: int) -> None:
    """Tell whoever handed an announcement in why it came back; once a return."""
    with transaction.atomic():
        row = Announcement.objects.select_for_update(of=("self",)).select_related("submitted_by").filter(pk=announcement_id).first()
        if row is None or row.submitted_by is None or row.state != Announcement.State.RETURNED:
            return
        steps = list(history_of(row).filter(verb__in=["returned", "return_told"]).values_list("verb", flat=True))
        if not steps or steps[-1] == "return_told":
            return
        address = reverse(f"{Announcement.snippet_viewset.get_admin_url_namespace()}:edit", args=[row.pk])
        with translation.override(row.submitted_by.language):
            words = gettext("Open the announcement")
        context = {"announcement": row, "reason": row.returned_reason, "action_url": settings.SITE_ORIGIN + address, "action_text": words}
        if notify(row.submitted_by, "kb/announcement_returned", context=context, subject=row) is not None:
            record(row, "return_told", label="system")


def tell_review_due(reminder_id: int) -> None:
    """Tell the owner of a guide by mail that its review comes up or is overdue, once; not for a day that was moved meanwhile."""
    with transaction.atomic():
        row = ReviewReminder.objects.select_for_update(of=("self",)).select_related("page", "owner").filter(pk=reminder_id).first()
        if row is None or row.owner is None or not row.owner.is_active or row.page.review_due_on != row.due_on:
            return
        if row.page.owner_id != row.owner_id or history_of(row).filter(verb="told").exists():
            return
        with translation.override(row.owner.language):
            words = gettext("Open the guide")
        url = settings.SITE_ORIGIN + reverse("wagtailadmin_pages:edit", args=[row.page_id])
        context = {"guide": row.page.title, "due_on": row.due_on, "overdue": row.kind == row.Kind.AFTER}
        message = notify(row.owner, "kb/review_due", context={**context, "action_url": url, "action_text": words}, subject=row)
        if message is not None:
            record(row, "told", label="system", channel=message.channel)
