"""The report of self-service: every number leads to its rows, totals equal the CSV, strangers stay out."""

import csv
import io
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Site

from kb import actions
from kb.models import ArticleVote, HelpEvent, HelpSession, SelfServiceSettings
from reports.filters import filters_from
from reports.queries.figures import effect_of_suggestions, key_figures
from reports.views import TABLES
from search.models import SearchLog
from tests.factories.accounts import StaffFactory
from tests.factories.kb import HelpSessionFactory
from tests.factories.products import CodeFactory, ModelFactory, ProblemFactory
from tests.factories.tickets import open_ticket, setup_desk
from tickets.actions import reply_to_customer

pytestmark = pytest.mark.django_db
REPORT = "/desk/reports/"


def now_filters(**given):
    return filters_from({"days": "30", **given}, now=timezone.now(), zone=timezone.get_current_timezone())


def attempt(outcome="solved", *, days=3, back=None, key="guide:1", place="help", group="", **fields):
    """An attempt of some days ago: asked, shown, opened, read up to step 4, ended; `back` days later a contact."""
    begun = timezone.now() - timedelta(days=days)
    ended = begun + timedelta(minutes=5)
    values = {"outcome": outcome, "started_at": begun, "last_at": ended, "outcome_at": None if outcome == "open" else ended, **fields}
    if outcome == "solved":
        values.setdefault("solved_by_key", key)
    if back is not None:
        values |= {
            "contact_at": ended + timedelta(days=back),
            "contact_days": back,
            "contact_reference": "T-2611-00001",
            "contact_channel": "web",
        }
    session = HelpSessionFactory(offered_at=begun if place else None, group=group, channel=place or "web", **values)
    kind = "held" if group == "held" else "shown"
    HelpEvent.objects.create(session=session, kind="query", query="不排水", place=place, at=begun, data={"found": 1})
    HelpEvent.objects.create(session=session, kind=kind, document_key=key, title="清理过滤器", place=place, at=begun)
    if kind == "shown":
        HelpEvent.objects.create(session=session, kind="opened", document_key=key, title="清理过滤器", at=begun)
        HelpEvent.objects.create(
            session=session, kind="read", document_key=key, title="清理过滤器", seconds=60, step=4, data={"reached": "拧下"}, at=begun
        )
    return session


@pytest.fixture
def history(roles):
    """Attempts of every kind, contacts on three channels, searches and votes."""
    setup_desk()
    model = ModelFactory()
    code = CodeFactory(family=model.family, code="E2")
    about = {"model": model, "family": model.family}
    attempt(**about)
    attempt(**about, language="en", key="guide:2")
    attempt("failed", back=3, **about, code=code)
    attempt("failed", days=20, back=12, place="", **about)
    attempt("escalated", back=0, place="chat")
    attempt("unknown", **about)
    attempt("open", days=0)
    attempt("solved", days=40, **about)
    session = HelpSession.objects.filter(outcome="escalated").get()
    HelpEvent.objects.create(session=session, kind="voted", document_key="guide:1", title="清理过滤器", data={"helpful": False})
    problem = ProblemFactory()
    open_ticket(model=model, problem=problem)
    open_ticket(model=model, problem=problem, channel="phone")
    reply_to_customer(open_ticket(), by=StaffFactory(role="agent"), body="请先断电。")
    for total in (0, 0, 3):
        SearchLog.objects.create(query="羽绒服", language="zh-hans", total=total, engine="embedded", at=timezone.now())
    for number, helpful in enumerate((True, False, False)):
        ArticleVote.objects.create(
            subject_key="guide:1",
            title="清理过滤器",
            language="zh-hans",
            helpful=helpful,
            visitor_key=f"v{number}",
            reason="" if helpful else "unclear",
        )
    return model


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return BeautifulSoup(answer.content.decode(), "html.parser")


def number_of(text):
    return int(text.replace(",", "").replace("\xa0", "").replace(" ", ""))


@pytest.mark.parametrize(
    "address", ["", "definitions/", "attempts/", "contacts/", "searches/", "votes/", "tables/drivers/", "tables/product/?format=csv"]
)
def test_only_managers_read_reports(client, signed_in, supervisor, admin, agent, second_line, editor, customer, address):
    assert client.get(REPORT + address).status_code == 302
    for outsider in (agent, second_line, editor, customer):
        assert signed_in(outsider).get(REPORT + address).status_code == 403
    for manager in (supervisor, admin):
        assert signed_in(manager).get(REPORT + address).status_code == 200


def test_an_attempt_is_closed_to_everybody_else(signed_in, supervisor, agent):
    session = attempt()
    address = reverse("reports:attempt", args=[session.key])
    assert signed_in(agent).get(address).status_code == 403
    answer = signed_in(supervisor).get(address)
    assert answer.status_code == 200 and "清理过滤器" in answer.content.decode() and session.visitor_key not in answer.content.decode()
    assert signed_in(supervisor).get(reverse("reports:attempt", args=["nothing"])).status_code == 404


def test_the_navigation_names_the_reports_to_managers_only(signed_in, supervisor, agent):
    assert REPORT in signed_in(supervisor).get("/desk/").content.decode()
    assert REPORT not in signed_in(agent).get("/desk/").content.decode()


def test_the_figures_follow_their_definitions(history):
    found = key_figures(now_filters())
    parts = {key: (figure.part, figure.whole) for key, figure in found.items()}
    assert parts["attempts"] == (7, None) and parts["failed"] == (2, 4) and parts["contacts"] == (3, None)
    assert parts["self_service"] == (2, 5)
    assert parts["unknown"] == (1, 7)
    # At a door: two solved, one that came back after 3 days, one that needed a person, one without a word, one still open.
    assert parts["deflection_7"] == (2, 6) and parts["deflection_30"] == (2, 6)
    assert parts["offer_opened"] == (6, 6) and parts["offer_solved"] == (2, 6) and parts["offer_unhelpful"] == (1, 6)
    assert found["self_service"].before is None and found["self_service"].change is None, "one attempt is nothing to compare with"
    for _number in range(20):
        attempt("solved", days=45)
    found = key_figures(now_filters())["self_service"]
    assert found.before == 1.0 and found.change == pytest.approx(0.4 - 1) and found.tone == "care"


def test_a_contact_after_the_eighth_day_fails_the_long_figure_only():
    attempt("failed", days=15, back=8)
    attempt("failed", days=15, back=7)
    found = key_figures(now_filters())
    assert (found["deflection_7"].part, found["deflection_30"].part, found["deflection_7"].whole) == (1, 0, 2)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_number_of_the_page_leads_to_as_many_rows(signed_in, supervisor, history, language):
    client = signed_in(supervisor)
    client.cookies["hearth_language"] = language
    report = page(client, f"{REPORT}?entry=help" if language == "en" else REPORT)
    links = {}
    for anchor in report.select(".report a[href*='/desk/reports/']"):
        text = anchor.get_text().strip()
        if text.replace(",", "").isdecimal() and "/tables/" not in anchor.get("href"):
            links[anchor.get("href")] = number_of(text)
    assert len(links) > (40 if language == "en" else 60)
    for href, number in links.items():
        shown = page(client, href).select("[data-count]")[0].get_text()
        parts = urlsplit(href)
        assert number_of(shown) == number, (parts.path, parts.query)


@pytest.mark.parametrize("key", list(TABLES))
def test_the_total_of_a_csv_is_the_sum_of_its_lines_and_what_the_page_says(signed_in, supervisor, history, key):
    client = signed_in(supervisor)
    address = f"{REPORT}tables/{key}/?days=30"
    answer = client.get(f"{address}&format=csv")
    assert answer["Content-Type"].startswith("text/csv") and f"{key}-" in answer["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    table = page(client, address).select("table.rtable")[0]
    assert len(table.select("tbody tr")) == len([line for line in lines[1:] if line[0] not in {"合计"}])
    foot = table.select("tfoot tr")
    if not foot:
        return
    *body, total = lines[1:]
    for place, cell in enumerate(foot[0].select("td"), start=1):
        text = cell.get_text().strip()
        if text.isdecimal():
            assert int(total[place]) == int(text) == sum(int(line[place]) for line in body)


@pytest.mark.parametrize(
    "address", [REPORT, f"{REPORT}attempts/", f"{REPORT}contacts/", f"{REPORT}tables/article/", f"{REPORT}tables/drivers/"]
)
def test_one_row_and_three_cost_the_same_queries(signed_in, supervisor, address):
    setup_desk()
    client = signed_in(supervisor)
    client.get(address)
    counts = []
    for number in range(3):
        model = ModelFactory()
        code = CodeFactory(family=model.family)
        attempt("failed", back=1, model=model, family=model.family, code=code, key=f"guide:{number}")
        open_ticket(model=model, problem=ProblemFactory())
        ArticleVote.objects.create(subject_key=f"guide:{number}", title="x", language="en", helpful=False, visitor_key="v")
        SearchLog.objects.create(query=f"q{number}", language="en", total=0, engine="embedded", at=timezone.now())
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        counts.append(len(captured))
    assert counts[0] == counts[2], counts


def test_filters_narrow_by_product_and_language_and_nonsense_is_left_out(signed_in, supervisor, history):
    assert key_figures(now_filters(language="en"))["attempts"].part == 1
    assert key_figures(now_filters(family=history.family.slug))["attempts"].part == 5
    assert key_figures(now_filters(entry="chat"))["attempts"].part == 1
    by_door = {entry: key_figures(now_filters(entry=entry)) for entry in HelpSession.Channel.values}
    assert sum(found["attempts"].part for found in by_door.values()) == 7
    assert sum(found["contacts"].part for found in by_door.values()) == 0, "contacts without an attempt stood at no door"
    client = signed_in(supervisor)
    for nonsense in (
        "days=abc&family=nope&language=fr",
        "from=2026-99-99&to=x",
        "from=1000-01-01&to=9999-01-01",
        "page=zzz",
        "step=٣&did=step&article=x",
        "family=%00&language=%00&entry=%00&query=%00&article=%00&model=%00&subject=%00&of_language=%00",
    ):
        assert client.get(f"{REPORT}?{nonsense}").status_code == 200
        assert client.get(f"{REPORT}attempts/?{nonsense}&offer=x&group=y&outcome=z&topic=code:9").status_code == 200
        assert client.get(f"{REPORT}searches/?{nonsense}").status_code == client.get(f"{REPORT}votes/?{nonsense}").status_code == 200
        assert client.get(f"{REPORT}contacts/?{nonsense}&topic=code:abc&of_family=x&channel=z").status_code == 200
    assert client.get(f"{REPORT}tables/nothing/").status_code == 404


def test_what_people_typed_is_text_on_the_page_and_in_a_spreadsheet(signed_in, supervisor):
    attempt()
    HelpEvent.objects.filter(kind="query").update(query='=HYPERLINK("x")<script>')
    client = signed_in(supervisor)
    assert "<script>" not in client.get(f"{REPORT}tables/query/").content.decode().split("<main")[1].split("</main")[0]
    assert "\"'=HYPERLINK" in client.get(f"{REPORT}tables/query/?format=csv").content.decode()


def test_the_page_of_an_empty_portal_says_so(signed_in, supervisor):
    html_text = signed_in(supervisor).get(REPORT).content.decode()
    assert "–" in html_text and "100%" not in html_text


# --- The comparison group ------------------------------------------------------------------------------------------------


def compare(minimum, percent=10):
    SelfServiceSettings.objects.update_or_create(
        site=Site.objects.get(is_default_site=True), defaults={"holdout_percent": percent, "holdout_minimum": minimum}
    )


def test_too_few_visitors_give_no_estimate_but_the_counts(signed_in, supervisor):
    compare(10)
    for _number in range(3):
        attempt("escalated", days=10, back=0, group="held")
        attempt("solved", days=10, group="shown")
    effect = effect_of_suggestions(now_filters())
    assert (effect.held, effect.held_contacts, effect.shown, effect.shown_contacts, effect.estimate) == (3, 3, 3, 0, None)
    assert "数据还不够" in signed_in(supervisor).get(REPORT).content.decode()


def test_the_estimate_is_by_visitor_within_seven_days_and_only_where_these_are_over():
    compare(10)
    for number in range(12):
        attempt("escalated" if number < 6 else "unknown", days=10, back=0 if number < 6 else None, group="held")
        attempt("escalated" if number < 3 else "solved", days=10, back=0 if number < 3 else None, group="shown")
    attempt("solved", days=12, group="shown", visitor_key=HelpSession.objects.filter(group="shown").first().visitor_key)
    attempt("escalated", days=2, back=0, group="held")
    attempt("failed", days=20, back=8, group="shown")
    effect = effect_of_suggestions(now_filters())
    assert (effect.held, effect.held_contacts, effect.shown, effect.shown_contacts) == (12, 6, 13, 3)
    assert effect.estimate.value == pytest.approx(6 / 12 - 3 / 13) and effect.estimate.low < 0 < effect.estimate.high


def test_a_solved_attempt_whose_visitor_comes_back_is_listed_with_the_way_to_the_ticket(signed_in, supervisor, run_tasks, customer):
    setup_desk()
    model = ModelFactory()
    session = actions.help_session_for(visitor_key="v1", user=customer, language="zh-hans")
    actions.record_query(session, "不排水", found=1)
    actions.record_opened(session, key="guide:1", title="清理过滤器")
    actions.record_product(session, model=model)
    actions.mark_solved(session, by_key="guide:1")
    HelpSession.objects.update(outcome_at=timezone.now() - timedelta(days=3, minutes=5))
    ticket = open_ticket(contact=customer.contacts.first(), model=model)
    run_tasks()
    session.refresh_from_db()
    assert (session.outcome, session.contact_days, session.contact_reference) == ("failed", 3, ticket.reference)
    report = page(signed_in(supervisor), REPORT)
    assert [a for a in report.select("a.mono") if a.get("href") == reverse("tickets:detail", args=[ticket.reference])]
