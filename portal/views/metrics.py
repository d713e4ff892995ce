"""Figures for the people on duty, as Prometheus reads them: what waits, what is over time, how this process answers."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from chat.models import Conversation
from core.metering import REQUESTS
from core.models import TaskAttempt
from fieldservice import states as repair_states
from fieldservice.models import RepairOrder
from portal.views.health import states_of_parts
from tickets import states
from tickets.models import Escalation, Ticket

logger = logging.getLogger(__name__)

Rows = Iterable[tuple[dict[str, str], float]]


def _parts(now: datetime) -> Rows:
    return [({"part": name}, float(part["status"] == "ok")) for name, part in states_of_parts().items()]


def _tasks(now: datetime) -> Rows:
    counted = TaskAttempt.objects.aggregate(
        due=Count("pk", filter=Q(state=TaskAttempt.State.WAITING, run_after__lte=now)),
        running=Count("pk", filter=Q(state=TaskAttempt.State.RUNNING)),
        given_up=Count("pk", filter=Q(state=TaskAttempt.State.DEAD)),
    )
    return [({"state": state}, count) for state, count in counted.items()]


def _task_wait(now: datetime) -> Rows:
    waiting = TaskAttempt.objects.filter(state=TaskAttempt.State.WAITING, run_after__lte=now)
    return [({}, _seconds_since(waiting.aggregate(first=Min("run_after"))["first"], now))]


def _tickets(now: datetime) -> Rows:
    counted = Ticket.objects.filter(status__in=states.ACTIVE).aggregate(all=Count("pk"), over=Count("pk", filter=Q(due_at__lt=now)))
    return [({"due": "over"}, counted["over"]), ({"due": "in_time"}, counted["all"] - counted["over"])]


def _escalations(now: datetime) -> Rows:
    unclaimed = Escalation.objects.filter(closed_at__isnull=True, claimed_at__isnull=True)
    counted = unclaimed.aggregate(all=Count("pk"), over=Count("pk", filter=Q(due_at__lt=now)))
    return [({"due": "over"}, counted["over"]), ({"due": "in_time"}, counted["all"] - counted["over"])]


def _chats(now: datetime) -> Rows:
    counted = Conversation.objects.exclude(status=Conversation.Status.ENDED).order_by().values_list("status").annotate(Count("pk"))
    found = {Conversation.Status.WAITING: 0, Conversation.Status.ACTIVE: 0, **dict(counted)}
    return [({"status": str(status)}, count) for status, count in found.items()]


def _chat_wait(now: datetime) -> Rows:
    waiting = Conversation.objects.filter(status=Conversation.Status.WAITING)
    return [({}, _seconds_since(waiting.aggregate(first=Min("queued_at"))["first"], now))]


def _repairs(now: datetime) -> Rows:
    counted = RepairOrder.objects.filter(state__in=repair_states.ACTIVE).values_list("state").annotate(Count("pk"))
    return [({"state": state}, count) for state, count in counted.order_by("state")]


def _seconds_since(first: datetime | None, now: datetime) -> float:
    return max(0.0, (now - first).total_seconds()) if first else 0.0


GAUGES: dict[str, tuple[str, Callable[[datetime], Rows]]] = {
    "hearth_part_ok": ("1 while the part works as it should (see /health/ready)", _parts),
    "hearth_tasks": ("Background work by state", _tasks),
    "hearth_task_wait_seconds": ("How long the oldest due background work has waited", _task_wait),
    "hearth_tickets_active": ("Requests being worked on", _tickets),
    "hearth_escalations_unclaimed": ("What waits in the escalation queue for somebody", _escalations),
    "hearth_chats": ("Chats that wait or go on", _chats),
    "hearth_chat_wait_seconds": ("How long the first visitor of the queue has waited", _chat_wait),
    "hearth_repairs_open": ("Open repairs by state", _repairs),
}


@require_GET
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return every figure as text. Needs `Authorization: Bearer` with HEARTH_METRICS_TOKEN; without a token set there is no such page."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, settings.METRICS_TOKEN):
        raise Http404
    now, lines = timezone.now(), []
    for name, (meaning, count) in GAUGES.items():
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]
        try:
            lines += [_line(name, labels, value) for labels, value in count(now)]
        except Exception:
            logger.exception("the figure %s could not be counted", name)  # the others still say what they know
    return HttpResponse("\n".join([*lines, *_requests(), ""]), content_type="text/plain; version=0.0.4; charset=utf-8")


def _requests() -> list[str]:
    answers, durations = "hearth_http_requests_total", "hearth_http_request_seconds"
    lines = [f"# HELP {answers} Answers of this process by area and kind of status", f"# TYPE {answers} counter"]
    lines += [_line(answers, labels, value) for labels, value in REQUESTS.answers()]
    lines += [f"# HELP {durations} Time this process took for its answers", f"# TYPE {durations} histogram"]
    for area, buckets, seconds in REQUESTS.durations():
        lines += [_line(f"{durations}_bucket", {"area": area, "le": end}, count) for end, count in buckets]
        lines += [_line(f"{durations}_sum", {"area": area}, seconds), _line(f"{durations}_count", {"area": area}, buckets[-1][1])]
    return lines


def _line(name: str, labels: dict[str, str], value: Any) -> str:
    escaped = (text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for text in labels.values())
    inner = ",".join(f'{label}="{text}"' for label, text in zip(labels, escaped, strict=True))
    number = int(value) if float(value).is_integer() else round(float(value), 6)
    return f"{name}{{{inner}}} {number}" if inner else f"{name} {number}"
