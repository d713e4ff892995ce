"""The letterbox of the journeys: what the product sends by mail or SMS goes into one file, as it would into people's inboxes."""

import json
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from core.sms import BaseBackend

NAME = "post.jsonl"


def _put(address: str, text: str) -> None:
    with Path(settings.DATA_DIR, NAME).open("a", encoding="utf-8") as box:
        box.write(json.dumps({"to": address, "text": text}) + "\n")


class MailBackend(BaseEmailBackend):
    """Takes every mail."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Put the mails into the box; return how many."""
        for message in email_messages:
            for address in message.recipients():
                _put(address, f"{message.subject}\n{message.body}")
        return len(email_messages)


class SmsBackend(BaseBackend):
    """Takes every text message."""

    def send(self, number: str, text: str) -> str:
        """Put the text into the box."""
        _put(number, text)
        return ""


def read(folder: Path, address: str) -> list[str]:
    """Return the texts an address got, oldest first."""
    box = folder / NAME
    if not box.exists():
        return []
    rows = [json.loads(line) for line in box.read_text(encoding="utf-8").splitlines()]
    return [row["text"] for row in rows if row["to"] == address]
