"""The yardstick of the chat's message rate: a consumer that writes one row in one transaction and then sends it to the group.

Same layer, database and process count as the product; no lock, no numbers, no doubles kept out, no permission. Run by chat_soak.py.
"""

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.db import DatabaseSyncToAsync  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.urls import path  # noqa: E402

from chat.consumers import _threads  # noqa: E402


def keep(room: str, number: str, text: str) -> int:
    """Write one row in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO chat_raw (room, number, text) VALUES (%s, %s, %s)", [room, number, text])
    return 1


class RawConsumer(AsyncWebsocketConsumer):
    """Takes a frame, keeps it, passes it on."""

    async def connect(self) -> None:
        """Join the room."""
        self.room = f"raw-{self.scope['url_route']['kwargs']['key']}"
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the room."""
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Keep and pass on."""
        frame = json.loads(text_data or "{}")
        work = DatabaseSyncToAsync(keep, thread_sensitive=False, executor=_threads)
        await work(self.room, frame["client_id"], frame["text"])
        await self.send(text_data=json.dumps({"type": "ack", "client_id": frame["client_id"]}))
        await self.channel_layer.group_send(self.room, {"type": "raw.message", "frame": frame})

    async def raw_message(self, event: dict) -> None:
        """Pass on what came."""
        await self.send(text_data=json.dumps({**event["frame"], "type": "message"}))


application = ProtocolTypeRouter({"http": django_application, "websocket": URLRouter([path("ws/chat/<str:key>/", RawConsumer.as_asgi())])})
