"""Background work: nothing is lost, nothing runs twice by mistake, what fails is retried and finally shown."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from core import tasks
from core.models import TaskAttempt, WorkerHeartbeat
from core.worker import Clock, Worker

pytestmark = pytest.mark.django_db(transaction=True)
calls: list[dict] = []
HERE = "tests.core.test_tasks"


def note(**kwargs):
    calls.append(kwargs)


def fail(**kwargs):
    calls.append(kwargs)
    raise ValueError("the other side is away")


def fail_once(**kwargs):
    calls.append(kwargs)
    if len(calls) == 1:
        raise tasks.Retry("not yet")


@pytest.fixture(autouse=True)
def fresh_calls():
    calls.clear()


def drain():
    Worker(batch=True).serve()


def due_now():
    """Let every waiting try be due."""
    TaskAttempt.objects.filter(state=TaskAttempt.State.WAITING).update(run_after=timezone.now())
    DBTaskResult.objects.filter(status=TaskResultStatus.READY).update(run_after=timezone.now() - timedelta(seconds=1))


def test_task_runs_with_its_arguments():
    attempt = tasks.enqueue(f"{HERE}.note", page_id=7, text="洗衣机")
    drain()
    attempt.refresh_from_db()
    assert calls == [{"page_id": 7, "text": "洗衣机"}]
    assert (attempt.state, attempt.tries) == (TaskAttempt.State.DONE, 1)


def test_task_of_a_rolled_back_change_is_never_seen():
    with pytest.raises(RuntimeError), transaction.atomic():
        tasks.enqueue(f"{HERE}.note", page_id=7)
        raise RuntimeError
    drain()
    assert calls == []
    assert not TaskAttempt.objects.exists()


def test_failed_task_is_tried_again_later_and_then_given_up(monkeypatch):
    monkeypatch.setattr(tasks, "BACKOFF_SECONDS", (1000, 5000))
    attempt = tasks.enqueue(f"{HERE}.fail", max_tries=3, page_id=1)
    drain()
    attempt.refresh_from_db()
    assert attempt.state == TaskAttempt.State.WAITING
    assert attempt.run_after > timezone.now()
    assert "the other side is away" in attempt.last_error
    drain()
    assert len(calls) == 1, "the next try waits"
    first_wait = attempt.run_after - timezone.now()
    due_now()
    drain()
    attempt.refresh_from_db()
    assert attempt.run_after - timezone.now() > first_wait, "the distance grows"
    due_now()
    drain()
    assert len(calls) == 3
    assert list(tasks.dead_letters()) == [attempt]


def test_given_up_task_runs_again_when_staff_say_so():
    attempt = tasks.enqueue(f"{HERE}.fail_once", max_tries=1)
    drain()
    assert list(tasks.dead_letters()) == [attempt]
    tasks.retry_dead(attempt)
    drain()
    attempt.refresh_from_db()
    assert attempt.state == TaskAttempt.State.DONE
    assert len(calls) == 2


def test_work_of_a_killed_worker_is_taken_up_again():
    attempt = tasks.enqueue(f"{HERE}.note", page_id=7)
    row = DBTaskResult.objects.get(pk=attempt.result_id)
    row.claim("worker-that-dies")
    long_ago = timezone.now() - timedelta(minutes=5)
    DBTaskResult.objects.filter(pk=row.pk).update(started_at=long_ago)
    TaskAttempt.objects.filter(pk=attempt.pk).update(state=TaskAttempt.State.RUNNING)
    drain()
    assert calls == [], "a running row is nobody else's"
    assert tasks.requeue_lost() == 1
    assert tasks.requeue_lost() == 0
    drain()
    assert calls == [{"page_id": 7}]


def test_slow_work_of_a_living_worker_is_left_alone():
    attempt = tasks.enqueue(f"{HERE}.note")
    row = DBTaskResult.objects.get(pk=attempt.result_id)
    row.claim("busy-worker")
    DBTaskResult.objects.filter(pk=row.pk).update(started_at=timezone.now() - timedelta(hours=1))
    tasks.beat("busy-worker")
    assert tasks.requeue_lost() == 0


def test_same_row_delivered_twice_runs_once():
    attempt = tasks.enqueue(f"{HERE}.note", page_id=1)
    drain()
    DBTaskResult.objects.filter(pk=attempt.result_id).update(status=TaskResultStatus.READY)
    drain()
    assert len(calls) == 1


def test_old_finished_work_is_forgotten_and_given_up_work_is_kept():
    done = tasks.enqueue(f"{HERE}.note")
    dead = tasks.enqueue(f"{HERE}.fail", max_tries=1)
    drain()
    TaskAttempt.objects.update(finished_at=timezone.now() - timedelta(days=30))
    WorkerHeartbeat.objects.create(worker_id="gone", seen_at=timezone.now() - timedelta(days=3))
    tasks.prune()
    assert set(TaskAttempt.objects.values_list("pk", flat=True)) == {dead.pk}
    assert done.pk != dead.pk
    assert not WorkerHeartbeat.objects.filter(pk="gone").exists()


def test_clock_goes_on_when_one_sweep_fails():
    ran = []

    def broken():
        raise RuntimeError("broken")

    clock = Clock({"broken": (broken, 60), "good": (lambda: ran.append(1), 60)})
    assert clock.tick() == ["broken", "good"]
    assert ran == [1]
    assert clock.tick() == [], "each waits for its time"
