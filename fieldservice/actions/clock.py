"""What time itself does to repairs: quotes run out, parts are late, handed-over machines of silent customers are closed. Safe to repeat."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from core.history import record
from fieldservice import states
from fieldservice.actions.base import enter, judge, lock_repair
from fieldservice.models import Quote, RepairOrder, repair_settings
from fieldservice.permissions import owners_of
from tickets.actions.notices import tell_desk

logger = logging.getLogger(__name__)
Attention = RepairOrder.Attention


def run_repair_clock(*, now: datetime | None = None) -> dict[str, int]:
    """Do all three; returns how many of each. One repair that fails does not stop the others."""
    moment = now or timezone.now()
    return {"expired": expire_quotes(now=moment), "late": flag_late_parts(now=moment), "closed": close_silent(now=moment)}


def expire_quotes(*, now: datetime) -> int:
    """End the quotes whose time is over; the customer is told, staff have to look."""
    due = RepairOrder.objects.filter(
        state=states.QUOTED, quotes__valid_until__lte=now, quotes__answered_at=None, quotes__withdrawn_at=None, quotes__expired_at=None
    )
    return sum(_tried(pk, _expire, now) for pk in list(due.values_list("pk", flat=True)))


def flag_late_parts(*, now: datetime) -> int:
    """Put the repairs whose part should be here before staff, once a date."""
    today = timezone.localdate(now)
    late = RepairOrder.objects.filter(state=states.WAITING, part_expected_on__lt=today).exclude(attention=Attention.PART_LATE)
    return sum(_tried(pk, _flag, now) for pk in list(late.values_list("pk", flat=True)))


def close_silent(*, now: datetime) -> int:
    """Close handed-over repairs whose customer has said nothing for the days of the settings."""
    limit = now - timedelta(days=repair_settings().close_after_days)
    silent = RepairOrder.objects.filter(state=states.RETURNED, state_since__lte=limit)
    return sum(_tried(pk, _close, now) for pk in list(silent.values_list("pk", flat=True)))


def _tried(pk: int, work: object, now: datetime) -> int:
    try:
        with transaction.atomic():
            return int(work(lock_repair(RepairOrder(pk=pk)), now))  # type: ignore[operator]
    except DomainError:
        return 0  # somebody moved it in the meantime
    except Exception:
        logger.exception("the clock failed on repair %s", pk)
        return 0


def _expire(order: RepairOrder, now: datetime) -> bool:
    quote = Quote.objects.filter(order=order, valid_until__lte=now, answered_at=None, withdrawn_at=None, expired_at=None).first()
    if quote is None:
        return False
    move = judge("expire_quote", order=order, roles={states.SYSTEM})
    quote.expired_at = now
    quote.save(update_fields=["expired_at"])
    order.attention = Attention.QUOTE_EXPIRED
    enter(order, move=move, by=None, now=now, fields=["attention"], quote=quote.number)
    return True


def _flag(order: RepairOrder, now: datetime) -> bool:
    if order.state != states.WAITING or order.attention == Attention.PART_LATE:
        return False
    if order.part_expected_on is None or order.part_expected_on >= timezone.localdate(now):
        return False
    order.attention = Attention.PART_LATE
    order.save(update_fields=["attention"])
    record(order, "part_late", label="clock", at=now, expected_on=order.part_expected_on.isoformat())
    tell_desk(
        kind="part_late", users=owners_of(order), reference=order.reference, path=reverse("repairs:detail", args=[order.reference]), at=now
    )
    return True


def _close(order: RepairOrder, now: datetime) -> bool:
    if order.state_since > now - timedelta(days=repair_settings().close_after_days):
        return False
    enter(order, move=judge("close", order=order, roles={states.SYSTEM}), by=None, now=now, silent=True)
    return True
