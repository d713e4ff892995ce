"""Figures of a diagnosis: counted from the steps that stand, for a version, a language and a period."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from diagnosis.figures import Choice, figures_of, overview
from diagnosis.models import DiagnosisPage, RunStep
from diagnosis.queries import current_version
from diagnosis.tree import UNSURE
from tests.factories.diagnosis import make_diagnosis, make_run
from tests.factories.kb import HelpSessionFactory

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(hours=3)


@pytest.fixture
def page():
    return make_diagnosis()


def walk(page, answers, **fields):
    fields.setdefault("at", timezone.now() - LONG_AGO)
    return make_run(current_version(page), answers, **fields)


TO_FILTER = [("leak", "dry"), ("hum", "yes"), ("hose", "bent")]
TO_VISIT = [("leak", UNSURE), ("hum", UNSURE), ("hose", UNSURE)]


def test_each_node_says_who_came_what_they_answered_and_who_stopped(page) -> None:
    walk(page, TO_FILTER, solved=True)
    walk(page, TO_VISIT, solved=False)
    walk(page, [("leak", "dry")])
    walk(page, [])
    found = figures_of(page.translation_key, Choice())
    assert (found.runs, found.ended, found.stopped, found.told, found.solved) == (4, 2, 2, 2, 1)
    leak, hum = found.nodes["leak"], found.nodes["hum"]
    assert (leak.reached, leak.stopped, dict(leak.answers)) == (4, 1, {"dry": 2, UNSURE: 1})
    assert (hum.reached, hum.stopped, hum.unsure_share, hum.solved_share) == (3, 1, 0.5, 0.5)
    assert (found.nodes["filter"].ended, found.nodes["filter"].solved_share) == (1, 1.0)
    assert found.nodes["water"].reached == 0 and found.nodes["water"].stopped_share is None


def test_who_answered_a_moment_ago_has_not_stopped(page) -> None:
    walk(page, [("leak", "dry")], at=timezone.now() - timedelta(minutes=2))
    found = figures_of(page.translation_key, Choice())
    assert found.stopped == 0 and found.nodes["hum"].reached == 1 and found.nodes["hum"].stopped == 0


def test_a_changed_answer_counts_once_as_it_stands(page) -> None:
    run = walk(page, TO_FILTER)
    RunStep.objects.filter(run=run, position=2).update(replaced_at=timezone.now())
    RunStep.objects.create(run=run, position=2, node_key="hose", answer_key="free")
    assert dict(figures_of(page.translation_key, Choice()).nodes["hose"].answers) == {"free": 1}


def test_came_back_is_said_solved_and_contact_within_seven_days(page) -> None:
    for days, said in ((0, True), (6, True), (7, True), (None, True), (2, False)):
        session = HelpSessionFactory(outcome="failed", contact_days=days)
        walk(page, TO_FILTER, solved=said, help_session=session)
    found = figures_of(page.translation_key, Choice())
    assert found.came_back == 2 and found.came_back_share == 0.5 and found.nodes["filter"].came_back == found.nodes["hum"].came_back == 2


def test_language_version_and_period_choose_the_runs(page) -> None:
    english = make_diagnosis(language="en", translation_of=page)
    walk(page, TO_FILTER)
    walk(english, TO_FILTER)
    walk(page, TO_FILTER, at=timezone.now() - timedelta(days=40))
    draft = page.get_latest_revision_as_object()
    draft.title = "第二版"
    draft.save_revision().publish()
    walk(DiagnosisPage.objects.get(pk=page.pk), TO_VISIT)
    key = page.translation_key

    def runs(**choice) -> int:
        return figures_of(key, Choice(**choice)).runs

    assert runs() == 4 and runs(language="en") == 1 and runs(number=2) == 1 and runs(number=1, language="zh-hans") == 2
    assert runs(since=timezone.now() - timedelta(days=30)) == 3
    assert overview(Choice(language="zh-hans"))[key].runs == 3


def test_the_number_of_queries_is_the_same_for_one_run_and_for_many(page) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            figures_of(page.translation_key, Choice())
            overview(Choice())
        return len(seen)

    walk(page, TO_FILTER)
    one = queries()
    for answers in (TO_VISIT, TO_FILTER[:1], [], TO_FILTER[:2]):
        walk(page, answers)
    assert queries() == one <= 8


def test_editors_see_them_on_the_graph_as_a_table_and_as_csv(client, editor, agent, page) -> None:
    walk(page, TO_FILTER, solved=True)
    walk(page, [("leak", "dry")])
    url = reverse("diagnosis_figures", args=[page.pk])
    client.force_login(agent)
    assert client.get(url).status_code in {302, 403} and client.get(reverse("diagnosis_all_figures")).status_code in {302, 403}
    client.force_login(editor)
    body = client.get(url).content.decode()
    assert "<svg" in body and "2 人" in body and "50 % 停在这里" in body
    rows = list(csv.reader(io.StringIO(client.get(url, {"export": "csv"}).content.decode("utf-8-sig"))))
    assert rows[2][0].startswith("2. 排水时") and rows[2][2:4] == ["2", "50 %"] and "有声音 1 (100 %)" in rows[2][7]
    assert page.title in client.get(reverse("diagnosis_all_figures")).content.decode()
    for nonsense in ({"days": "-1"}, {"version": "99999999999"}, {"language": "'\"><x>"}, {"version": "3"}):
        assert client.get(url, nonsense).status_code == 200


def test_the_overview_asks_as_much_for_three_diagnoses_as_for_one(client, editor, page) -> None:
    client.force_login(editor)
    url = reverse("diagnosis_all_figures")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    walk(page, TO_FILTER)
    queries()
    one = queries()
    for title in ("第二个", "第三个"):
        walk(make_diagnosis(title=title), TO_FILTER)
    assert queries() == one


def test_a_cell_that_looks_like_a_formula_is_defused(client, editor) -> None:
    make_diagnosis(title="=1+1")
    client.force_login(editor)
    assert "'=1+1" in client.get(reverse("diagnosis_all_figures"), {"export": "csv"}).content.decode()
