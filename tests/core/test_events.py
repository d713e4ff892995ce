"""The switchboard: durable handlers become tasks with the change, push handlers run after it and may fail alone."""

import pytest
from django.db import transaction

from core import events
from core.models import TaskAttempt

seen: list[dict] = []


def push(**ids):
    seen.append(ids)


def broken_push(**ids):
    raise RuntimeError("socket layer is away")


@pytest.fixture
def switchboard():
    before = dict(events.table())
    seen.clear()
    here = "tests.core.test_events"
    events.install(
        {
            "thing.changed": events.Subscription(durable=(f"{here}.durable",), push=(f"{here}.broken_push", f"{here}.push")),
            "thing.ignored": events.Subscription(),
        }
    )
    yield
    events.install(before)


@pytest.mark.django_db(transaction=True)
def test_durable_handler_is_queued_and_push_handler_runs_after_commit(switchboard):
    with transaction.atomic():
        events.emit("thing.changed", thing_id=3)
        assert seen == []
        assert TaskAttempt.objects.filter(kwargs={"thing_id": 3}).count() == 1
    assert seen == [{"thing_id": 3}], "one failing push handler does not stop the next"


@pytest.mark.django_db(transaction=True)
def test_rolled_back_change_tells_nobody(switchboard):
    with pytest.raises(RuntimeError), transaction.atomic():
        events.emit("thing.changed", thing_id=3)
        raise RuntimeError
    assert seen == []
    assert not TaskAttempt.objects.exists()


@pytest.mark.django_db
def test_unknown_event_is_an_error(switchboard):
    with pytest.raises(KeyError, match=r"thing\.forgotten"):
        events.emit("thing.forgotten")


@pytest.mark.django_db
def test_event_without_handlers_is_fine(switchboard):
    events.emit("thing.ignored", thing_id=1)
    assert not TaskAttempt.objects.exists()
