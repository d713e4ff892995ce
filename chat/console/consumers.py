"""The console's own socket: it keeps the agent's row alive and says “look again”. What is said in a chat goes over the chat's socket."""

import asyncio
import contextlib
import json
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.contrib.auth import get_user_model

from accounts.queries import is_session_open
from accounts.realtime import SIGNED_OUT, access_group
from chat.actions import presence
from chat.console.realtime import CONSOLES, agent_group
from chat.frames import FORBIDDEN
from chat.models import Conversation
from chat.permissions import works_chat
from chat.queries.settings import chat_settings


class ConsoleConsumer(AsyncJsonWebsocketConsumer):
    """One open console. The server asks every few seconds whether the page still lives; only an answer keeps the row alive.

    Up: `{"type": "here"}` (the answer), `{"type": "show", "key": …, "writing": true|false}`. Anything else is ignored.
    """

    user: Any = None
    session_key = ""
    beat: asyncio.Task | None = None

    async def connect(self) -> None:
        """Let the staff of live chat in and note their console; everybody else is closed with 4403."""
        user = self.scope.get("user")
        await self.accept()
        if not await database_sync_to_async(works_chat)(user):
            await self.close(code=FORBIDDEN)
            return
        self.user, self.session_key = user, getattr(self.scope.get("session"), "session_key", None) or ""
        await self.channel_layer.group_add(access_group(user.pk), self.channel_name)
        await self.channel_layer.group_add(CONSOLES, self.channel_name)
        await self.channel_layer.group_add(agent_group(user.pk), self.channel_name)
        seconds = await database_sync_to_async(_open)(self.channel_name, user)
        self.beat = asyncio.create_task(self.ask(max(1.0, seconds / 3)))
        await self.send_json({"type": "ready"})

    async def disconnect(self, code: int) -> None:
        """Forget the console."""
        if self.beat is not None:
            self.beat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.beat
        if self.user is not None:
            await self.channel_layer.group_discard(access_group(self.user.pk), self.channel_name)
            await self.channel_layer.group_discard(CONSOLES, self.channel_name)
            await self.channel_layer.group_discard(agent_group(self.user.pk), self.channel_name)
            await database_sync_to_async(presence.close_socket)(self.channel_name, user=self.user)

    async def ask(self, seconds: float) -> None:
        """Ask again and again: an answer comes even from a page in the background, whose own clocks browsers slow down."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.send_json({"type": "ping"})
            except OSError:  # the page is gone; `disconnect` follows
                return

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Take a sign of life, or what the page shows; whoever may not work here any more is closed."""
        frame = _frame(text_data)
        if self.user is None or frame is None:
            return
        if frame.get("type") == "here":
            await self.access_changed(frame)
        elif frame.get("type") == "show":
            await database_sync_to_async(_show)(self.channel_name, str(frame.get("key") or "")[:32], bool(frame.get("writing")))

    async def access_changed(self, event: dict[str, Any]) -> None:
        """Look whether one may still be here; whoever may not is closed."""
        code = await database_sync_to_async(_out_with)(self.channel_name, self.user, self.session_key)
        if code:
            await self.close(code=code)

    async def console_push(self, event: dict[str, Any]) -> None:
        """Pass a push on."""
        await self.send_json(event["payload"])


def _frame(text: str | None) -> dict[str, Any] | None:
    try:
        value = json.loads(text or "")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _open(channel: str, user: Any) -> int:
    presence.open_socket(channel, user=user)
    return chat_settings().lost_seconds


def _out_with(channel: str, user: Any, session_key: str) -> int:
    if session_key and not is_session_open(session_key):
        return SIGNED_OUT
    if not works_chat(get_user_model()._default_manager.filter(pk=user.pk).first()):
        return FORBIDDEN
    presence.refresh_socket(channel, user=user)
    return 0


def _show(channel: str, key: str, writing: bool) -> None:
    presence.show_conversation(channel, conversation=Conversation.objects.filter(key=key).first() if key else None, is_writing=writing)
