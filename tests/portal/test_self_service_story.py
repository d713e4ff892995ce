"""A story over days: solved by oneself, back after three days with a contact, counted as failed where the manager can open the case."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from kb.models import HelpSession
from kb.subjects import guide_key
from tests.portal.conftest import help_data
from tickets.models import Ticket

MONDAY = datetime(2026, 9, 14, 20, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def helped(client: Client, guide, key: str) -> HelpSession:
    """Somebody reads the guide up to its second step and says that it solved it."""
    client.post("/zh-hans/feedback/reading/", {"key": key, "seconds": 42, "step": 2, "reached": "逆时针拧下过滤器", "query": "不排水"})
    client.post(f"/zh-hans/feedback/vote/?subject={key}", {"vote": "yes", "next": guide.url})
    return HelpSession.objects.get()


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "outcome", "figure"), [(3, "failed", "0.0%"), (31, "solved", "50.0%")])
def test_back_after_three_days_is_a_failure_and_after_a_month_it_is_not(
    shop, guide, signed_in, supervisor, run_tasks, days, outcome, figure
):
    client = Client()
    with time_machine.travel(MONDAY, tick=False) as clock:
        session = helped(client, guide, guide_key(guide))
        assert session.outcome == "solved" and session.events.get(kind="read").step == 2
        clock.shift(timedelta(days=days))
        assert client.post("/zh-hans/help/", help_data()).status_code == 302
        run_tasks(only="tickets.tasks.note_contact")
        ticket = Ticket.objects.get()
        session.refresh_from_db()
        assert session.outcome == outcome
        manager = signed_in(supervisor)
        report = manager.get("/desk/reports/?days=90").content.decode()
        assert figure in report.split('id="f-self_service"')[1].split("</section>")[0]
        rows = manager.get("/desk/reports/attempts/?days=90&outcome=failed").content.decode()
        assert (f"/desk/tickets/{ticket.reference}/" in rows) is (outcome == "failed")
        if outcome == "failed":
            assert "3 天后" in rows and session.contact_days == 3
            detail = manager.get(f"/desk/reports/attempts/{session.key}/").content.decode()
            assert ticket.reference in detail and "逆时针拧下过滤器" in detail
