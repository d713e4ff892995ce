"""A picture as a visitor has just sent it."""

import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import files
from core.models import Attachment


@pytest.fixture
def picture_draft() -> Callable[[str], Attachment]:
    """Send a small picture as the visitor with this key: `picture_draft("v1")`."""

    def send(visitor: str) -> Attachment:
        buffer = io.BytesIO()
        Image.new("RGB", (40, 30), "teal").save(buffer, "JPEG")
        return files.accept_upload(SimpleUploadedFile("socket.jpg", buffer.getvalue()), visitor_key=visitor)

    return send
