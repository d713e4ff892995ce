"""“Why is it due then”: each promise taken apart into counted time, breaks and pauses, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.business_time import Schedule, explain
from core.calendars import schedule_for, segment_words
from tickets import sla, states
from tickets.models import SLAPause, SLATarget, Ticket


@dataclass(frozen=True)
class Explanation:
    """One promise in words."""

    target: SLATarget
    headline: str
    rule: str
    lines: tuple[str, ...]
    spent_seconds: int
    percent: int
    paused: bool


def duration_words(seconds: int) -> str:
    """Return business seconds as words, e.g. “1 h 30 min”."""
    minutes = max(0, seconds) // 60
    hours, rest = divmod(minutes, 60)
    if hours and rest:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    if hours:
        return ngettext("%(hours)s hour", "%(hours)s hours", hours) % {"hours": hours}
    return ngettext("%(minutes)s minute", "%(minutes)s minutes", rest) % {"minutes": rest}


def explain_targets(ticket: Ticket, *, now: datetime | None = None) -> list[Explanation]:
    """Return the ticket's promises, first due first, each with the way its due time was counted."""
    moment = now or timezone.now()
    targets = list(SLATarget.objects.filter(ticket=ticket, cancelled_at__isnull=True).select_related("policy", "calendar"))
    pauses = list(SLAPause.objects.filter(ticket=ticket))
    schedule = schedule_for(ticket.queue.calendar)
    return [_explanation(ticket, target, pauses, schedule, moment) for target in targets]


def _explanation(ticket: Ticket, target: SLATarget, pauses: list[SLAPause], schedule: Schedule, now: datetime) -> Explanation:
    held = pauses if target.metric in sla.PAUSABLE else []
    clock_pauses = [sla.Pause(pause.from_at, pause.until_at) for pause in held]
    until = min(target.met_at or now, now)
    spent = sla.spent_seconds(schedule, target.started_at, until, clock_pauses)
    paused = bool(held) and ticket.status in states.PAUSED and any(pause.until_at is None for pause in held) and not target.met_at
    lines = [segment_words(segment, schedule) for segment in explain(schedule, target.started_at, target.due_at)]
    lines += [_pause_words(pause, schedule, now) for pause in held if pause.from_at < target.due_at]
    policy = target.policy.name if target.policy else _("without a service level")
    rule = _("%(policy)s: %(budget)s of working time, counted by “%(calendar)s”, from %(start)s") % {
        "policy": policy,
        "budget": duration_words(target.budget_seconds),
        "calendar": ticket.queue.calendar.name,
        "start": _moment(target.started_at),
    }
    percent = min(999, spent * 100 // target.budget_seconds) if target.budget_seconds else 100
    return Explanation(target, _headline(target, paused), rule, tuple(lines), spent, percent, paused)


def _headline(target: SLATarget, paused: bool) -> str:
    values: dict[str, Any] = {"what": target.get_metric_display(), "when": _moment(target.due_at)}
    if target.met_at:
        values["met"] = _moment(target.met_at)
        return _("%(what)s: due %(when)s, done %(met)s") % values
    if paused:
        return _("%(what)s: the clock stands still; if it ran again now, due %(when)s") % values
    return _("%(what)s: due %(when)s") % values


def _pause_words(pause: SLAPause, schedule: Schedule, now: datetime) -> str:
    until = pause.until_at or now
    values = {
        "reason": pause.get_reason_display(),
        "start": _moment(pause.from_at),
        "until": _moment(until) if pause.until_at else _("now"),
        "time": duration_words(sla.spent_seconds(schedule, pause.from_at, until)),
    }
    return _("Paused, %(reason)s: %(start)s to %(until)s, %(time)s of working time not counted") % values


def _moment(value: datetime) -> str:
    return formats.date_format(timezone.localtime(value), "m-d H:i")
