"""The desk's socket: staff only, pushes ids; everything shown is fetched by HTTP."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from tickets.permissions import works_desk
from tickets.realtime import DESK_GROUP, user_group

FORBIDDEN = 4403


class DeskConsumer(AsyncJsonWebsocketConsumer):
    """Joins the desk's group and the person's own; what comes up is ignored."""

    groups_joined: tuple[str, ...] = ()

    async def connect(self) -> None:
        """Let staff of the desk in; everybody else is closed with 4403."""
        user = self.scope.get("user")
        if not await database_sync_to_async(works_desk)(user):
            await self.accept()
            await self.close(code=FORBIDDEN)
            return
        self.groups_joined = (DESK_GROUP, user_group(user.pk))
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()
        await self.send_json({"type": "ready"})

    async def disconnect(self, code: int) -> None:
        """Leave the groups."""
        for group in self.groups_joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Ignore what comes up: writes go by HTTP."""

    async def desk_push(self, event: dict[str, Any]) -> None:
        """Pass a push on."""
        await self.send_json(event["payload"])
