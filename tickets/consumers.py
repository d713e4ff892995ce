"""The desk's socket: staff only, pushes ids; everything shown is fetched by HTTP. Up comes only which ticket a page shows."""

import json
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.contrib.auth import get_user_model

from core.errors import NotFound
from tickets.actions.viewing import leave_ticket, show_ticket
from tickets.permissions import works_desk
from tickets.queries import get_ticket_for
from tickets.realtime import DESK_GROUP, user_group

FORBIDDEN = 4403


class DeskConsumer(AsyncJsonWebsocketConsumer):
    """Joins the desk's group and the person's own. Up: `{"type": "show", "reference", "writing"}`; anything else is ignored."""

    groups_joined: tuple[str, ...] = ()
    user: Any = None
    shows = False

    async def connect(self) -> None:
        """Let staff of the desk in; everybody else is closed with 4403."""
        user = self.scope.get("user")
        if not await database_sync_to_async(works_desk)(user):
            await self.accept()
            await self.close(code=FORBIDDEN)
            return
        self.user = user
        self.groups_joined = (DESK_GROUP, user_group(user.pk))
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()
        await self.send_json({"type": "ready"})

    async def disconnect(self, code: int) -> None:
        """Leave the groups."""
        for group in self.groups_joined:
            await self.channel_layer.group_discard(group, self.channel_name)
        if self.shows:
            await database_sync_to_async(leave_ticket)(self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Note which ticket the page shows; writes go by HTTP."""
        frame = _frame(text_data)
        if self.user is None or frame.get("type") != "show":
            return
        self.shows = True
        await database_sync_to_async(_show)(self.channel_name, self.user, str(frame.get("reference"))[:24], bool(frame.get("writing")))

    async def desk_push(self, event: dict[str, Any]) -> None:
        """Pass a push on."""
        await self.send_json(event["payload"])


def _frame(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _show(channel: str, user: Any, reference: str, writing: bool) -> None:
    fresh = get_user_model()._default_manager.filter(pk=user.pk).first()
    try:
        ticket = get_ticket_for(fresh, reference)
    except NotFound:
        return
    if works_desk(fresh):
        show_ticket(channel, user=fresh, ticket=ticket, is_writing=writing)
