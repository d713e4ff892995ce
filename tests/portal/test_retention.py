"""Nothing is kept longer than promised: what has outlived its time is let go once, everything else stays as it is."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Contact, PrivacySettings, RetentionRun
from chat.actions import end_conversation
from chat.models import ChatMessage, Conversation
from core.files import attachments_of
from core.models import OutboundMessage
from fieldservice.models import Quote, RepairOrder
from portal.privacy import anonymise
from portal.retention import end_of, figures, rules, sweep
from tests.factories.accounts import ContactFactory
from tests.factories.chat import say, start_chat
from tests.factories.fieldservice import book
from tests.factories.tickets import open_ticket, setup_desk
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)
SECRET = "住在三楼的周女士"


@pytest.fixture
def cases(customer):
    """One case of each kind by a guest, and one request by a member with an open account; all ended, by now long ago."""
    setup_desk()
    guest = ContactFactory(user=None, name="周女士", email="guest@example.com")
    request = open_ticket(contact=guest, subject=SECRET, description=SECRET)
    mine = open_ticket(contact=customer.contacts.get(), subject=SECRET, description=SECRET)
    chat = start_chat(question=SECRET, contact=guest, visitor_key="")
    say(chat, SECRET, sender="visitor")
    end_conversation(chat, party="visitor")
    repair = book(contact=guest, fault=SECRET)
    Quote.objects.create(order=repair, number=1, total_fen=100, valid_until=timezone.now())
    OutboundMessage.objects.create(channel="mail", address="guest@example.com", template="x", subject=SECRET, body=SECRET, state="sent")
    found = SimpleNamespace(guest=guest, request=request, mine=mine, chat=chat, repair=repair)
    age(found, NOW - timedelta(days=4 * 366))
    return found


def age(found, moment) -> None:
    """Put the end of every case at a moment."""
    Ticket.objects.update(status=Ticket.Status.CLOSED, closed_at=moment)
    Conversation.objects.update(ended_at=moment)
    RepairOrder.objects.update(state="closed", state_since=moment, closed_at=moment)
    Contact.objects.update(created_at=moment)
    OutboundMessage.objects.update(created_at=moment)


def due() -> dict[str, int]:
    return {row["rule"].key: row["due"] for row in figures(now=NOW)}


def test_a_dry_run_counts_what_a_run_lets_go_and_changes_nothing(cases) -> None:
    before = due()
    traces = {"diagnoses": 0, "attempts": 0, "searches": 0, "votes": 0, "search_words": 0}
    messages = OutboundMessage.objects.count()
    assert before == {"repairs": 1, "warranty": 0, "requests": 1, "chats": 1, "contacts": 1, "messages": messages, **traces}
    assert due() == before and not RetentionRun.objects.exists()
    assert sweep(now=NOW) == before
    assert RetentionRun.objects.get().counts == before


def test_words_names_and_addresses_are_gone_what_the_figures_need_stays(cases) -> None:
    sweep(now=NOW)
    for table in (
        Ticket.objects.exclude(pk=cases.mine.pk),
        Conversation.objects,
        ChatMessage.objects,
        RepairOrder.objects,
        Contact.objects.filter(user=None),
        OutboundMessage.objects,
    ):
        assert SECRET not in repr(list(table.values())) and "guest@example.com" not in repr(list(table.values()))
    order = RepairOrder.objects.get()
    assert (order.address, order.coverage, order.unit, order.state, order.reference) == ({}, {}, None, "closed", cases.repair.reference)
    assert not order.quotes.exists()
    cases.guest.refresh_from_db()
    assert (cases.guest.name, cases.guest.email, str(cases.guest.phone or "")) == ("", "", "")


def test_a_member_s_own_cases_stay_as_long_as_the_account_is_open(cases) -> None:
    sweep(now=NOW)
    cases.mine.refresh_from_db()
    assert cases.mine.subject == SECRET and cases.mine.contact.name


def test_a_second_run_finds_nothing(cases) -> None:
    sweep(now=NOW)
    assert set(due().values()) == {0}
    assert set(sweep(now=NOW).values()) == {0} and RetentionRun.objects.count() == 1


def test_what_is_younger_or_still_open_stays(cases) -> None:
    age(cases, NOW - timedelta(days=2 * 365))
    assert set(due().values()) == {0}
    age(cases, NOW - timedelta(days=4 * 366))
    Ticket.objects.update(status=Ticket.Status.OPEN, closed_at=None)
    RepairOrder.objects.update(state="received")
    assert {key for key, count in due().items() if count} - {"messages"} == {"chats"}


def test_the_proof_of_a_closed_account_goes_after_its_own_years(cases, customer) -> None:
    mine = book(contact=customer.contacts.get(), fault=SECRET)
    age(cases, NOW - timedelta(days=4 * 366))
    anonymise(customer, now=NOW)
    settings = PrivacySettings.load()
    settings.kept_years = 10
    settings.save()
    assert due()["repairs"] == 0
    settings.kept_years = 3
    settings.save()
    assert due()["repairs"] == 2
    sweep(now=NOW)
    mine.refresh_from_db()
    assert (mine.address, mine.fault) == ({}, "—") and not attachments_of(mine)


def test_years_are_calendar_years(db) -> None:
    settings = PrivacySettings(kept_years=1, cases_years=4)
    leap = datetime(2028, 2, 29, 9, tzinfo=UTC)
    ends = {rule.key: end_of(rule, settings, now=leap).date().isoformat() for rule in rules()}
    assert (ends["repairs"], ends["requests"]) == ("2027-02-28", "2024-02-29")


def test_one_rule_that_fails_does_not_stop_the_others(cases, monkeypatch) -> None:
    monkeypatch.setattr("tickets.privacy.let_go", lambda rows, now: 1 / 0)
    assert "requests" not in sweep(now=NOW)
    cases.request.refresh_from_db()
    cases.chat.refresh_from_db()
    assert cases.request.subject == SECRET and cases.chat.question == "—"


def test_the_command_can_only_count(cases) -> None:
    out = StringIO()
    call_command("sweep_retention", "--dry-run", stdout=out)
    assert "requests: " in out.getvalue() and Ticket.objects.filter(subject=SECRET).count() == 2


def test_managers_see_the_figures_and_nobody_else(cases, admin, agent, customer, signed_in) -> None:
    for outsider in (Client(), signed_in(customer), signed_in(agent)):
        assert outsider.get("/cms/reports/retention/").status_code in (302, 403)
    with CaptureQueriesContext(
        connection,
    ) as few:
        html = signed_in(admin).get("/cms/reports/retention/").content.decode()
    assert "data-due" in html and len(few) < 80
    assert "保留多久" in Client().get("/zh-hans/privacy/").content.decode()
