"""A worker is killed in the middle of a task: another one takes the work up again, once, and nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from core import tasks
from core.models import OutboundMessage, TaskAttempt
from core.notifications import deliver

pytestmark = [pytest.mark.services, pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start a command of the product on the database of this test: `process("run_worker")`."""
    started: list[subprocess.Popen] = []
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    environment = {
        **os.environ,
        "DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
        "HEARTH_DATA_DIR": str(tmp_path),
        "HEARTH_WORKER_STALE_SECONDS": "2",
        "HEARTH_CLOCK_SECONDS": "1",
    }

    def start(command: str) -> subprocess.Popen:
        made = subprocess.Popen([sys.executable, str(ROOT / "manage.py"), command], cwd=ROOT, env=environment)
        started.append(made)
        return made

    yield start
    for made in started:
        if made.poll() is None:
            made.terminate()
            made.wait(timeout=20)


def wait_for(what: Callable[[], bool]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.2)


def test_the_task_of_a_killed_worker_is_done_by_the_next_one(process, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    attempt = tasks.enqueue("tests.services.slow_work.work", diary=str(diary), seconds=120)
    victim = process("run_worker")
    wait_for(diary.exists)
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    attempt.refresh_from_db()
    assert attempt.state == TaskAttempt.State.RUNNING  # nobody knows yet
    process("run_worker")
    process("run_clock")
    wait_for(lambda: TaskAttempt.objects.get(pk=attempt.pk).state == TaskAttempt.State.DONE)
    assert diary.read_text().split() == ["begun", "begun", "done"]


def test_messages_owed_when_the_worker_dies_go_out_once(process, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    tasks.enqueue("tests.services.slow_work.work", diary=str(diary), seconds=120)
    victim = process("run_worker")
    wait_for(diary.exists)
    owed = [
        deliver(
            f"+86139001390{number:02}",
            channel="sms",
            language="zh-hans",
            template="tickets/closed",
            context={"reference": "T-1", "action_url": "/"},
        )
        for number in range(5)
    ]
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    process("run_worker")
    process("run_clock")
    wait_for(lambda: set(OutboundMessage.objects.values_list("state", flat=True)) == {OutboundMessage.State.SENT})
    assert OutboundMessage.objects.filter(tries=1).count() == len(owed)
    wait_for(lambda: diary.read_text().endswith("done\n"))


def test_a_worker_told_to_stop_ends_its_task_first(process, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    attempt = tasks.enqueue("tests.services.slow_work.work", diary=str(diary), seconds=2)
    worker = process("run_worker")
    wait_for(diary.exists)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) == 0
    attempt.refresh_from_db()
    assert attempt.state == TaskAttempt.State.DONE
