"""Searches, attempts, votes and diagnoses lead to a person for so many days; afterwards they only count, and the figures are the same."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import PrivacySettings
from diagnosis.actions import answer, keep_note, start_run
from diagnosis.figures import Choice, figures_of
from diagnosis.models import DiagnosisRun
from diagnosis.queries import current_version
from kb.models import ArticleVote, HelpEvent, HelpSession
from portal.retention import figures, sweep
from reports.filters import filters_from
from reports.queries.figures import key_figures
from reports.queries.tables import by_query
from search.models import SearchLog
from tests.factories.accounts import ContactFactory
from tests.factories.diagnosis import make_diagnosis
from tests.factories.kb import HelpSessionFactory
from tests.factories.tickets import open_ticket, setup_desk
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
KEPT = 180
WORDS = "不排水 13812345678"
LOOSE = ("attempts", "searches", "votes", "diagnoses", "search_words")


def long_ago(days=KEPT + 1):
    return timezone.now() - timedelta(days=days)


def traces(customer, *, days=KEPT + 1):
    """A solved attempt, one that came back, a search, a vote and a run of one browser, all so many days ago."""
    at = long_ago(days)
    about = {"visitor_key": "browser", "user": customer, "started_at": at, "last_at": at, "outcome_at": at}
    HelpSessionFactory(outcome="solved", solved_by_key="guide:1", **about)
    back = HelpSessionFactory(
        outcome="failed", contact=ContactFactory(), contact_reference="T-2601-00001", contact_at=at, contact_days=3, **about
    )
    HelpEvent.objects.create(session=back, kind="query", query=WORDS, at=at, data={"found": 2})
    HelpEvent.objects.create(session=back, kind="contact", at=at, data={"reference": "T-2601-00001", "days": 3})
    SearchLog.objects.create(query=WORDS, language="zh-hans", total=2, engine="embedded", visitor_key="browser", at=at)
    ArticleVote.objects.create(
        subject_key="guide:1",
        title="x",
        language="en",
        helpful=False,
        visitor_key="browser",
        user=customer,
        comment=WORDS,
        referrer="/a",
        created_at=at,
    )
    return back


def run_of(customer, days=KEPT + 1):
    page = make_diagnosis()
    run = start_run(version=current_version(page), language="zh-hans", visitor_key="browser", user=customer)
    answer(run=run, node_key="leak", answer_key="dry")
    keep_note(run=run, note=WORDS)
    DiagnosisRun.objects.update(last_at=long_ago(days), started_at=long_ago(days))
    return page, run


def due():
    return {row["rule"].key: row["due"] for row in figures() if row["rule"].key in LOOSE}


def report():
    given = {"from": long_ago(KEPT + 20).date().isoformat(), "to": timezone.localdate().isoformat()}
    found = key_figures(filters_from(given, now=timezone.now(), zone=timezone.get_current_timezone()))
    return {key: (figure.part, figure.whole) for key, figure in found.items()}


def test_after_the_days_nothing_leads_to_anybody_and_every_figure_is_the_same(customer) -> None:
    back = traces(customer)
    page, run = run_of(customer)
    before, walked = report(), figures_of(page.translation_key, Choice())
    assert before["failed"] == (1, 2)
    assert due() == {"attempts": 2, "searches": 1, "votes": 1, "diagnoses": 1, "search_words": 0}
    sweep()
    assert report() == before and figures_of(page.translation_key, Choice()) == walked and walked.runs == 1
    assert due() == dict.fromkeys(LOOSE, 0) and not any(value for key, value in sweep().items() if key in LOOSE)
    for table in (HelpSession, HelpEvent, SearchLog, ArticleVote, DiagnosisRun):
        kept = repr(list(table.objects.values()))
        assert "browser" not in kept and "13812345678" not in kept and "T-2601-00001" not in kept, table
    back.refresh_from_db()
    assert (back.user, back.contact, back.contact_days, back.outcome) == (None, None, 3, "failed")
    assert len(set(HelpSession.objects.values_list("visitor_key", flat=True))) == 1, "visitors can still be counted"
    run.refresh_from_db()
    assert (run.user, run.note, run.steps.count()) == (None, "", 1)
    zone = timezone.get_current_timezone()
    given = {"from": long_ago(KEPT + 20).date().isoformat(), "to": timezone.localdate().isoformat()}
    (row,) = by_query(filters_from(given, now=timezone.now(), zone=zone)).rows
    assert row.values["name"].startswith("不排水") and row.values["attempts"] == 1


def test_what_is_younger_or_still_open_stays_as_it_is(customer) -> None:
    traces(customer, days=KEPT - 1)
    run_of(customer, days=KEPT - 1)
    HelpSessionFactory(outcome="open", visitor_key="other", last_at=long_ago())
    assert due() == dict.fromkeys(LOOSE, 0)
    sweep()
    assert HelpSession.objects.filter(visitor_key="browser", user=customer).count() == 2
    assert SearchLog.objects.get().query == WORDS and DiagnosisRun.objects.get().note == WORDS


def test_the_days_are_a_setting_and_said_on_the_privacy_page(customer) -> None:
    traces(customer, days=100)
    settings = PrivacySettings.load()
    settings.traces_days, settings.words_days = 90, 95
    settings.save()
    assert due() == {"attempts": 2, "searches": 1, "votes": 1, "diagnoses": 0, "search_words": 1}
    assert "90 天" in Client().get("/zh-hans/privacy/").content.decode()
    assert "for 90 days" in Client().get("/en/privacy/").content.decode()
    sweep()
    assert not SearchLog.objects.exists() and HelpSession.objects.count() == 2


def test_what_a_case_points_to_is_kept_with_the_case(customer) -> None:
    setup_desk()
    guest = traces(customer)
    mine = HelpSessionFactory(outcome="escalated", visitor_key="v9", last_at=long_ago(), contact_reference="T-1")
    first = open_ticket(contact=ContactFactory(user=None, email="g@example.com"))
    second = open_ticket(contact=customer.contacts.get())
    Ticket.objects.filter(pk=first.pk).update(help_session=guest, status="closed", closed_at=long_ago())
    Ticket.objects.filter(pk=second.pk).update(help_session=mine, status="closed", closed_at=long_ago(5000))
    assert due()["attempts"] == 1, "the guest's request is kept for its years, the member's as long as the account"
    Ticket.objects.filter(pk=first.pk).update(closed_at=long_ago(5000))
    assert due()["attempts"] == 2
