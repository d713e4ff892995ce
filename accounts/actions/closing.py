"""Closing one's account: asked for, taken back, due. Emptying it joins all rooms and stands in portal/closing.py."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AccountClosing, PrivacySettings, User
from core.errors import Conflict, NotAllowed
from core.events import emit
from core.history import record

STAFF_ASK = _("This account works here. An administrator closes it.")
UNDER_WAY = _("Your account is being closed already.")


@transaction.atomic
def request_closing(*, user: User, now: datetime | None = None) -> AccountClosing:
    """Ask for the closing of one's account; it happens after the cool-off. The caller has proved that it is the person.

    Emits `account.closing_requested`. Raises NotAllowed for staff, Conflict where one is under way.
    """
    now = now or timezone.now()
    if user.is_staff or user.is_superuser:
        raise NotAllowed(STAFF_ASK, code="staff")
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active or user.closings.filter(state=AccountClosing.State.WAITING).exists():
        raise Conflict(UNDER_WAY, code="under_way")
    due = now + timedelta(hours=PrivacySettings.load().cool_off_hours)
    try:
        with transaction.atomic():
            closing = AccountClosing.objects.create(user=user, requested_at=now, due_at=due)
    except IntegrityError as error:
        raise Conflict(UNDER_WAY, code="under_way") from error
    record(user, "closing_requested", by=user, due=due.isoformat())
    emit("account.closing_requested", closing_id=closing.pk)
    return closing


@transaction.atomic
def keep_account(*, user: User, now: datetime | None = None) -> AccountClosing:
    """Take the closing back. Emits `account.kept`. Raises Conflict where none is under way."""
    closing = AccountClosing.objects.select_for_update().filter(user=user, state=AccountClosing.State.WAITING).first()
    if closing is None:
        raise Conflict(_("No closing is under way."), code="none")
    closing.state, closing.settled_at = AccountClosing.State.KEPT, now or timezone.now()
    closing.save(update_fields=["state", "settled_at"])
    record(user, "closing_taken_back", by=user)
    emit("account.kept", closing_id=closing.pk)
    return closing
