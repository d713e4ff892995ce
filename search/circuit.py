"""A circuit breaker: after a failure nobody waits for the same server again until a probe in the background succeeds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Circuit:
    """Closed (use the server) or open (do not); one per server and process, safe among threads."""

    def __init__(self, probe: Callable[[], None], *, retry_after: float = 3.0, longest: float = 30.0) -> None:
        """``probe`` raises while the server does not work; times are in seconds, waiting doubles up to ``longest``."""
        self._probe = probe
        self._retry_after = retry_after
        self._longest = longest
        self._lock = threading.Lock()
        self._failures = 0
        self._next_probe = 0.0
        self._probing = False
        self._reason = ""
        self._since: float | None = None

    @property
    def closed(self) -> bool:
        """Whether the server is in use."""
        return self._since is None

    def allows(self) -> bool:
        """Whether to ask the server now; when a probe is due it is started and not waited for."""
        if self._since is None:
            return True
        self._maybe_probe()
        return False

    def failed(self, reason: object) -> None:
        """The server did not work: open, or stay open and wait longer."""
        with self._lock:
            if self._since is None:
                self._since = time.monotonic()
                logger.warning("search server left out: %s", reason)
            self._reason = str(reason)[:200]
            pause = min(self._retry_after * 2 ** min(self._failures, 10), self._longest)
            self._failures += 1
            self._next_probe = time.monotonic() + pause

    def worked(self) -> None:
        """The server works: close."""
        with self._lock:
            if self._since is not None:
                logger.warning("search server in use again after %.1f s", time.monotonic() - self._since)
            self._since = None
            self._failures = 0
            self._reason = ""

    def _maybe_probe(self) -> None:
        with self._lock:
            if self._probing or time.monotonic() < self._next_probe:
                return
            self._probing = True
        threading.Thread(target=self._run_probe, name="search-probe", daemon=True).start()

    def _run_probe(self) -> None:
        try:
            self._probe()
        except Exception as error:
            self.failed(error)
        else:
            self.worked()
        finally:
            self._probing = False

    def state(self) -> dict[str, object]:
        """For operators: ``closed`` or ``open`` with the reason and the seconds since."""
        if self._since is None:
            return {"circuit": "closed"}
        self._maybe_probe()
        since = self._since
        return {
            "circuit": "open",
            "reason": self._reason,
            "seconds": round(time.monotonic() - since, 1) if since is not None else 0.0,
        }
