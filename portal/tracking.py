"""Looking up a case by number and address: the same steps, answers and times for right and wrong ones, requests, repairs and chats alike.

The code is not stored: it is derived from a random nonce that stays in the visitor's session. The look-up itself happens in the
background, so that the answer to the first form tells nothing.
"""

import hashlib
import hmac

from django.conf import settings
from django.utils.crypto import constant_time_compare

from chat.models import Conversation
from chat.queries.doors import full_conversations
from portal.doors import Case, kind_of

CODE_SECONDS = 15 * 60
MOST_TRIES = 5


def matching_case(reference: str, address: str) -> Case | Conversation | None:
    """Return the case when it exists and the address (E.164 or e-mail in small letters) is its contact's."""
    rows = full_conversations() if reference.startswith("C") else kind_of(reference).rows()
    case: Case | Conversation | None = rows.filter(reference=reference).first()
    if case is None or case.contact is None or not address:
        return None
    known = [(case.contact.email or "").lower(), str(case.contact.phone or "")]
    return case if any(value and constant_time_compare(value, address) for value in known) else None


def code_for(nonce: str, reference: str, address: str) -> str:
    """Return the six digits that belong to one asking."""
    message = f"{nonce}|{reference}|{address}".encode()
    digest = hmac.new(f"{settings.SECRET_KEY}.tracking".encode(), message, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def is_right(typed: str, *, nonce: str, reference: str, address: str) -> Case | Conversation | None:
    """Return the case when the typed code is the one sent; both questions are always asked."""
    case = matching_case(reference, address)
    right = constant_time_compare(typed, code_for(nonce, reference, address))
    return case if right and case is not None else None
