"""Proof that the person at the keyboard is the member, right before something that cannot be undone: a code to a proved address.

The code is never stored: the session keeps its hash, and counters outside the session stop guessing from several tabs at once.
"""

import secrets
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.notify import proved_addresses
from core.errors import InvalidInput
from core.guard import limit
from core.notifications import deliver
from core.secrets import same_secret

KEPT = "closing_proof"
LIFE = timedelta(minutes=10)
TRIES = 3
SEND_RATE = "3/10m"
TRY_RATE = "9/h"
WRONG = _("The code is not right, or it is too old. Check the six digits, or ask for a new one.")
USED_UP = _("Three wrong codes. Ask for a new one.")


def _hash(nonce: str, code: str) -> str:
    return salted_hmac("hearth.closing", f"{nonce}:{code}").hexdigest()


def send_code(request: HttpRequest) -> str:
    """Send six digits to the member's first proved address; return the address. Raises LimitReached, InvalidInput without an address."""
    user: Any = request.user
    limit(request, "closing-code", SEND_RATE, key=str(user.pk))
    channel, address = next(iter(proved_addresses(user).items()), ("", ""))
    if not address:
        raise InvalidInput(_("Your account has no proved phone number or e-mail address. Add one first."), code="no_address")
    code, nonce = f"{secrets.randbelow(1_000_000):06d}", secrets.token_urlsafe(12)
    until = timezone.now() + LIFE
    request.session[KEPT] = {"nonce": nonce, "hash": _hash(nonce, code), "until": until.timestamp(), "tries": 0, "to": address}
    deliver(
        address,
        channel=channel,
        language=user.language,
        template="accounts/closing_code",
        context={"code": code, "minutes": int(LIFE.total_seconds() // 60), "person_name": user.name},
        subject=user,
        sensitive=True,
        expires_at=until,
    )
    return address


def sent_to(request: HttpRequest) -> str:
    """Return the address that a code which still holds was sent to, else an empty string."""
    kept = request.session.get(KEPT) or {}
    return str(kept.get("to", "")) if kept.get("until", 0) > timezone.now().timestamp() and kept.get("tries", 0) < TRIES else ""


def demand_code(request: HttpRequest, typed: str) -> None:
    """Let a right code through, once. Raises InvalidInput, LimitReached."""
    user: Any = request.user
    limit(request, "closing-try", TRY_RATE, key=str(user.pk))
    kept = request.session.get(KEPT)
    if not kept or kept["until"] < timezone.now().timestamp():
        raise InvalidInput(WRONG, field="code", code="gone")
    if kept["tries"] >= TRIES:
        raise InvalidInput(USED_UP, field="code", code="used_up")
    if not same_secret(kept["hash"], _hash(kept["nonce"], typed)):
        kept["tries"] += 1
        request.session[KEPT] = kept
        raise InvalidInput(USED_UP if kept["tries"] >= TRIES else WRONG, field="code", code="wrong")
    del request.session[KEPT]


def demand_password(request: HttpRequest, typed: str) -> None:
    """Let the right password through. Raises InvalidInput, LimitReached."""
    user: Any = request.user
    limit(request, "closing-try", TRY_RATE, key=str(user.pk))
    if not user.check_password(typed):
        raise InvalidInput(_("The password is not right."), field="password", code="wrong")
