"""A Redis cache that does not make people wait: after a failure it stays silent for a while."""

import time
from typing import Any

from django_redis.cache import RedisCache

OPEN_SECONDS = 10.0


class CircuitRedisCache(RedisCache):
    """django-redis with a circuit: the first failure costs its time-out, the next requests cost nothing.

    While the circuit is open every read is a miss and every write is dropped; rate limits fail open (settings.RATELIMIT_FAIL_OPEN).
    """

    _open_until = 0.0

    def _guard(self, name: str, otherwise: Any, /, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < CircuitRedisCache._open_until:
            return otherwise
        began = time.monotonic()
        result = getattr(super(), name)(*args, **kwargs)
        if time.monotonic() - began >= 0.4:
            CircuitRedisCache._open_until = time.monotonic() + OPEN_SECONDS
        return result

    def get(self, key: Any, default: Any = None, version: Any = None, client: Any = None) -> Any:
        """Return the value, or `default` while the circuit is open."""
        return self._guard("get", default, key, default=default, version=version, client=client)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        """Write the value; dropped while the circuit is open."""
        return self._guard("set", False, *args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        """Write the value where there is none. Without Redis the answer is True: a lock nobody can hold must not stop everybody."""
        result = self._guard("add", True, *args, **kwargs)
        return True if result is None else result

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        """Count up; None while the circuit is open."""
        return self._guard("incr", None, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Remove the value; dropped while the circuit is open."""
        return self._guard("delete", False, *args, **kwargs)
