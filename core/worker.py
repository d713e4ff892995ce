"""The worker and the clock, as loops that run in a process of their own or as threads of the one-process mode."""

import logging
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping

from django.conf import settings
from django.db import close_old_connections, connections
from django_tasks_db.management.commands.db_worker import Worker as QueueWorker

from core import tasks

logger = logging.getLogger(__name__)
IDLE_SECONDS = 0.5


class Heart(threading.Thread):
    """Writes a sign of life every few seconds until stopped."""

    def __init__(self, worker_id: str, kind: str, stop: threading.Event) -> None:
        super().__init__(name=f"heart-{kind}", daemon=True)
        self.worker_id = worker_id
        self.kind = kind
        self.stop_event = stop

    def run(self) -> None:
        """Beat; a database that is away is tried again at the next beat."""
        while True:
            try:
                close_old_connections()
                tasks.beat(self.worker_id, kind=self.kind, host=socket.gethostname()[:120])
            except Exception:
                logger.warning("no heartbeat written", exc_info=True)
            if self.stop_event.wait(settings.TASK_HEARTBEAT_SECONDS):
                break
        connections.close_all()


class Worker(QueueWorker):
    """The queue's worker with a heartbeat; stops between two tasks when `stop` is set."""

    def __init__(self, *, stop: threading.Event | None = None, batch: bool = False) -> None:
        super().__init__(
            queue_names=["*"],
            interval=IDLE_SECONDS,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=uuid.uuid4().hex,
            excluded_queue_names=[],
        )
        self.stop_event = stop or threading.Event()

    @property
    def running(self) -> bool:
        """Whether the loop goes on (read by the queue's loop)."""
        return not self.stop_event.is_set()

    @running.setter
    def running(self, value: bool) -> None:
        if not value and hasattr(self, "stop_event"):
            self.stop_event.set()

    def serve(self) -> None:
        """Work until stopped; after a database error wait a moment and go on."""
        stop_heart = threading.Event()
        heart = Heart(self.worker_id, "worker", stop_heart)
        heart.start()
        try:
            while self.running:
                try:
                    self.run()
                except Exception:
                    logger.exception("worker stumbled; it goes on in a second")
                    connections.close_all()
                    time.sleep(1)
                if self.batch:
                    break
        finally:
            stop_heart.set()
            heart.join(timeout=5)
            connections.close_all()


class Clock:
    """Runs the sweeps in turn; each looks at state, is idempotent and safe to run twice at once."""

    def __init__(self, sweeps: Mapping[str, tuple[Callable[[], object], int]], *, stop: threading.Event | None = None) -> None:
        """`sweeps`: name → (function, seconds between two runs)."""
        self.sweeps = sweeps
        self.stop_event = stop or threading.Event()
        self.clock_id = uuid.uuid4().hex
        self._next: dict[str, float] = dict.fromkeys(sweeps, 0.0)

    def tick(self) -> list[str]:
        """Run what is due; return the names that ran. One failing sweep does not stop the others."""
        ran = []
        for name, (sweep, seconds) in self.sweeps.items():
            if time.monotonic() < self._next[name]:
                continue
            self._next[name] = time.monotonic() + seconds
            try:
                close_old_connections()
                sweep()
            except Exception:
                logger.exception("sweep %s failed; it runs again", name)
            ran.append(name)
        return ran

    def serve(self) -> None:
        """Tick until stopped."""
        Heart(self.clock_id, "clock", self.stop_event).start()
        while not self.stop_event.is_set():
            self.tick()
            self.stop_event.wait(1)
        connections.close_all()
