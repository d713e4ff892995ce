"""How a visitor comes into a chat by plain requests."""

import io
import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from chat.models import Conversation

CHAT = "/zh-hans/chat/"
MORNING = datetime(2026, 9, 14, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def form(**changes: object) -> dict[str, object]:
    return {"subject": "脱水时漏水", "model": "wf10 320", "name": "周岚", "submit_key": "k" * 24, "still": "1", **changes}


def started(client: Client, **changes: object) -> Conversation:
    response = client.post(CHAT, form(**changes))
    assert response.status_code == 302, response.content.decode()[:400]
    return Conversation.objects.latest("pk")


def post_json(client: Client, address: str, **body: object) -> Any:
    return client.post(address, json.dumps(body), content_type="application/json")


def picture(name: str = "panel.jpg") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")
