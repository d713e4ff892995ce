"""Runs waiting background work inside a test, as the worker would."""

import uuid
from types import SimpleNamespace

from django.utils.module_loading import import_string

from core.models import TaskAttempt
from core.tasks import run_attempt
from search.engines.base import EngineUnavailable
from search.runtime import elastic_engine


def make_search_index() -> None:
    """Give the search server an index where it has none, so that work which indexes is not told so; a server that is away stays away."""
    engine = elastic_engine()
    if engine is None:
        return
    try:
        if not engine.ready():
            engine.switch_to(engine.create_index())
    except EngineUnavailable:
        return


def run_waiting_tasks(*, only: str = "", forgive: bool = False, rounds: int = 5) -> int:
    """Run every waiting task once per round until none is left; returns how many ran.

    Args:
        only: run tasks whose path starts with this.
        forgive: record failures as the worker does, instead of raising them in the test.
        rounds: work that makes work is followed so many times.
    """
    ran = 0
    for _round in range(rounds):
        waiting = list(TaskAttempt.objects.filter(state=TaskAttempt.State.WAITING, path__startswith=only).order_by("pk"))
        if not waiting:
            break
        for attempt in waiting:
            ran += 1
            if forgive:
                result = SimpleNamespace(id=attempt.result_id or uuid.uuid4(), worker_ids=["test"])
                run_attempt.func(SimpleNamespace(task_result=result), attempt.pk)
            else:
                import_string(attempt.path)(**attempt.kwargs)
                TaskAttempt.objects.filter(pk=attempt.pk).update(state=TaskAttempt.State.DONE)
        if forgive:
            break
    return ran
