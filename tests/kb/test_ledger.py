"""The deflection ledger: what was tried, how it ended, and a success that turned out to be none."""

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kb import actions, ledger, ledger_queries, queries
from kb.ledger_contacts import sweep_abandoned
from kb.ledger_queries import brief_of
from kb.models import HelpEvent, HelpSession
from kb.subjects import guide_key
from tests.factories.accounts import ContactFactory
from tests.factories.kb import HelpSessionFactory, make_guide
from tests.factories.products import FamilyFactory, ModelFactory

pytestmark = pytest.mark.django_db


def open_session(visitor="v1", **kwargs):
    return actions.help_session_for(visitor_key=visitor, language="zh-hans", **kwargs)


def test_an_open_attempt_is_taken_up_again_within_a_day():
    first = open_session()
    assert open_session().pk == first.pk
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert open_session().pk != first.pk


def test_an_ended_attempt_is_not_taken_up_again():
    first = open_session()
    actions.mark_solved(first)
    assert open_session().pk != first.pk


def test_signing_in_keeps_the_guest_s_attempt(customer):
    guest = open_session()
    member = open_session(user=customer)
    assert member.pk == guest.pk and member.user == customer


def test_nobody_gets_another_visitor_s_attempt(customer, other_customer):
    first = open_session("v1", user=customer)
    assert open_session("v2", user=other_customer).pk != first.pk
    assert actions.help_session_for(visitor_key="", language="en") is None


def test_the_summary_says_in_order_what_was_tried():
    session = open_session()
    actions.record_query(session, "不排水", found=3)
    actions.record_query(session, "不排水", found=3)
    actions.record_query(session, "嗡嗡响", found=0)
    actions.record_shown(
        session, [{"key": "guide:1", "title": "清理过滤器", "url": "/a"}, {"key": "guide:2", "title": "排水管高度", "url": "/b"}]
    )
    actions.record_opened(session, key="guide:1", title="清理过滤器", url="/a")
    actions.record_opened(session, key="guide:1", title="清理过滤器", url="/a")
    actions.record_read(session, key="guide:1", seconds=30, reached="第 3 步")
    actions.record_read(session, key="guide:1", seconds=75, reached="第 4 步")
    actions.record_read(session, key="guide:1", seconds=10)
    actions.mark_still_needs_help(session, reference="T-2611-00001")
    lines = queries.ledger_summary(session)
    assert [line.kind for line in lines] == ["query", "query", "opened", "shown", "outcome"]
    assert lines[0].text == "不排水" and lines[1].tone == "care"
    assert "1" in lines[2].note and "15" in lines[2].note and "第 4 步" in lines[2].note
    assert "排水管高度" in lines[3].text and "清理过滤器" not in lines[3].text
    assert len(lines) <= 8


def test_the_summary_costs_the_same_for_one_event_and_for_many():
    counts = []
    for n in (1, 6):
        session = open_session(f"n{n}")
        for i in range(n):
            actions.record_opened(session, key=f"guide:{i}", title=f"指南 {i}")
        with CaptureQueriesContext(connection) as captured:
            queries.ledger_summary(session)
        counts.append(len(captured))
    assert counts == [1, 1]


def test_noting_what_was_shown_costs_the_same_for_one_answer_and_for_five():
    counts = []
    for many in (1, 5):
        session = open_session(f"v{many}")
        with CaptureQueriesContext(connection) as captured:
            actions.record_shown(
                session, [{"key": f"guide:{number}", "title": "清理", "url": "/a"} for number in range(many)], query="排水"
            )
        counts.append(len(captured))
        assert list(session.events.order_by("id").values_list("document_key", flat=True)) == [f"guide:{number}" for number in range(many)]
    assert counts[0] == counts[1]
    with CaptureQueriesContext(connection) as captured:
        actions.record_shown(session, [{"key": "guide:1"}, {"key": "guide:2"}])
    assert not any(query["sql"].startswith(("INSERT", "UPDATE")) for query in captured)


def test_marking_solved_twice_counts_once():
    session = open_session()
    assert actions.mark_solved(session, by_key="guide:1") is True
    assert actions.mark_solved(session, by_key="guide:1") is False
    assert session.events.filter(kind=HelpEvent.Kind.SOLVED).count() == 1


def solved(days_ago=1, **fields):
    return HelpSessionFactory(outcome=HelpSession.Outcome.SOLVED, outcome_at=timezone.now() - timedelta(days=days_ago), **fields)


def contact(session, **fields):
    return actions.record_contact(reference="T-2611-00009", visitor_key=session.visitor_key, **fields)


def test_a_contact_about_the_same_model_within_seven_days_makes_it_a_failure():
    model = ModelFactory()
    session = solved(6, model=model, family=model.family)
    assert contact(session, product_id=model.pk) == 1
    session.refresh_from_db()
    assert (session.outcome, session.contact_reference) == (HelpSession.Outcome.FAILED, "T-2611-00009")


def test_a_contact_within_thirty_days_turns_it_and_keeps_after_how_many():
    model = ModelFactory()
    session = solved(12, model=model, family=model.family)
    assert contact(session, product_id=model.pk, channel="phone") == 1
    session.refresh_from_db()
    assert (session.outcome, session.contact_days, session.contact_channel) == (HelpSession.Outcome.FAILED, 12, "phone")
    assert session.contact_at - session.outcome_at >= timedelta(days=12)
    event = session.events.get(kind=HelpEvent.Kind.CONTACT)
    assert event.data == {"reference": "T-2611-00009", "days": 12}


def test_the_thirty_first_day_is_too_late_and_what_came_before_is_no_return():
    model = ModelFactory()
    assert contact(solved(31, model=model, family=model.family), product_id=model.pk) == 0
    later = solved(1, model=model, family=model.family, started_at=timezone.now() - timedelta(days=1))
    assert contact(later, product_id=model.pk, at=timezone.now() - timedelta(days=2)) == 0


def test_the_same_contact_again_changes_nothing():
    session = solved(3)
    assert [contact(session), contact(session)] == [1, 0]
    first = timezone.now()
    assert actions.record_contact(reference="T-2611-00010", visitor_key=session.visitor_key, at=first) == 0
    session.refresh_from_db()
    assert session.contact_reference == "T-2611-00009" and session.events.filter(kind="contact").count() == 1


def test_another_code_on_the_same_model_is_another_matter_but_the_same_unit_is_not():
    from tests.factories.products import CodeFactory
    from tests.factories.warranty import UnitFactory

    unit = UnitFactory()
    model = unit.model
    e2, e5 = (CodeFactory(family=model.family, code=code) for code in ("E2", "E5"))
    session = solved(model=model, family=model.family, code=e2)
    assert contact(session, product_id=model.pk, code_id=e5.pk) == 0
    assert contact(session, product_id=model.pk, code_id=e2.pk) == 1
    session = solved(unit=unit, model=model, family=model.family, code=e2)
    assert contact(session, unit_id=unit.pk, code_id=e5.pk) == 1


def test_who_left_without_a_word_and_calls_within_a_week_needed_a_person():
    now = timezone.now()
    left = HelpSessionFactory(last_at=now - timedelta(hours=25), started_at=now - timedelta(hours=26))
    fresh = HelpSessionFactory()
    assert sweep_abandoned(now=now) == 1 and sweep_abandoned(now=now) == 0
    left.refresh_from_db()
    assert (left.outcome, left.outcome_at) == (HelpSession.Outcome.UNKNOWN, left.last_at)
    fresh.refresh_from_db()
    assert fresh.outcome == HelpSession.Outcome.OPEN
    assert contact(left, channel="phone") == 1 and contact(fresh) == 1
    for session in (left, fresh):
        session.refresh_from_db()
        assert session.outcome == HelpSession.Outcome.ESCALATED and session.contact_reference
    old = HelpSessionFactory(outcome="unknown", outcome_at=now - timedelta(days=9), last_at=now - timedelta(days=9))
    assert contact(old) == 0


def test_a_guest_who_once_asked_in_a_browser_is_known_by_phone_later():
    from tests.factories.accounts import ContactFactory

    person = ContactFactory()
    HelpSessionFactory(visitor_key="kitchen-tablet", contact=person, outcome="escalated", contact_at=timezone.now())
    guest = solved(2, visitor_key="kitchen-tablet")
    assert actions.record_contact(reference="T-2611-00012", contact_key=person.pk, channel="phone") == 1
    guest.refresh_from_db()
    assert guest.outcome == HelpSession.Outcome.FAILED


def test_who_does_not_want_it_passed_on_is_counted_without_the_reference():
    session = solved(1)
    assert contact(session, named=False) == 1
    session.refresh_from_db()
    assert session.outcome == HelpSession.Outcome.FAILED and session.contact_reference == ""


def test_words_typed_letter_by_letter_into_a_form_are_one_search():
    session = open_session()
    for words in ("不", "不排", "不排水", "不排水 E2"):
        actions.record_query(session, words, found=1, place="help")
    assert [event.query for event in session.events.all()] == ["不排水 E2"]
    actions.record_query(session, "脱水响", found=0, place="help")
    assert session.events.count() == 2


def test_the_furthest_step_and_the_longest_time_count():
    session = open_session()
    for seconds, step, reached in ((5, 1, "关机"), (60, 4, "拧下过滤器"), (30, 2, "放水")):
        actions.record_read(session, key="guide:1", seconds=seconds, step=step, reached=reached)
    event = session.events.get()
    assert (event.seconds, event.step, event.data["reached"]) == (60, 4, "拧下过滤器")


def test_a_card_of_a_code_and_a_typed_code_say_what_the_attempt_is_about():
    from tests.factories.products import CodeFactory

    code = CodeFactory(code="E2")
    session = open_session()
    actions.record_opened(session, key=f"code:{code.family.slug}:E2", title="E2")
    assert (session.code, session.family) == (code, code.family)
    typed = open_session("v2")
    actions.record_product(typed, family=code.family)
    actions.record_query(typed, "报 e-02 不转")
    assert typed.code == code
    other = CodeFactory(family=code.family, code="UB", other_spellings="UE1")
    spelt = open_session("v3")
    actions.record_product(spelt, family=code.family)
    actions.record_query(spelt, "显示 UE1")
    assert spelt.code == other


def test_the_first_line_names_product_code_what_was_tried_and_where_it_stopped():
    model = ModelFactory()
    session = open_session()
    actions.record_product(session, model=model)
    actions.record_query(session, "E2 不排水", found=3)
    actions.record_opened(session, key="guide:1", title="清理过滤器")
    actions.record_read(session, key="guide:1", title="清理过滤器", seconds=90, step=4, reached="拧下过滤器")
    brief = brief_of(session)
    assert (brief.product, brief.code) == (model.number, "E2")
    assert "E2 不排水" in brief.tried and "4" in brief.gave_up and "清理过滤器" in brief.gave_up
    assert brief.line.startswith(f"{model.number} · E2 · ")
    assert not brief_of(None, product="X") and brief_of(None, product="X").line == "X"


def test_a_room_above_adds_its_kind_of_event_and_its_lines(monkeypatch):
    session = open_session()
    actions.record_query(session, "不排水")
    HelpEvent.objects.create(session=session, kind="weighed", title="秤")
    monkeypatch.setitem(ledger_queries.RENDERERS, "weighed", lambda event, trail: ledger_queries.LedgerLine("weighed", event.title))
    monkeypatch.setattr(ledger_queries, "SOURCES", [lambda row: [ledger_queries.LedgerLine("answer", f"会话 {row.key}")]])
    assert [line.kind for line in queries.ledger_summary(session)] == ["query", "weighed", "answer", "outcome"]


def test_another_product_does_not_count():
    model, other = ModelFactory(), ModelFactory(family=FamilyFactory(slug="refrigerators"))
    session = solved(model=model, family=model.family)
    assert contact(session, product_id=other.pk) == 0
    assert contact(session, family_id=other.family_id) == 0


def test_where_one_side_knows_only_the_family_the_family_counts():
    model = ModelFactory()
    assert contact(solved(family=model.family), product_id=model.pk) == 1
    assert contact(solved(model=model, family=model.family), family_id=model.family_id) == 1


def test_another_person_does_not_count(customer, other_customer):
    session = solved(user=customer)
    assert actions.record_contact(reference="T-1", visitor_key="someone-else", user_id=other_customer.pk) == 0
    session.refresh_from_db()
    assert session.outcome == HelpSession.Outcome.SOLVED


def test_the_person_is_known_by_account_or_contact_as_well(customer):
    from accounts.models import Contact

    person = Contact.objects.create(user=customer, name="林晓云")
    assert actions.record_contact(reference="T-1", user_id=solved(user=customer).user_id) == 1
    solved(user=customer, visitor_key="")
    assert actions.record_contact(reference="T-2", contact_key=person.pk) == 1


def test_a_broken_ledger_blocks_nobody(monkeypatch, client):
    def broken(*args, **kwargs):
        raise DatabaseError("down")

    guide = make_guide(slug="drain")
    monkeypatch.setattr(ledger.HelpSession.objects, "filter", broken)
    assert open_session() is None
    assert actions.record_query(None, "不排水") is None
    answer = client.post("/zh-hans/feedback/reading/", {"key": guide_key(guide), "seconds": 15})
    assert answer.status_code == 204


def test_reading_a_guide_is_noted_with_the_search_that_led_there(client):
    guide = make_guide(slug="drain")
    for seconds in (15, 60):
        client.post("/zh-hans/feedback/reading/", {"key": guide_key(guide), "seconds": seconds, "query": "不排水"})
    session = HelpSession.objects.get()
    assert list(session.events.values_list("kind", flat=True)) == ["query", "opened", "read"]
    assert session.events.get(kind="read").seconds == 60


@pytest.mark.parametrize(
    "data", [{}, {"key": "guide:x", "seconds": "x"}, {"key": "nonsense", "seconds": 5}, {"key": "guide:" + "x" * 400, "seconds": -1}]
)
def test_nonsense_readings_leave_no_trace(client, data):
    assert client.post("/zh-hans/feedback/reading/", data).status_code == 204
    assert HelpSession.objects.count() == 0


def test_a_robot_cannot_fill_the_table():
    session = open_session()
    HelpEvent.objects.bulk_create(HelpEvent(session=session, kind="opened", document_key=f"k{n}") for n in range(ledger.MOST_EVENTS))
    actions.record_query(session, "one more")
    assert session.events.count() == ledger.MOST_EVENTS


def test_the_figures_count_outcomes_and_the_rate():
    now = timezone.now()
    for outcome in ("solved", "solved", "escalated", "failed", "open"):
        HelpSessionFactory(outcome=outcome)
    figures = queries.deflection_figures(now - timedelta(days=1), now + timedelta(days=1))
    assert (figures["solved"], figures["escalated"], figures["failed"], figures["open"], figures["total"]) == (2, 1, 1, 1, 5)
    assert figures["rate"] == 0.5
    assert queries.deflection_figures(now + timedelta(days=1), now + timedelta(days=2))["rate"] is None


def test_a_diagnosis_is_one_line_that_is_kept_up_to_date():
    session = open_session()
    about = {"key": "diagnosis:1", "title": "不排水", "url": "/zh-hans/diagnose/no-drain/"}
    actions.record_diagnosis(session, **about)
    actions.record_diagnosis(session, answers=3, outcome="needs_visit", **about)
    (line,) = [line for line in queries.ledger_summary(session) if line.kind == "diagnosis"]
    assert line.text == "不排水" and "3" in line.note and not line.tone
    actions.record_diagnosis(session, answers=3, outcome="needs_visit", solved=False, **about)
    assert session.events.count() == 1
    (line,) = [line for line in queries.ledger_summary(session) if line.kind == "diagnosis"]
    assert line.tone == "care"
    assert actions.record_diagnosis(None, **about) is None


def test_danger_in_a_diagnosis_stands_out():
    session = open_session()
    actions.record_diagnosis(session, key="diagnosis:1", title="焦味", answers=1, outcome="danger")
    assert queries.ledger_summary(session)[0].tone == "care"


def test_a_page_left_open_after_solved_begins_no_new_attempt(client):
    guide = make_guide()
    key = guide_key(guide)
    address = reverse("kb:reading")
    for seconds in (1, 30):
        client.post(address, {"key": key, "seconds": seconds})
    client.post(reverse("kb:vote"), {"subject": key, "vote": "yes"})
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        client.post(address, {"key": key, "seconds": 60})
    session = HelpSession.objects.get()
    assert session.outcome == "solved" and session.events.get(kind="read").seconds == 60


def test_reading_anew_after_solved_is_a_new_attempt(client):
    guide = make_guide()
    key = guide_key(guide)
    client.post(reverse("kb:reading"), {"key": key, "seconds": 30})
    client.post(reverse("kb:vote"), {"subject": key, "vote": "yes"})
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        client.post(reverse("kb:reading"), {"key": key, "seconds": 1})
    assert list(HelpSession.objects.order_by("pk").values_list("outcome", flat=True)) == ["solved", "open"]


@pytest.mark.parametrize("how", ["same phone, another name", "one of two addresses", "proved later", "somebody else"])
def test_a_call_finds_the_attempt_of_the_same_person_under_another_contact(customer, how):
    wrote = ContactFactory(user=None, name="周岚", phone="+8613800138001", email="zhou@example.com")
    HelpSessionFactory(outcome="escalated", visitor_key="theirs", contact=wrote, contact_at=timezone.now())
    solved = HelpSessionFactory(outcome="solved", visitor_key="theirs", outcome_at=timezone.now())
    calls = {
        "same phone, another name": lambda: ContactFactory(user=None, name="周女士", phone="+8613800138001", email=""),
        "one of two addresses": lambda: ContactFactory(user=None, name="周岚", phone="", email="Zhou@example.com"),
        "somebody else": lambda: ContactFactory(user=None, name="周岚", phone="+8613800138999", email="z2@example.com"),
    }
    if how == "proved later":
        wrote.user = customer
        wrote.save()
        contact = ContactFactory(user=customer, phone="+8613800138777")
    else:
        contact = calls[how]()
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        turned = actions.record_contact(reference="T-2611-00009", channel="phone", contact_key=contact.pk, user_id=contact.user_id)
    solved.refresh_from_db()
    assert (turned, solved.outcome) == ((0, "solved") if how == "somebody else" else (1, "failed"))
