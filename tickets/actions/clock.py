"""Targets, pauses and the sweep of the service-level clock: everything that writes a due time."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from core.business_time import NeverOpen, Schedule
from core.calendars import schedule_for
from core.errors import InvalidInput
from core.events import emit
from core.history import record
from tickets import sla, states
from tickets.actions.base import lock_ticket, members, notify, supervisors
from tickets.models import Escalation, Priority, Queue, SLAPause, SLAPolicy, SLATarget, Ticket

logger = logging.getLogger(__name__)
Metric = SLATarget.Metric
OPEN_TARGET = {"met_at__isnull": True, "cancelled_at__isnull": True}
BUDGET_FIELDS = {
    Metric.FIRST_RESPONSE: "first_response_minutes",
    Metric.NEXT_RESPONSE: "next_response_minutes",
    Metric.RESOLUTION: "resolution_minutes",
}


def policy_for(ticket: Ticket) -> SLAPolicy | None:
    """Return the service level that applies to the ticket now."""
    policies = {policy.pk: policy for policy in SLAPolicy.objects.filter(is_active=True)}
    rules = [
        sla.Rule(id=pk, order=row.order, priority_id=row.priority_id, queue_id=row.queue_id, kind=row.kind) for pk, row in policies.items()
    ]
    chosen = sla.choose_policy(rules, priority_id=ticket.priority_id, queue_id=ticket.queue_id, kind=ticket.kind)
    return policies[chosen.id] if chosen else None


def priority_for(*, impact: int, urgency: int) -> Priority:
    """Return the priority of the matrix impact × urgency. Raises InvalidInput when none is set up."""
    priorities = {row.pk: row for row in Priority.objects.all()}
    if not priorities:
        raise InvalidInput(_("No priority is set up yet."), code="no_priority")
    steps = [(row.rank, row.up_to, pk) for pk, row in priorities.items()]
    return priorities[sla.choose_priority(steps, impact, urgency)]


def pauses_of(ticket: Ticket) -> list[sla.Pause]:
    """Return the ticket's pauses as the pure clock sees them."""
    return [sla.Pause(row.from_at, row.until_at) for row in SLAPause.objects.filter(ticket=ticket)]


def start_target(ticket: Ticket, *, metric: str, at: datetime) -> SLATarget | None:
    """Begin one promise; nothing without a policy."""
    policy = policy_for(ticket)
    if policy is None:
        return None
    target = SLATarget(ticket=ticket, metric=metric, round=ticket.round, started_at=at, due_at=at, budget_seconds=0)
    _set_due(target, ticket, policy, schedule_for(ticket.queue.calendar), at)
    target.save()
    return target


def meet_target(ticket: Ticket, *, metrics: Iterable[str], at: datetime) -> None:
    """Mark the open promises of `metrics` as kept at `at`; a breach that the sweep has not seen yet is written too."""
    for target in SLATarget.objects.filter(ticket=ticket, metric__in=list(metrics), **OPEN_TARGET):
        target.met_at, target.next_check_at = at, None
        if at > target.due_at and target.breached_at is None:
            target.breached_at = target.due_at
        target.save(update_fields=["met_at", "next_check_at", "breached_at"])


def cancel_targets(ticket: Ticket, *, metrics: Iterable[str], at: datetime) -> None:
    """End promises that no longer make sense."""
    SLATarget.objects.filter(ticket=ticket, metric__in=list(metrics), **OPEN_TARGET).update(cancelled_at=at, next_check_at=None)


def pause_clock(ticket: Ticket, *, reason: str, at: datetime, note: str = "") -> None:
    """Stop the resolution clock; a pause for another reason ends first."""
    resume_clock(ticket, at=at)
    SLAPause.objects.create(ticket=ticket, reason=reason, note=note, from_at=at)


def resume_clock(ticket: Ticket, *, at: datetime) -> None:
    """End the open pause, if there is one."""
    SLAPause.objects.filter(ticket=ticket, until_at__isnull=True).update(until_at=at)


def recompute(ticket: Ticket, *, at: datetime) -> None:
    """Compute every open promise again after a change of priority, queue, status or pause, and the ticket's nearest due time.

    A budget or calendar that changed holds from the beginning of the promise; a breach that was written stays.
    """
    policy, schedule, pauses = policy_for(ticket), schedule_for(ticket.queue.calendar), pauses_of(ticket)
    for target in SLATarget.objects.filter(ticket=ticket, **OPEN_TARGET).select_related("policy"):
        _set_due(target, ticket, policy or target.policy, schedule, at, pauses)
        target.save()
    sync_due(ticket)


def sync_due(ticket: Ticket) -> None:
    """Copy the nearest running due time to the ticket and to its open escalations (what the queue is sorted by)."""
    paused = ticket.status in states.PAUSED
    targets = SLATarget.objects.filter(ticket=ticket, **OPEN_TARGET)
    dues = [row.due_at for row in targets if not (paused and row.metric in sla.PAUSABLE)]
    ticket.due_at = min(dues, default=None)
    Ticket.objects.filter(pk=ticket.pk).update(due_at=ticket.due_at)
    Escalation.objects.filter(ticket=ticket, closed_at__isnull=True).update(due_at=ticket.due_at)


def _set_due(
    target: SLATarget, ticket: Ticket, policy: SLAPolicy | None, schedule: Schedule, at: datetime, pauses: Iterable[sla.Pause] = ()
) -> None:
    if policy is not None:
        target.policy = policy
        target.budget_seconds = getattr(policy, BUDGET_FIELDS[Metric(target.metric)]) * 60
    target.calendar_id = ticket.queue.calendar_id
    held = list(pauses) if target.metric in sla.PAUSABLE else []
    try:
        target.due_at = sla.due_at(schedule, target.started_at, target.budget_seconds, held, now=at)
        look_again = sla.next_check(schedule, target.started_at, target.budget_seconds, held, warned=target.warned_percent, now=at)
    except NeverOpen:
        logger.warning("calendar %s does not open often enough for ticket %s", ticket.queue.calendar_id, ticket.pk)
        target.next_check_at = None
        return
    standing_still = target.metric in sla.PAUSABLE and any(pause.end is None for pause in held)
    target.next_check_at = None if standing_still else look_again


def run_sla_clock(*, now: datetime | None = None) -> int:
    """Look at every promise whose next step has come; warn, breach and escalate. Returns how many were handled.

    Safe to run twice at once: each step is a compare-and-swap on `next_check_at`. There is no limit on a run: what is due is
    handled. One ticket's failure is logged and does not hold up the others.
    """
    moment = now or timezone.now()
    due = SLATarget.objects.filter(next_check_at__lte=moment, **OPEN_TARGET).order_by("next_check_at")
    handled = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            handled += _check_target(pk, moment)
        except Exception:
            logger.exception("the service-level clock failed on target %s", pk)
    return handled


@transaction.atomic
def _check_target(pk: int, now: datetime) -> int:
    ticket_id = SLATarget.objects.values_list("ticket_id", flat=True).get(pk=pk)
    ticket = lock_ticket(Ticket(pk=ticket_id))
    target = SLATarget.objects.select_related("policy").get(pk=pk)
    seen = target.next_check_at
    if seen is None or seen > now or target.met_at or target.cancelled_at:
        return 0
    schedule, pauses = schedule_for(ticket.queue.calendar), pauses_of(ticket) if target.metric in sla.PAUSABLE else []
    percent = sla.passed_percent(sla.spent_seconds(schedule, target.started_at, now, pauses), target.budget_seconds)
    percent = max(percent, target.warned_percent)
    look_again = sla.next_check(schedule, target.started_at, target.budget_seconds, pauses, warned=percent, now=now)
    breached_at = target.breached_at or (target.due_at if percent >= 100 else None)
    swapped = SLATarget.objects.filter(pk=pk, next_check_at=seen, **OPEN_TARGET).update(
        next_check_at=look_again, warned_percent=percent, breached_at=breached_at
    )
    if not swapped or percent == target.warned_percent:
        return 0
    if percent >= 100:
        _breach(ticket, target, now)
    else:
        _warn(ticket, target, percent, now)
    return 1


def _warn(ticket: Ticket, target: SLATarget, percent: int, now: datetime) -> None:
    told: list[int | None] = [ticket.assignee_id] if ticket.assignee_id else list(members(ticket.queue))
    if percent >= 80:
        told += supervisors()
    record(ticket, "sla_warned", label="clock", metric=target.metric, percent=percent, due_at=target.due_at.isoformat())
    notify(ticket, kind=f"sla_{percent}", users=told, at=now)
    emit("sla.warned", ticket_id=ticket.pk, target_id=target.pk, percent=percent)


def _breach(ticket: Ticket, target: SLATarget, now: datetime) -> None:
    record(ticket, "sla_breached", label="clock", metric=target.metric, due_at=target.due_at.isoformat())
    queue = Queue.objects.filter(tier__gte=3).order_by("tier", "order").first() or ticket.queue
    raise_escalation(ticket, kind=Escalation.Kind.BREACH, queue=queue, reason=target.metric, at=now)
    notify(ticket, kind="sla_100", users=[ticket.assignee_id, *supervisors(), *members(queue)], at=now)
    emit("sla.breached", ticket_id=ticket.pk, target_id=target.pk)


def raise_escalation(ticket: Ticket, *, kind: str, queue: Queue, reason: str = "", by: Any = None, at: datetime) -> Escalation:
    """Put the ticket into the escalation queue; an open one of the same kind is moved, not doubled."""
    escalation, created = Escalation.objects.get_or_create(
        ticket=ticket,
        kind=kind,
        closed_at__isnull=True,
        defaults={"queue": queue, "reason": reason[:200], "raised_by": by, "created_at": at, "due_at": ticket.due_at},
    )
    if not created and (escalation.queue_id != queue.pk or reason):
        Escalation.objects.filter(pk=escalation.pk).update(queue=queue, reason=reason[:200], claimed_by=None, claimed_at=None)
        escalation.refresh_from_db()
    return escalation


def close_escalations(ticket: Ticket, *, at: datetime) -> None:
    """End the ticket's open escalations."""
    Escalation.objects.filter(ticket=ticket, closed_at__isnull=True).update(closed_at=at, due_at=F("due_at"))
