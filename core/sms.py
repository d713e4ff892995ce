"""The door to SMS vendors: one small backend class per vendor, chosen by the setting SMS_BACKEND.

A vendor's backend is a class with three methods, named in `HEARTH_SMS_BACKEND` as a dotted path:

    class MyVendor(BaseBackend):
        def send(self, number, text): ...      # hand over one message, return the vendor's own id for it
        def status(self, reference): ...       # "delivered", "failed" or "unknown" for such an id
        def problems(self): ...                # what is missing in the configuration, as sentences; [] when ready

`number` is in E.164 form (`+8613800138000`). `send` raises SmsNotSent when the vendor refuses or cannot be reached; the task that
called it tries again. Templates that a vendor wants registered beforehand are the files of `templates/sms/`.
"""

import sys
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string


class SmsNotSent(Exception):
    """The vendor did not take the message; worth another try."""


@dataclass(frozen=True)
class SentSms:
    """One message that MemoryBackend took."""

    number: str
    text: str


outbox: list[SentSms] = []


class BaseBackend:
    """What a vendor's backend looks like."""

    def send(self, number: str, text: str) -> str:
        """Hand over one message; return the vendor's id for it. Raises SmsNotSent."""
        raise NotImplementedError

    def status(self, reference: str) -> str:
        """Return "delivered", "failed" or "unknown" for an id that `send` returned."""
        return "unknown"

    def problems(self) -> list[str]:
        """Return what is missing in the configuration, as sentences for the operator."""
        return []


class ConsoleBackend(BaseBackend):
    """Writes messages to standard output: the default, for trying the product without a vendor."""

    def send(self, number: str, text: str) -> str:
        """Write the message."""
        sys.stdout.write(f"\n--- SMS to {number} ---\n{text}\n--- end of SMS ---\n")
        sys.stdout.flush()
        return ""


class MemoryBackend(BaseBackend):
    """Keeps messages in `core.sms.outbox`, for tests."""

    def send(self, number: str, text: str) -> str:
        """Remember the message."""
        outbox.append(SentSms(number, text))
        return f"memory-{len(outbox)}"

    def status(self, reference: str) -> str:
        """Everything in memory has arrived."""
        return "delivered"


def get_backend() -> BaseBackend:
    """Return the backend the settings name."""
    return import_string(settings.SMS_BACKEND)()
