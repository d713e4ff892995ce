"""Closing accounts whose cool-off is over: everything is emptied in every room, all or nothing."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import AccountClosing, User
from accounts.privacy import forget_farewells
from accounts.tasks import tell_everywhere
from core.events import emit
from core.history import record
from portal import privacy

logger = logging.getLogger(__name__)
AGAIN_AFTER = timedelta(hours=24)


def close_due(*, now: datetime | None = None) -> int:
    """Close every account that is due; blank the addresses of farewells that have gone out. Returns how many were closed."""
    moment = now or timezone.now()
    closed = 0
    due = AccountClosing.objects.filter(state=AccountClosing.State.WAITING, due_at__lte=moment).order_by("due_at")
    for pk in list(due.values_list("pk", flat=True)):
        try:
            closed += close_one(pk, now=moment)
        except Exception:
            logger.exception("closing an account failed (%s)", pk)
    forget_farewells()
    return closed


@transaction.atomic
def close_one(pk: int, *, now: datetime) -> bool:
    """Empty the account of one due closing. Returns False where somebody was faster, it was taken back, or something is in the way.

    What came up during the cool-off and blocks (a repair under way) puts the closing off by a day at a time.
    Emits `account.closed`.
    """
    closing = AccountClosing.objects.select_for_update(of=("self",)).filter(pk=pk, state=AccountClosing.State.WAITING).first()
    if closing is None or closing.due_at > now:
        return False
    user = User.objects.select_for_update().get(pk=closing.user_id)
    if any(case["blocks"] for case in privacy.open_cases(user)):
        closing.due_at = now + AGAIN_AFTER
        closing.save(update_fields=["due_at"])
        record(closing, "put_off", label="clock", until=closing.due_at.isoformat())
        return False
    tell_everywhere(user, "accounts/closed", subject=closing, person_name=user.name)
    counts = privacy.anonymise(user, now=now)
    closing.state, closing.settled_at, closing.counts = AccountClosing.State.DONE, now, counts
    closing.save(update_fields=["state", "settled_at", "counts"])
    record(user, "closed", label="clock")
    emit("account.closed", closing_id=closing.pk, user_id=user.pk)
    return True
