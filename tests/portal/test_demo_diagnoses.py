"""The demo's diagnoses are sound in both languages, and its runs walk ways that exist."""

import pytest

from diagnosis.models import DiagnosisRun, DiagnosisVersion
from diagnosis.tree import DANGER, NEEDS_PART, NEEDS_VISIT, SOLVED_GUIDE, Answer, Node, Tree, problems
from portal.demo.diagnosis import diagnoses, load_runs
from tests.factories.diagnosis import make_diagnosis

ROWS = diagnoses()


def tree(row: dict, half: int) -> Tree:
    """Return a diagnosis of the data files as a tree, without the catalogue."""
    nodes = {}
    for node in row["nodes"]:
        key = node.get("q") or node["end"]
        answers = tuple(Answer(answer[0], answer[1 + half], answer[3]) for answer in node.get("answers", []))
        nodes[key] = Node(
            key,
            "question" if "q" in node else "outcome",
            node["title"][half],
            text=node.get("text", ["", ""])[half],
            picture=1 if "image" in node else None,
            picture_alt=node.get("alt", ["", ""])[half],
            answers=answers,
            unsure_to=node.get("unsure", ""),
            outcome=node.get("kind", ""),
            guide_key=node.get("guide", ""),
            part=node.get("part", ""),
            phone=node.get("phone", ""),
        )
    return Tree(next(iter(nodes)), nodes)


@pytest.mark.parametrize("row", ROWS, ids=[row["slug"] for row in ROWS])
def test_a_diagnosis_of_the_demo_is_sound_in_both_languages(row: dict) -> None:
    for half in (0, 1):
        whole = tree(row, half)
        assert problems(whole) == []
        assert all(isinstance(answer.key, str) for node in whole.nodes.values() for answer in node.answers)
        assert any(node.outcome == DANGER for node in whole.nodes.values())


def test_the_demo_has_every_kind_of_outcome_over_all_six_families() -> None:
    kinds = {node["kind"] for row in ROWS for node in row["nodes"] if "end" in node}
    assert kinds >= {DANGER, NEEDS_PART, NEEDS_VISIT, SOLVED_GUIDE} and len({row["family"] for row in ROWS}) == 6 and len(ROWS) >= 8


@pytest.mark.django_db
def test_runs_walk_ways_that_exist_and_are_not_doubled(django_assert_max_num_queries) -> None:
    make_diagnosis()
    with django_assert_max_num_queries(25):
        assert load_runs() == 64
    assert load_runs() == 0
    version = DiagnosisVersion.objects.get()
    for run in DiagnosisRun.objects.prefetch_related("steps"):
        here = version.tree.walk([(step.node_key, step.answer_key) for step in run.steps.all()])
        assert (run.state == "ended") == (not version.tree.nodes[here].is_question) and run.outcome_node in {"", here}
        assert run.help_session is not None and run.last_at >= run.started_at
