"""What operators watch: alive, ready part by part, figures for whoever has the token."""

import json
import logging
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Conversation
from core.logs import JsonFormatter, RequestIdFilter, request_id
from core.metering import Meter, area_of
from core.models import TaskAttempt, WorkerHeartbeat
from portal.views import health, metrics
from tests.factories.chat import start_chat
from tests.factories.tickets import open_ticket
from tickets.models import Ticket

TOKEN = "a-token-of-the-people-on-duty"


def figures(client, **headers) -> dict[str, float]:
    """Return the answer of /metrics as {name with labels: value}; every line must be one that Prometheus can read."""
    answer = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}", **headers)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain; version=0.0.4")
    found = {}
    for line in answer.content.decode().strip().split("\n"):
        if not line.startswith("#"):
            name, value = re.fullmatch(r'([a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})?) (\S+)', line).groups()
            found[name] = float(value)
    return found


def test_a_living_process_says_so(client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readiness_names_every_part_and_misses_nobody_s_worker(client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200 and answer["Cache-Control"].startswith("max-age=0")
    found = answer.json()
    assert set(found["parts"]) == {"database", "cache", "search", "background"}
    assert found["status"] == "degraded" and found["parts"]["background"]["status"] == "degraded"
    for kind in ("worker", "clock"):
        WorkerHeartbeat.objects.create(worker_id=kind, kind=kind)
    assert client.get("/health/ready").json()["parts"]["background"]["status"] == "ok"


@pytest.mark.django_db
def test_without_its_database_the_portal_is_not_ready_and_without_the_rest_it_is(client, monkeypatch) -> None:
    def gone() -> dict:
        raise ConnectionError("gone")

    monkeypatch.setitem(health.PARTS, "cache", (gone, False))
    answer = client.get("/health/ready")
    assert answer.status_code == 200 and answer.json()["parts"]["cache"] == {"status": "down", "error": "ConnectionError"}
    monkeypatch.setitem(health.PARTS, "database", (gone, True))
    answer = client.get("/health/ready")
    assert answer.status_code == 503 and answer.json()["status"] == "down"


@pytest.mark.django_db
@pytest.mark.parametrize(("token", "sent"), [("", ""), ("", "Bearer "), (TOKEN, ""), (TOKEN, "Bearer wrong"), (TOKEN, "Basic " + TOKEN)])
def test_figures_are_for_whoever_has_the_token_alone(client, settings, token, sent) -> None:
    settings.METRICS_TOKEN = token
    assert client.get("/metrics", HTTP_AUTHORIZATION=sent).status_code == 404


@pytest.mark.django_db
def test_figures_count_what_waits_and_what_is_over_time(client, settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    past = timezone.now() - timedelta(minutes=5)
    late, early = open_ticket(), open_ticket()
    Ticket.objects.filter(pk=late.pk).update(due_at=past)
    Ticket.objects.filter(pk=early.pk).update(due_at=timezone.now() + timedelta(hours=5))
    Conversation.objects.filter(pk=start_chat().pk).update(queued_at=past)
    Conversation.objects.filter(pk=start_chat(visitor_key="somebody-else").pk).update(status="ended")
    TaskAttempt.objects.all().delete()
    TaskAttempt.objects.create(path="core.tasks.nothing", run_after=past)
    TaskAttempt.objects.create(path="core.tasks.nothing", state=TaskAttempt.State.DEAD)
    found = figures(client)
    assert found['hearth_part_ok{part="database"}'] == 1 and found['hearth_part_ok{part="background"}'] == 0
    assert (found['hearth_tickets_active{due="over"}'], found['hearth_tickets_active{due="in_time"}']) == (1, 1)
    assert (found['hearth_chats{status="waiting"}'], found['hearth_chats{status="active"}']) == (1, 0)
    assert 290 < found["hearth_chat_wait_seconds"] < 600
    assert found['hearth_tasks{state="given_up"}'] == 1 and 290 < found["hearth_task_wait_seconds"] < 600


@pytest.mark.django_db
def test_a_figure_that_fails_takes_no_other_with_it(client, settings, monkeypatch) -> None:
    settings.METRICS_TOKEN = TOKEN

    def broken(now):
        raise ValueError("broken")

    monkeypatch.setitem(metrics.GAUGES, "hearth_chats", ("broken", broken))
    found = figures(client)
    assert "hearth_tickets_active" in " ".join(found) and not any(name.startswith("hearth_chats{") for name in found)


@pytest.mark.django_db
def test_answers_of_pages_are_counted_and_those_to_machines_are_not(client, settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    before = figures(client).get('hearth_http_requests_total{area="public",status="4xx"}', 0)
    client.get("/en/no-such-page/")
    client.get("/health/live")
    assert figures(client)['hearth_http_requests_total{area="public",status="4xx"}'] == before + 1


@pytest.mark.django_db
def test_the_log_tells_of_each_answer_and_of_nothing_that_opens_something(client, caplog) -> None:
    chat = start_chat()
    with caplog.at_level(logging.INFO, logger="hearth.access"):
        client.get("/en/track/?number=T-2611-00001")
        client.get(f"/en/chat/resume/{chat.key}.{chat.secret}/")
        client.get("/en/no-such-page/?key=opens-it", HTTP_X_REQUEST_ID="of-the-proxy")
        client.get("/health/live")
    records = [record for record in caplog.records if record.name == "hearth.access"]
    lines = [record.getMessage().rpartition(" ")[0].rpartition(" ")[0] for record in records]
    assert lines == ["GET /en/track/ 200", "GET /en/chat/resume/…/ 302", "GET /en/no-such-page/ 404"]
    token = request_id.set("of-the-proxy")
    try:
        RequestIdFilter().filter(records[-1])
        line = json.loads(JsonFormatter().format(records[-1]))
    finally:
        request_id.reset(token)
    assert {"logger": "hearth.access", "request_id": "of-the-proxy", "path": "/en/no-such-page/", "status": 404}.items() <= line.items()


def test_a_histogram_adds_up() -> None:
    meter = Meter()
    for seconds in (0.01, 0.2, 0.3, 99.0):
        meter.note("public", status=200, seconds=seconds)
    [(area, buckets, total)] = meter.durations()
    assert area == "public" and total == pytest.approx(99.51)
    assert dict(buckets) == {"0.05": 1, "0.1": 1, "0.2": 2, "0.5": 3, "1.0": 3, "2.5": 3, "5.0": 3, "10.0": 3, "+Inf": 4}
    assert meter.answers() == [({"area": "public", "status": "2xx"}, 4)]


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/", "public"),
        ("/en/help/", "public"),
        ("/desk/queue/", "desk"),
        ("/cms/", "cms"),
        ("/media/private/x/", "files"),
        ("/health/live", ""),
    ],
)
def test_every_address_belongs_to_one_area(path, area) -> None:
    assert area_of(path) == area
