"""The channel layer of services mode: Redis pub/sub that survives a restart of Redis and says so to those who want to catch up.

`channels_redis` subscribes again by itself, but whatever was pushed meanwhile is gone and nobody hears of the gap. Here a push that
meets a dead connection is tried once more, and after a new connection every channel in `LISTENING` of this process gets
`{"type": "layer.reconnected"}`: its consumer asks the database what it missed.
"""

import asyncio
import logging
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from channels_redis.utils import _wrap_close, create_pool
from redis import asyncio as aioredis
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError

logger = logging.getLogger(__name__)
# Channel names of consumers in this process that have a handler `layer_reconnected`.
LISTENING: set[str] = set()
SETTLE_SECONDS = 0.2  # the subscriptions are on their way to Redis when the connection is made


class _WatchedPubSub(PubSub):
    """Tells its layer when a connection was made anew; redis-py calls `on_connect` for those, not for the first."""

    watcher: Any = None

    async def on_connect(self, connection: Any) -> None:
        """Subscribe again, then say that there was a gap."""
        await super().on_connect(connection)
        if self.watcher is not None:
            self.watcher()


class _Shard(RedisSingleShardConnection):
    def _ensure_redis(self) -> None:
        if self._redis is None:
            pool = create_pool(self.host)
            self._redis = aioredis.Redis(connection_pool=pool)
            self._pubsub = _WatchedPubSub(pool)
            self._pubsub.watcher = self.channel_layer.reconnected

    async def publish(self, channel: str, message: bytes) -> None:
        """Publish; a connection that died unnoticed is replaced once."""
        try:
            await super().publish(channel, message)
        except RedisConnectionError:
            await super().publish(channel, message)


class _LoopLayer(RedisPubSubLoopLayer):
    def __init__(self, hosts: Any = None, **kwargs: Any) -> None:
        super().__init__(hosts=hosts, **kwargs)
        self._shards = [_Shard(shard.host, self) for shard in self._shards]
        self._telling: asyncio.Task[None] | None = None

    def reconnected(self) -> None:
        """Tell the consumers of this process, once however many shards come back together."""
        if self._telling is None or self._telling.done():
            self._telling = asyncio.ensure_future(self._tell())

    async def _tell(self) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        message = self.channel_layer.serialize({"type": "layer.reconnected"})
        waiting = [name for name in self.channels if name in LISTENING]
        logger.warning("Redis is back: %s sockets catch up", len(waiting))
        for name in waiting:
            self.channels[name].put_nowait(message)


class PubSubLayer(RedisPubSubChannelLayer):
    """Redis pub/sub with news of a new connection; settings as of channels_redis."""

    def _get_layer(self) -> _LoopLayer:
        loop = asyncio.get_running_loop()
        layer = self._layers.get(loop)
        if layer is None:
            layer = _LoopLayer(*self._args, **self._kwargs, channel_layer=self)
            self._layers[loop] = layer
            _wrap_close(self, loop)
        return layer
