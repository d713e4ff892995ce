"""Looking up a request by number and address: the same steps, answers and times for right and wrong ones.

The code is not stored: it is derived from a random nonce that stays in the visitor's session. The look-up itself happens in the
background, so that the answer to the first form tells nothing.
"""

import hashlib
import hmac

from django.conf import settings
from django.utils.crypto import constant_time_compare

from tickets.models import Ticket

CODE_SECONDS = 15 * 60
MOST_TRIES = 5


def matching_ticket(reference: str, address: str) -> Ticket | None:
    """Return the ticket when it exists and the address (E.164 or e-mail in small letters) is its contact's."""
    ticket = Ticket.objects.select_related("contact").filter(reference=reference).first()
    if ticket is None or not address:
        return None
    known = [(ticket.contact.email or "").lower(), str(ticket.contact.phone or "")]
    return ticket if any(value and constant_time_compare(value, address) for value in known) else None


def code_for(nonce: str, reference: str, address: str) -> str:
    """Return the six digits that belong to one asking."""
    message = f"{nonce}|{reference}|{address}".encode()
    digest = hmac.new(f"{settings.SECRET_KEY}.tracking".encode(), message, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def is_right(typed: str, *, nonce: str, reference: str, address: str) -> Ticket | None:
    """Return the ticket when the typed code is the one sent; both questions are always asked."""
    ticket = matching_ticket(reference, address)
    right = constant_time_compare(typed, code_for(nonce, reference, address))
    return ticket if right and ticket is not None else None
