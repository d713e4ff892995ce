"""The desk's socket: staff only, pushes ids; everything shown is fetched by HTTP. Up comes only which ticket a page shows."""

import json
import time
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.contrib.auth import get_user_model

from accounts.queries import is_session_open
from accounts.realtime import CHECK_EVERY, FORBIDDEN, SIGNED_OUT, access_group
from core.errors import NotFound
from tickets.actions.viewing import leave_ticket, show_ticket
from tickets.permissions import works_desk
from tickets.queries import get_ticket_for
from tickets.realtime import DESK_GROUP, user_group


class DeskConsumer(AsyncJsonWebsocketConsumer):
    """Joins the desk's group and the person's own. Up: `{"type": "show", "reference", "writing"}`; anything else is ignored."""

    groups_joined: tuple[str, ...] = ()
    user: Any = None
    session_key = ""
    asked_at = 0.0
    shows = False

    async def connect(self) -> None:
        """Let staff of the desk in; everybody else is closed with 4403."""
        user = self.scope.get("user")
        if not await database_sync_to_async(works_desk)(user):
            await self.accept()
            await self.close(code=FORBIDDEN)
            return
        self.user, self.session_key = user, getattr(self.scope.get("session"), "session_key", None) or ""
        self.groups_joined, self.asked_at = (DESK_GROUP, user_group(user.pk), access_group(user.pk)), time.monotonic()
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
        """Pass a push on; now and then ask first whether one may still be here."""
        if time.monotonic() - self.asked_at >= CHECK_EVERY:
            await self.access_changed(event)
        if self.user is not None:
            await self.send_json(event["payload"])

    async def access_changed(self, event: dict[str, Any]) -> None:
        """Look whether one may still be here; whoever may not is closed."""
        if self.user is None:
            return
        self.asked_at = time.monotonic()
        code = await database_sync_to_async(_out_with)(self.user, self.session_key)
        if code:
            self.user = None
            await self.close(code=code)


def _frame(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _out_with(user: Any, session_key: str) -> int:
    if session_key and not is_session_open(session_key):
        return SIGNED_OUT
    return 0 if works_desk(get_user_model()._default_manager.filter(pk=user.pk).first()) else FORBIDDEN


def _show(channel: str, user: Any, reference: str, writing: bool) -> None:
    fresh = get_user_model()._default_manager.filter(pk=user.pk).first()
    try:
        ticket = get_ticket_for(fresh, reference)
    except NotFound:
        return
    if works_desk(fresh):
        show_ticket(channel, user=fresh, ticket=ticket, is_writing=writing)
