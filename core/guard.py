"""Who may knock how often, and a quiet check that keeps robots out of public forms without a riddle for people."""

import hashlib
import json
import secrets
import time
from datetime import timedelta
from typing import Any

import altcha
from django import forms
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_ratelimit.core import get_usage

from core.errors import LimitReached
from core.visitors import known_visitor_key, visitor_key

__all__ = ["BotCheckMixin", "client_ip", "is_suspicious", "known_visitor_key", "limit", "visitor_key"]

TRAP = "hearth_company"
STAMP = "hearth_stamp"
PROOF = "hearth_proof"
STAMP_LIFE = 60 * 60 * 24
PATIENCE_SECONDS = 15
PROOF_NUMBERS = 120_000  # about half a second on a phone
SUSPICIOUS_AFTER = "6/10m"

TRAP_FILLED = _("Leave the field for robots empty, then send again.")
SEND_AGAIN = _("Please send it once more. Nothing you typed is lost.")
WAIT_AND_SEND = _("Many requests come from your network. Wait 15 seconds, then send again; nothing you typed is lost.")


def client_ip(request: HttpRequest, *_args: Any) -> str:
    """Return the address of the client, looking behind as many proxies as HEARTH_PROXY_COUNT names."""
    hops = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if hops:
        chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(chain) >= hops:
            return chain[-hops].rsplit("%", 1)[0]
    return request.META.get("REMOTE_ADDR") or "0.0.0.0"


def _ip_bucket(address: str) -> str:
    """Return what is counted for an address: itself, or the /64 of an IPv6 address; never fails on nonsense."""
    import ipaddress

    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if parsed.version == 6 else address


def _counted(request: HttpRequest, by: str, key: str) -> str:
    if key:
        return "key:" + hashlib.sha256(key.lower().encode()).hexdigest()[:32]
    user = getattr(request, "user", None)
    if by == "account" and user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    if by == "visitor" and (visitor := known_visitor_key(request)):
        return f"visitor:{visitor}"
    return f"ip:{_ip_bucket(client_ip(request))}"


def limit(request: HttpRequest, group: str, rate: str, *, by: str = "ip", key: str = "", increment: bool = True) -> None:
    """Count one attempt and refuse when there were too many.

    Args:
        request: who asks.
        group: what is limited, e.g. `upload`; counters of different groups are apart.
        rate: `"20/h"`, `"5/10m"`, as django-ratelimit writes it.
        by: `ip` (default), `visitor` (cookie, else address) or `account` (user, else address).
        key: count this value instead, e.g. a phone number.
        increment: False only looks.
    Raises:
        LimitReached with `retry_after` in seconds. Fails open when the cache is down (settings.RATELIMIT_FAIL_OPEN).
    """
    counted = _counted(request, by, key)
    usage = get_usage(request, group=f"hearth:{group}", key=lambda *_: counted, rate=_seconds_rate(rate), increment=increment)
    if usage and usage["should_limit"]:
        raise LimitReached(retry_after=max(1, usage["time_left"]))


def _seconds_rate(rate: str) -> tuple[int, int]:
    """Return (count, seconds) for `"6/10m"`."""
    count, _slash, period = rate.partition("/")
    unit = period[-1]
    return int(count), int(period[:-1] or 1) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]


def is_suspicious(request: HttpRequest) -> bool:
    """Return whether so many public forms came from this address lately that a proof of work is due."""
    try:
        limit(request, "bot-check", SUSPICIOUS_AFTER, increment=False)
    except LimitReached:
        return True
    return False


def _note_attempt(request: HttpRequest) -> None:
    try:
        limit(request, "bot-check", SUSPICIOUS_AFTER)
    except LimitReached:
        return


def new_stamp() -> str:
    """Return a signed note of when a form was shown."""
    return signing.dumps({"t": int(time.time()), "n": secrets.token_hex(4)}, salt="hearth.stamp")


def stamp_age(stamp: str) -> float | None:
    """Return the seconds since a stamp was made; None when it is forged, missing or older than a day."""
    try:
        age = max(0.0, time.time() - signing.loads(stamp, salt="hearth.stamp")["t"])
    except (signing.BadSignature, KeyError, TypeError):
        return None
    return age if age <= STAMP_LIFE else None


def new_challenge() -> str:
    """Return a proof-of-work challenge as JSON for the `hearth-proof` element."""
    challenge = altcha.create_challenge_v1(
        altcha.ChallengeOptionsV1(
            max_number=PROOF_NUMBERS, hmac_key=settings.SECRET_KEY + ".proof", expires=timezone.now() + timedelta(minutes=20)
        )
    )
    return json.dumps(challenge.to_dict())


def proof_holds(payload: str) -> bool:
    """Return whether a proof of work is right, fresh and used for the first time."""
    if not payload or len(payload) > 4000:
        return False
    try:
        right, _error = altcha.verify_solution_v1(payload, settings.SECRET_KEY + ".proof", True)
    except Exception:  # the payload is the visitor's: whatever it breaks is a wrong proof
        return False
    used = "hearth:proof:" + hashlib.sha256(payload.encode()).hexdigest()
    return bool(right) and cache.add(used, 1, 60 * 30) is not False


class BotCheckMixin(forms.Form):
    """Gives a public form the quiet check; draw it with `{% bot_check form %}` (core/templatetags/guard.py).

    Three layers, none of which a person notices: a field only robots fill, a signed note of when the form was shown (too fast is sent
    back once), and, only when many forms come from one address, a proof of work in the browser; without scripts a pause of 15 seconds
    does instead. Pass `request` to the form. settings.BOT_CHECK = False switches it off (tests of other things).
    """

    bot_request: HttpRequest | None = None
    least_seconds = 1.0

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        self.bot_request = request
        super().__init__(*args, **kwargs)

    @property
    def proof_wanted(self) -> bool:
        """Whether the form must carry a proof of work when it is shown now."""
        return bool(settings.BOT_CHECK and self.bot_request is not None and is_suspicious(self.bot_request))

    @property
    def current_stamp(self) -> str:
        """The stamp to show: the one that came, while it is good, so that a second try is not too fast."""
        given = self.data.get(STAMP, "") if self.is_bound else ""
        return given if given and stamp_age(given) is not None else new_stamp()

    def clean(self) -> dict[str, Any]:
        """Run the check before the other rules of the form; its refusals belong to the whole form."""
        if settings.BOT_CHECK:
            problem = self._bot_problem()
            if problem:
                self.add_error(None, forms.ValidationError(problem, code="bot_check"))
        return super().clean() or self.cleaned_data

    def _bot_problem(self) -> Any:
        request = self.bot_request
        wanted = request is not None and is_suspicious(request)
        if request is not None:
            _note_attempt(request)
        if self.data.get(TRAP, ""):
            return TRAP_FILLED
        age = stamp_age(self.data.get(STAMP, ""))
        if age is None or age < self.least_seconds:
            return SEND_AGAIN
        if wanted and age < PATIENCE_SECONDS and not proof_holds(self.data.get(PROOF, "")):
            return WAIT_AND_SEND
        return None
