"""Web processes and a Redis of one's own: the product as it is served, on the database of the caller. For the soak and the tests."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 90


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(answers: Callable[[], bool], *, what: str) -> None:
    """Wait until a server answers. Fails after PATIENCE seconds."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if answers():
                return
        except (OSError, urllib.error.URLError):
            pass
        assert time.monotonic() < until, f"{what} does not answer"
        time.sleep(0.1)


@dataclass
class Redis:
    """A Redis of one's own that may be stopped."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start and wait until it answers."""
        command = ["redis-server", "--port", str(self.port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers, what="redis")

    def _answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")

    def stop(self) -> None:
        """Kill it: connections break, everything in it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@dataclass
class Web:
    """One web process of the product on the caller's database."""

    folder: Path
    redis: str = ""
    application: str = "portal.asgi:application"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def socket_of(self, key: str) -> str:
        """Return the socket address of a conversation."""
        return f"ws://127.0.0.1:{self.port}/ws/chat/{key}/"

    def environment(self) -> dict[str, str]:
        """Return the environment: the caller's database, secret and (in services mode) a Redis."""
        mine = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
            "HEARTH_DATA_DIR": str(self.folder),
            "SECRET_KEY": settings.SECRET_KEY,
            "REDIS_URL": self.redis,
            "HEARTH_LOG_LEVEL": "ERROR",
        }
        name = str(connection.settings_dict["NAME"])
        if connection.vendor == "postgresql":
            mine["DATABASE_URL"] = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
        else:
            mine["DATABASE_URL"] = ""
            file = self.folder / "hearth.sqlite3"
            if not file.exists():
                file.symlink_to(name)
        return mine

    def start(self) -> None:
        """Start it as the product is served: uvicorn with the cap on frames."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "uvicorn", self.application, "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--ws-max-size", "65536", "--lifespan", "off", "--log-level", "error", "--timeout-graceful-shutdown", "2"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment())
        wait_until(lambda: urllib.request.urlopen(f"{self.origin}/health/live", timeout=2).status == 200, what="the web process")

    def kill(self) -> None:
        """Kill it in the middle of whatever it does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None


def memory_of(web: Web) -> float:
    """Return the resident memory of a web process in KiB."""
    if web.process is None:
        return 0.0
    status = Path(f"/proc/{web.process.pid}/status").read_text(encoding="ascii")
    return float(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
