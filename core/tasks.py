"""Durable background work: a row in the transaction of the change, several tries, a list of what was given up.

django-tasks-db keeps the queue but neither retries nor frees the rows of a killed worker; `TaskAttempt` carries one piece of work
through all its tries, each try being a new row of the queue. Handlers are dotted paths taking JSON keyword arguments; they must be
idempotent, since a worker may die after the work and before the row says so.
"""

import logging
import traceback
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus, task
from django_tasks.base import TaskContext
from django_tasks_db.models import DBTaskResult

from core.models import TaskAttempt, WorkerHeartbeat

logger = logging.getLogger(__name__)
BACKOFF_SECONDS = (2, 10, 60, 300, 1800, 7200)


class Retry(Exception):
    """Raised by a handler whose surroundings are not ready; retried like any failure, without a traceback in the log."""


def enqueue(path: str, *, run_after: datetime | None = None, max_tries: int | None = None, **kwargs: Any) -> TaskAttempt:
    """Ask for `path(**kwargs)` in the background; part of the present transaction.

    Args:
        path: dotted path of the handler.
        run_after: not before this time.
        max_tries: tries before the dead-letter list; settings.TASK_MAX_ATTEMPTS by default.
        kwargs: JSON values, ids rather than objects.
    """
    with transaction.atomic():
        attempt = TaskAttempt.objects.create(
            path=path, kwargs=kwargs, max_tries=max_tries or settings.TASK_MAX_ATTEMPTS, run_after=run_after or timezone.now()
        )
        _put_in_queue(attempt, run_after=run_after)
    return attempt


def _put_in_queue(attempt: TaskAttempt, *, run_after: datetime | None) -> None:
    queued = run_attempt.using(run_after=run_after) if run_after and run_after > timezone.now() else run_attempt
    result = queued.enqueue(attempt_id=attempt.pk)
    attempt.result_id = uuid.UUID(str(result.id))
    attempt.state = TaskAttempt.State.WAITING
    attempt.save(update_fields=["result_id", "state", "run_after"])


@task(takes_context=True)
def run_attempt(context: TaskContext, attempt_id: int) -> None:
    """Run one try of one piece of work (called by the worker)."""
    workers = context.task_result.worker_ids
    began = timezone.now()
    mine = TaskAttempt.objects.filter(pk=attempt_id, result_id=context.task_result.id).exclude(
        state__in=[TaskAttempt.State.DONE, TaskAttempt.State.DEAD]
    )
    if not mine.update(state=TaskAttempt.State.RUNNING, tries=F("tries") + 1, started_at=began, worker_id=workers[-1] if workers else ""):
        return  # finished already, or another row of the queue has taken over
    attempt = TaskAttempt.objects.get(pk=attempt_id)
    try:
        import_string(attempt.path)(**attempt.kwargs)
    except Exception as error:
        fail_attempt(attempt, error)
        return
    TaskAttempt.objects.filter(pk=attempt_id).update(state=TaskAttempt.State.DONE, finished_at=timezone.now(), last_error="")


def fail_attempt(attempt: TaskAttempt, error: BaseException) -> None:
    """Record a failed try: queue the next one with growing distance, or give up."""
    text = "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, Retry):
        logger.warning("task %s not possible yet: %s", attempt.path, text)
    else:
        logger.error("task %s failed (try %s of %s): %s", attempt.path, attempt.tries, attempt.max_tries, text, exc_info=error)
    with transaction.atomic():
        attempt.last_error = text[:4000]
        if attempt.tries >= attempt.max_tries:
            attempt.state = TaskAttempt.State.DEAD
            attempt.finished_at = timezone.now()
            attempt.save(update_fields=["last_error", "state", "finished_at"])
            return
        wait = BACKOFF_SECONDS[min(attempt.tries, len(BACKOFF_SECONDS)) - 1]
        attempt.run_after = timezone.now() + timedelta(seconds=wait)
        attempt.save(update_fields=["last_error", "run_after"])
        _put_in_queue(attempt, run_after=attempt.run_after)


def dead_letters() -> QuerySet[TaskAttempt]:
    """Return the work that was given up, newest first."""
    return TaskAttempt.objects.filter(state=TaskAttempt.State.DEAD).order_by("-finished_at")


def retry_dead(attempt: TaskAttempt) -> TaskAttempt:
    """Put given-up work back with fresh tries; nothing happens where it is not given up."""
    with transaction.atomic():
        if TaskAttempt.objects.filter(pk=attempt.pk, state=TaskAttempt.State.DEAD).update(
            state=TaskAttempt.State.WAITING, tries=0, run_after=timezone.now(), finished_at=None
        ):
            attempt.refresh_from_db()
            _put_in_queue(attempt, run_after=None)
    return attempt


def beat(worker_id: str, *, kind: str = "worker", host: str = "") -> None:
    """Write a worker's sign of life."""
    now = timezone.now()
    if not WorkerHeartbeat.objects.filter(pk=worker_id).update(seen_at=now):
        WorkerHeartbeat.objects.get_or_create(worker_id=worker_id, defaults={"kind": kind, "host": host, "seen_at": now})


def requeue_lost(*, now: datetime | None = None) -> int:
    """Take up the work of workers that died: RUNNING rows whose worker has been silent for TASK_STALE_SECONDS.

    Returns the number of rows taken up. Safe to run from several clocks at once (compare-and-swap on the queue's row).
    """
    now = now or timezone.now()
    silent_since = now - timedelta(seconds=settings.TASK_STALE_SECONDS)
    alive = set(WorkerHeartbeat.objects.filter(seen_at__gte=silent_since).values_list("worker_id", flat=True))
    taken = 0
    for row in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING):
        if (row.worker_ids and row.worker_ids[-1] in alive) or (row.started_at and row.started_at > silent_since):
            continue
        with transaction.atomic():
            swapped = DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING, worker_ids=row.worker_ids).update(
                status=TaskResultStatus.READY, started_at=None
            )
            taken += swapped
            if swapped:
                TaskAttempt.objects.filter(result_id=row.pk, state=TaskAttempt.State.RUNNING).update(state=TaskAttempt.State.WAITING)
    return taken


def prune(*, now: datetime | None = None, days: int = 14) -> int:
    """Forget finished work older than `days` and workers silent for a day; returns the rows removed."""
    now = now or timezone.now()
    old = now - timedelta(days=days)
    WorkerHeartbeat.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
    count, _detail = TaskAttempt.objects.filter(state=TaskAttempt.State.DONE, finished_at__lt=old).delete()
    finished = [TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED]
    DBTaskResult.objects.filter(status__in=finished, finished_at__lt=now - timedelta(days=2)).delete()
    return count
