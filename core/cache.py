"""A Redis cache that does not make people wait: after a failure it stays silent for a while."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django_redis.cache import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
OPEN_SECONDS = 10.0


def _guarded(name: str, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method `name` of the cache behind the circuit; `otherwise` answers while Redis is away."""
    original = getattr(RedisCache, name)

    def method(self: "CircuitRedisCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= CircuitRedisCache._open_until:
            try:
                return original(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                CircuitRedisCache._open_until = time.monotonic() + OPEN_SECONDS
                logger.warning("Redis is away (%s); the cache is silent for %d s", type(error).__name__, OPEN_SECONDS)
        return otherwise(*args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"As Django's `{name}`; without Redis a miss, and what is written is dropped."
    return method


class CircuitRedisCache(RedisCache):
    """django-redis with a circuit: the first failure costs its time-out, the next requests cost nothing.

    While the circuit is open every read is a miss and every write is dropped; `add` answers True, since a lock that nobody can
    hold must not stop everybody, and counts are None, so that limits fail open (settings.RATELIMIT_FAIL_OPEN).
    """

    _open_until = 0.0

    get = _guarded("get", lambda key, default=None, **_: default)
    get_many = _guarded("get_many", lambda *_, **__: {})
    has_key = _guarded("has_key", lambda *_, **__: False)
    set = _guarded("set", lambda *_, **__: False)
    set_many = _guarded("set_many", lambda data, *_, **__: list(data))
    add = _guarded("add", lambda *_, **__: True)
    touch = _guarded("touch", lambda *_, **__: False)
    incr = _guarded("incr", lambda *_, **__: None)
    decr = _guarded("decr", lambda *_, **__: None)
    delete = _guarded("delete", lambda *_, **__: False)
    delete_many = _guarded("delete_many", lambda *_, **__: 0)
    delete_pattern = _guarded("delete_pattern", lambda *_, **__: 0)

    def clear(self) -> None:
        """Forget this portal's own keys; others may keep theirs in the same Redis."""
        self.delete_pattern("*")
