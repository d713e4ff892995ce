"""Background work of the public pages: the code that opens a request."""

from datetime import datetime, timedelta

from django.utils import timezone

from core.notifications import MAIL, SMS, deliver
from portal import tracking


def send_tracking_code(reference: str, address: str, nonce: str, asked_at: str, language: str) -> None:
    """Send the code when number and address belong together; otherwise do nothing. The visitor waits for neither."""
    expires = datetime.fromisoformat(asked_at) + timedelta(seconds=tracking.CODE_SECONDS)
    if expires < timezone.now():
        return
    case = tracking.matching_case(reference, address)
    if case is None:
        return
    deliver(
        address,
        channel=MAIL if "@" in address else SMS,
        language=language,
        template="portal/tracking_code",
        context={
            "code": tracking.code_for(nonce, reference, address),
            "minutes": tracking.CODE_SECONDS // 60,
            "reference": case.reference,
        },
        subject=case,
        sensitive=True,
        expires_at=expires,
    )
