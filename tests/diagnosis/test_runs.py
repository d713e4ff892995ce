"""Runs: begin, answer, change, end, hand over; every step is kept, nothing is asked twice, nothing foreign opens."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from core import files
from core.errors import Conflict, InvalidInput, InvalidUpload, NotFound
from core.history import history_of
from diagnosis import actions, queries
from diagnosis.models import DiagnosisRun, RunStep
from diagnosis.tree import UNSURE
from kb.ledger import help_session_for
from kb.models import HelpEvent, HelpSession
from tests.factories.diagnosis import make_diagnosis
from tests.factories.products import FamilyFactory, ModelFactory
from tests.factories.warranty import UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return make_diagnosis()


@pytest.fixture
def session():
    return help_session_for(visitor_key="v1", language="zh-hans")


@pytest.fixture
def run(page, session):
    return actions.start_run(version=queries.current_version(page), visitor_key="v1", language="zh-hans", help_session=session)


@pytest.fixture
def heard(monkeypatch):
    """The events of the runs, in order."""
    names = []
    monkeypatch.setattr("diagnosis.actions.emit", lambda name, **ids: names.append((name, ids)))
    return names


def say(run, *answers):
    for node, key in answers:
        actions.answer(run=run, node_key=node, answer_key=key)
    run.refresh_from_db()
    return run


def way(run):
    return [(item.node_key, item.answer_key) for item in queries.given_of(DiagnosisRun.objects.get(pk=run.pk))]


def snapshot(run):
    return list(RunStep.objects.filter(run=run).values_list("node_key", "answer_key", "position", "replaced_at"))


# Beginning


def test_a_run_begins_with_the_published_version_and_says_so(page, session):
    model = ModelFactory()
    run = actions.start_run(version=queries.current_version(page), visitor_key="v1", language="zh-hans", model=model, help_session=session)
    assert run.state == DiagnosisRun.State.OPEN and run.model == model and run.family == model.family
    assert len(run.key) >= 24 and len(run.code) == 6 and run.code not in run.key
    assert [entry.verb for entry in history_of(run)] == ["started"]
    session.refresh_from_db()
    assert session.model == model
    event = session.events.get(kind=HelpEvent.Kind.DIAGNOSIS)
    assert event.title == page.title and event.data["answers"] == 0


def test_pressing_start_twice_begins_one_run(page, run, session):
    again = actions.start_run(version=queries.current_version(page), visitor_key="v1", language="zh-hans", help_session=session)
    assert again.pk == run.pk
    other = actions.start_run(version=queries.current_version(page), visitor_key="v2", language="zh-hans")
    assert other.pk != run.pk
    say(run, ("leak", "dry"))
    assert actions.start_run(version=queries.current_version(page), visitor_key="v1", language="zh-hans").pk not in {run.pk, other.pk}


def test_a_unit_brings_its_model(page, customer):
    unit = UnitFactory()
    run = actions.start_run(version=queries.current_version(page), user=customer, language="en", unit=unit, family=FamilyFactory())
    assert run.model == unit.model and run.family == unit.model.family and run.user == customer


def test_what_is_about_one_family_need_not_be_asked_for_it(page):
    begin = lambda visitor: actions.start_run(version=queries.current_version(page), visitor_key=visitor, language="zh-hans")  # noqa: E731
    fridges, model = FamilyFactory(slug="refrigerators"), ModelFactory()
    assert begin("v1").family is None
    page.product_models.set([model])
    page.save()
    assert begin("v2").family == model.family and begin("v2").model is None
    page.families.set([fridges])
    page.save()
    assert begin("v3").family is None  # about two: nobody knows which


def test_what_was_taken_back_begins_no_more(page):
    version = queries.current_version(page)
    page.unpublish()
    version.refresh_from_db()
    with pytest.raises(Conflict) as refusal:
        actions.start_run(version=version, visitor_key="v1", language="zh-hans")
    assert refusal.value.code == "withdrawn" and not DiagnosisRun.objects.exists()


# Answering and changing


def test_every_answer_is_a_row_with_its_time(run):
    say(run, ("leak", "dry"), ("hum", UNSURE))
    assert way(run) == [("leak", "dry"), ("hum", UNSURE)]
    assert run.state == DiagnosisRun.State.OPEN
    assert all(step.at for step in run.steps.all())


def test_the_same_answer_twice_is_one(run, heard):
    say(run, ("leak", "wet"))
    before = snapshot(run)
    change = actions.answer(run=run, node_key="leak", answer_key="wet")
    assert not change.changed and snapshot(run) == before
    assert [name for name, _ids in heard] == ["diagnosis.ended"]


def test_a_changed_answer_keeps_what_fits_and_marks_what_does_not(run):
    say(run, ("leak", "dry"), ("hum", "yes"), ("hose", "bent"))
    assert run.outcome_node == "filter" and run.state == DiagnosisRun.State.ENDED
    say(run, ("hum", UNSURE))
    assert way(run) == [("leak", "dry"), ("hum", UNSURE), ("hose", "bent")] and run.outcome_node == "filter"
    say(run, ("hum", "no"))
    assert way(run) == [("leak", "dry"), ("hum", "no")] and run.outcome_node == "pump"
    assert {(step.node_key, step.answer_key) for step in run.steps.exclude(replaced_at=None)} == {
        ("hum", "yes"),
        ("hum", UNSURE),
        ("hose", "bent"),
    }
    say(run, ("hum", "yes"))
    assert run.state == DiagnosisRun.State.OPEN and run.outcome_node == ""
    assert queries.given_before(DiagnosisRun.objects.get(pk=run.pk), "hose") == "bent"  # offered again, not forgotten


def test_a_changed_answer_that_shortens_the_way_moves_what_stays(page):
    from diagnosis.tree import Answer, Node, Tree

    nodes = [
        Node("a", "question", "甲", answers=(Answer("x", "一", "b"), Answer("y", "二", "c")), unsure_to="c"),
        Node("b", "question", "乙", answers=(Answer("x", "一", "c"), Answer("y", "二", "end")), unsure_to="end"),
        Node("c", "question", "丙", answers=(Answer("x", "一", "d"), Answer("y", "二", "end")), unsure_to="end"),
        Node("d", "question", "丁", answers=(Answer("x", "一", "end"), Answer("y", "二", "end")), unsure_to="end"),
        Node("end", "outcome", "完", text="<p>请人看。</p>", outcome="ask_person"),
    ]
    page = make_diagnosis(tree=Tree("a", {node.key: node for node in nodes}))
    run = actions.start_run(version=queries.current_version(page), visitor_key="v9", language="zh-hans")
    say(run, ("a", "x"), ("b", "x"), ("c", "x"), ("d", "x"))
    say(run, ("a", "y"))
    assert way(run) == [("a", "y"), ("c", "x"), ("d", "x")] and run.outcome_node == "end"
    assert list(run.steps.filter(replaced_at=None).order_by("position").values_list("position", flat=True)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("node", "key", "error", "code"),
    [
        ("hose", "bent", Conflict, "moved"),
        ("gone", "x", Conflict, "moved"),
        ("filter", "x", Conflict, "moved"),
        ("hum", "maybe", InvalidInput, "unknown"),
        ("hum", "", InvalidInput, "unknown"),
        ("hum", "x" * 10_000, InvalidInput, "unknown"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(run, node, key, error, code):
    say(run, ("leak", "dry"))
    before = snapshot(run)
    with pytest.raises(error) as refusal:
        actions.answer(run=run, node_key=node, answer_key=key)
    assert refusal.value.code == code and snapshot(run) == before


def test_a_withdrawn_diagnosis_takes_no_answer_but_a_newer_version_does(run, page):
    draft = page.get_latest_revision_as_object()
    draft.title = "换了标题"
    draft.save_revision().publish()
    run = queries.get_run_for(run.key)
    say(run, ("leak", "dry"))
    assert run.version.number == 1
    type(page).objects.get(pk=page.pk).unpublish()
    with pytest.raises(Conflict) as refusal:
        actions.answer(run=run, node_key="hum", answer_key="yes")
    assert refusal.value.code == "withdrawn" and way(run) == [("leak", "dry")]


def test_an_outcome_is_news_once(run, heard):
    say(run, ("leak", "wet"))
    say(run, ("leak", "dry"), ("leak", "wet"))
    assert heard == [("diagnosis.ended", {"run_id": run.pk})] * 2  # reached, left, reached again
    assert [entry.verb for entry in history_of(run)] == ["started", "ended", "ended"]
    assert HelpEvent.objects.get(kind=HelpEvent.Kind.DIAGNOSIS).data == {"answers": 1, "outcome": "danger", "solved": None}


def test_signing_in_on_the_way_keeps_the_run_for_the_member(run, customer, other_customer):
    actions.answer(run=run, node_key="leak", answer_key="dry", by=customer)
    actions.answer(run=run, node_key="hum", answer_key="yes", by=other_customer)
    run.refresh_from_db()
    assert run.user == customer


# The end


def test_solved_is_a_success_of_the_ledger(run, session, heard):
    say(run, ("leak", "dry"), ("hum", "yes"), ("hose", "bent"))
    heard.clear()
    actions.finish_run(run=run, solved=True)
    actions.finish_run(run=run, solved=True)
    session.refresh_from_db()
    assert session.outcome == HelpSession.Outcome.SOLVED and session.solved_by_key.startswith("guide:")
    assert heard == [("diagnosis.finished", {"run_id": run.pk, "solved": True})]
    assert [entry.verb for entry in history_of(run)][-1] == "solved"
    with pytest.raises(Conflict) as refusal:
        actions.answer(run=run, node_key="hum", answer_key="no")
    assert refusal.value.code == "closed"


def test_not_solved_leaves_the_attempt_to_a_person_and_may_be_mended(run, session):
    say(run, ("leak", "dry"), ("hum", "yes"), ("hose", "bent"))
    actions.finish_run(run=run, solved=False)
    session.refresh_from_db()
    assert session.outcome == HelpSession.Outcome.OPEN
    say(run, ("hum", "no"))
    assert run.solved is None and run.outcome_node == "pump"


def test_nothing_ends_before_its_outcome_and_danger_is_never_solved(run):
    with pytest.raises(Conflict) as refusal:
        actions.finish_run(run=run, solved=True)
    assert refusal.value.code == "under_way"
    say(run, ("leak", "wet"))
    with pytest.raises(Conflict) as refusal:
        actions.finish_run(run=run, solved=True)
    run.refresh_from_db()
    assert refusal.value.code == "danger" and run.solved is None


def test_with_a_person_the_answers_stand(run, session, heard):
    say(run, ("leak", "dry"), ("hum", "no"))
    heard.clear()
    actions.hand_over(run=run, reference="T-2611-00001", help_session=session)
    actions.hand_over(run=run, reference="R-2611-00002")
    run.refresh_from_db()
    assert run.case_reference == "T-2611-00001" and run.solved is False and run.help_session == session
    assert heard == [("diagnosis.finished", {"run_id": run.pk, "solved": False})]
    assert [entry.verb for entry in history_of(run)][-3:] == ["handed_over", "unsolved", "handed_over"]
    for refused in (
        lambda: actions.answer(run=run, node_key="hum", answer_key="yes"),
        lambda: actions.finish_run(run=run, solved=True),
    ):
        with pytest.raises(Conflict) as refusal:
            refused()
        assert refusal.value.code == "closed"


def test_a_run_that_was_not_finished_can_be_handed_over_and_is_no_outcome(run):
    say(run, ("leak", "dry"))
    actions.hand_over(run=run, reference="T-2611-00001")
    run.refresh_from_db()
    assert run.solved is None and run.is_closed


# Note and photos


def test_a_note_of_ten_thousand_characters_is_refused_with_words(run):
    with pytest.raises(InvalidInput) as refusal:
        actions.keep_note(run=run, note="漏" * 10_000)
    run.refresh_from_db()
    assert "10000" in str(refusal.value.message) and run.note == ""
    actions.keep_note(run=run, note="昨天开始的。\x00")
    run.refresh_from_db()
    assert run.note == "昨天开始的。"


def test_photos_belong_to_the_run_and_only_one_s_own_are_taken(run, picture_draft):
    mine, foreign = picture_draft("v1"), picture_draft("v2")
    actions.keep_note(run=run, note="", attachments=[mine.reference], visitor_key="v1")
    assert [item.pk for item in files.attachments_of(run)] == [mine.pk]
    with pytest.raises(InvalidUpload):
        actions.keep_note(run=run, note="x", attachments=[foreign.reference], visitor_key="v1")
    run.refresh_from_db()
    assert run.note == "" and files.attachments_of(run).count() == 1


def test_six_photos_in_two_goes_are_too_many(run, picture_draft):
    actions.keep_note(run=run, note="", attachments=[picture_draft("v1").reference for _ in range(4)], visitor_key="v1")
    with pytest.raises(InvalidUpload) as refusal:
        actions.keep_note(run=run, note="", attachments=[picture_draft("v1").reference for _ in range(2)], visitor_key="v1")
    assert refusal.value.code == "too_many" and files.attachments_of(run).count() == 4


# Doors


def test_the_key_opens_the_run_and_nothing_else_does(run):
    assert queries.get_run_for(run.key).pk == run.pk
    for wrong in ("", run.key[:-1], str(run.pk), run.code, "x" * 10_000, run.key.lower() + "x"):
        with pytest.raises(NotFound):
            queries.get_run_for(wrong)


def test_the_code_opens_it_however_it_is_typed_for_a_week(run):
    full = run.code.translate({ord(sign): chr(ord(sign) + 0xFEE0) for sign in run.code})
    for typed in (run.code, run.code.lower(), f"{run.code[:3]} {run.code[3:]}", f"{run.code[:3]}-{run.code[3:]}", full):
        assert queries.get_run_by_code(typed).pk == run.pk
    for wrong in ("", run.code[:-1], "AAAAAA", "😀" * 6, run.key):
        with pytest.raises(NotFound):
            queries.get_run_by_code(wrong)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        with pytest.raises(NotFound):
            queries.get_run_by_code(run.code)
        assert queries.get_run_for(run.key).pk == run.pk
    with time_machine.travel(timezone.now() + timedelta(days=31)), pytest.raises(NotFound):
        queries.get_run_for(run.key)


def test_open_runs_are_one_s_own(page, customer, other_customer):
    version = queries.current_version(page)
    mine = say(actions.start_run(version=version, user=customer, visitor_key="v1", language="zh-hans"), ("leak", "dry"))
    actions.start_run(version=version, user=other_customer, visitor_key="v2", language="zh-hans")
    guest = say(actions.start_run(version=version, visitor_key="v3", language="zh-hans"), ("leak", "dry"))
    assert [run.pk for run in queries.open_runs(user=customer, visitor_key="v3")] == [mine.pk]
    assert [run.pk for run in queries.open_runs(visitor_key="v3")] == [guest.pk]
    assert queries.open_runs() == [] and queries.open_runs(visitor_key="v1") == []
    say(mine, ("hum", "no"))
    assert queries.open_runs(user=customer) == []  # it has reached its end


# Words


def test_answers_are_read_in_words_in_either_language(page, run):
    english = make_diagnosis(language="en", translation_of=page)
    say(run, ("leak", "dry"), ("hum", UNSURE))
    run = queries.get_run_for(run.key)
    with translation.override("en"):
        rows = queries.answers_of(run)
        assert queries.shown_in(run).title == english.title
    assert [row["answer"] for row in rows] == ["No", "Not sure"] and rows[1]["unsure"]
    with translation.override("zh-hans"):
        assert queries.answers_of(run)[0]["answer"] == "没有"


def test_a_translation_of_another_shape_does_not_speak_for_a_run(page, run):
    from dataclasses import replace

    from diagnosis.models import DiagnosisVersion
    from diagnosis.tree import Tree, data_of
    from tests.factories.diagnosis import small_tree

    tree = small_tree("en")
    other = Tree(tree.start, {**tree.nodes, "hum": replace(tree.nodes["hum"], unsure_to="pump")})
    # Publishing refuses such a translation; a version from before that rule may still be there.
    content = {"title": "Asks differently", **data_of(other)}
    DiagnosisVersion.objects.create(translation_key=page.translation_key, language="en", number=1, content=content)
    shown = queries.shown_in(run, "en")
    assert shown.language == "zh-hans" and shown.title == page.title


def test_staff_read_the_runs_of_a_case_s_session(run, session, picture_draft):
    assert queries.runs_of_session(None) == [] and queries.runs_of_session(session) == []
    say(run, ("leak", "wet"))
    actions.keep_note(run=run, note="插座在洗衣机后面。", attachments=[picture_draft("v1").reference], visitor_key="v1")
    (summary,) = queries.runs_of_session(session)
    assert summary.danger and summary.note == "插座在洗衣机后面。" and len(summary.files) == 1
    assert [(row.question, row.answer) for row in summary.answers] == [("机器旁边的地上有水吗？", "有，流到插座附近")]


def test_the_runs_of_a_session_cost_the_same_for_one_and_three(page, session, django_assert_num_queries):
    version = queries.current_version(page)
    for _time in range(3):
        say(actions.start_run(version=version, visitor_key="v1", language="zh-hans", help_session=session), ("leak", "dry"))
        with translation.override("zh-hans"), django_assert_num_queries(3):
            queries.runs_of_session(session)
