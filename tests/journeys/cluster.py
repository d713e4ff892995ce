"""The product as an installation runs it: several web processes behind a proxy, a worker and a clock, each a process of its own."""

import asyncio
import itertools
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
WEB_PROCESSES = 2
MANAGE = [sys.executable, str(ROOT / "manage.py")]


class Proxy(threading.Thread):
    """Hands connections to the web processes in turn, sockets included, as the balancer in front of them does."""

    def __init__(self, port: int, behind: list[int]) -> None:
        super().__init__(name="proxy", daemon=True)
        self.port, self.turns = port, itertools.cycle(behind)
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()

    def run(self) -> None:
        """Serve until stopped."""
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._pass_on, "127.0.0.1", self.port))
        self.ready.set()
        self.loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def stop(self) -> None:
        """Close the door."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.join(timeout=5)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _attempt in range(WEB_PROCESSES):
            try:
                inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", next(self.turns))
                break
            except OSError:
                continue
        else:
            writer.close()
            return
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    except OSError:
        pass
    finally:
        target.close()


class Cluster:
    """All processes of one installation."""

    def __init__(self, port: int, web_ports: list[int], environment: dict[str, str], output: IO[bytes]) -> None:
        serve = [sys.executable, "-m", "uvicorn", "portal.asgi:application", "--ws-max-size", "65536", "--log-level", "warning"]
        commands = [[*serve, "--port", str(number)] for number in web_ports] + [[*MANAGE, "run_worker"], [*MANAGE, "run_clock"]]
        self.processes = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT) for command in commands
        ]
        self.proxy = Proxy(port, web_ports)
        self.proxy.start()
        self.proxy.ready.wait(timeout=10)

    def poll(self) -> int | None:
        """Return the code of a process that has ended, None while all run."""
        return next((code for process in self.processes if (code := process.poll()) is not None), None)

    def stop(self) -> int:
        """Tell every process to stop; return the first code that is not a clean end, or 0."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        codes = []
        for process in self.processes:
            try:
                codes.append(process.wait(timeout=30))
            except subprocess.TimeoutExpired:
                process.kill()
                codes.append(-9)
        self.proxy.stop()
        return next((code for code in codes if code not in (0, -signal.SIGTERM)), 0)
