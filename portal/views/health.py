"""Is it alive, is it ready: each part with its state, for load balancers and people on duty."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from core.models import TaskAttempt, WorkerHeartbeat


@require_GET
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def _database() -> dict:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": "ok", "engine": connection.vendor}


def _cache() -> dict:
    if not settings.REDIS_URL:
        return {"status": "ok", "engine": "memory"}
    stamp = timezone.now().isoformat()
    cache.set("health", stamp, 30)
    return {"status": "ok" if cache.get("health") == stamp else "down", "engine": "redis"}


def _search() -> dict:
    from search.queries import health

    found = health()
    return {"status": found["state"], **{name: value for name, value in found.items() if name != "state"}}


def _background() -> dict:
    since = timezone.now() - timedelta(seconds=settings.TASK_STALE_SECONDS)
    alive = list(WorkerHeartbeat.objects.filter(seen_at__gte=since).values_list("kind", flat=True))
    dead = TaskAttempt.objects.filter(state=TaskAttempt.State.DEAD).count()
    waiting = TaskAttempt.objects.filter(state=TaskAttempt.State.WAITING, run_after__lte=timezone.now()).count()
    state = "ok" if "worker" in alive and "clock" in alive else "degraded"
    return {"status": state, "workers": alive.count("worker"), "clocks": alive.count("clock"), "waiting": waiting, "given_up": dead}


PARTS: dict[str, tuple[Callable[[], dict], bool]] = {
    "database": (_database, True),
    "cache": (_cache, False),
    "search": (_search, False),
    "background": (_background, False),
}


def states_of_parts() -> dict[str, dict]:
    """Return every part with its state; a part that cannot even be asked is `down`."""
    parts: dict[str, dict] = {}
    for name, (check, _needed) in PARTS.items():
        try:
            parts[name] = check()
        except Exception as error:
            parts[name] = {"status": "down", "error": type(error).__name__}
    return parts


@require_GET
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Every part with its state. 503 only where the portal cannot serve at all (no database); the rest is `degraded`."""
    parts = states_of_parts()
    serving = not any(needed and parts[name]["status"] == "down" for name, (_check, needed) in PARTS.items())
    if not serving:
        overall = "down"
    else:
        overall = "ok" if all(part["status"] == "ok" for part in parts.values()) else "degraded"
    return JsonResponse({"status": overall, "parts": parts}, status=200 if serving else 503)
