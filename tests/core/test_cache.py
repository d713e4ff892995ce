"""Redis away: reads miss, writes are dropped, locks let everybody through, and nobody waits a second time."""

import socket
import time

import pytest

from core.cache import CircuitRedisCache


def cache_at(port: int) -> CircuitRedisCache:
    options = {"SOCKET_CONNECT_TIMEOUT": 0.5, "SOCKET_TIMEOUT": 0.5}
    return CircuitRedisCache(f"redis://127.0.0.1:{port}/0", {"OPTIONS": options, "KEY_PREFIX": "t"})


@pytest.fixture(autouse=True)
def closed_circuit():
    CircuitRedisCache._open_until = 0.0
    yield
    CircuitRedisCache._open_until = 0.0


@pytest.fixture
def silent_server():
    """A server that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield listener.getsockname()[1]


def test_refused_connection_is_a_miss_and_no_error():
    cache = cache_at(1)
    assert cache.get("a", "default") == "default"
    assert not cache.set("a", 1)
    assert cache.add("lock", 1) is True
    assert cache.incr("a") is None
    assert not cache.delete("a")
    assert cache.get_many(["a", "b"]) == {}
    assert "a" not in cache


def test_hanging_server_costs_its_time_out_once(silent_server):
    cache = cache_at(silent_server)
    began = time.monotonic()
    assert cache.get("a", 7) == 7
    assert time.monotonic() - began >= 0.4, "the first request found out"
    began = time.monotonic()
    for _ in range(20):
        assert cache.get("a", 7) == 7
        assert cache.add("lock", 1) is True
    assert time.monotonic() - began < 0.2, "the next ones did not wait"
