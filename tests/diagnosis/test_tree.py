"""What is wrong with a tree is found, and a tree without problems always ends."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnosis import tree as t
from diagnosis.tree import UNSURE, Answer, Node, Problem, Tree, data_of, problems, shape, tree_from
from tests.factories.diagnosis import small_tree


def changed(tree: Tree, key: str, **fields) -> Tree:
    return replace(tree, nodes={**tree.nodes, key: replace(tree.nodes[key], **fields)})


def codes(tree: Tree) -> set[str]:
    return {problem.code for problem in problems(tree)}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_small_tree_is_sound(language: str) -> None:
    assert problems(small_tree(language)) == []


def test_both_languages_share_keys_and_ways() -> None:
    assert shape(small_tree("zh-hans")) == shape(small_tree("en"))
    assert shape(changed(small_tree("en"), "hose", unsure_to="filter")) != shape(small_tree("zh-hans"))


def test_nothing_written_is_one_problem() -> None:
    assert problems(Tree("", {})) == [Problem(t.EMPTY)]


def test_each_mistake_is_named_where_it_is() -> None:
    sound = small_tree("en")
    hum, hose = sound.nodes["hum"], sound.nodes["hose"]
    danger = sound.nodes["water"]
    cases = {
        Problem(t.START_UNKNOWN, about="gone"): replace(sound, start="gone"),
        Problem(t.START_OUTCOME, "filter"): replace(sound, start="filter"),
        Problem(t.NO_TITLE, "hum"): changed(sound, "hum", title=" "),
        Problem(t.FEW_ANSWERS, "hum"): changed(sound, "hum", answers=hum.answers[:1]),
        Problem(t.ANSWER_EMPTY, "hum", "no"): changed(sound, "hum", answers=(hum.answers[0], replace(hum.answers[1], text=""))),
        Problem(t.ANSWER_TWICE, "hum", "no"): changed(
            sound, "hum", answers=(hum.answers[0], replace(hum.answers[1], text=hum.answers[0].text))
        ),
        Problem(t.DEAD_END, "hum", "no"): changed(sound, "hum", answers=(hum.answers[0], replace(hum.answers[1], to=""))),
        Problem(t.UNKNOWN_TARGET, "hum", "no", "gone"): changed(sound, "hum", answers=(hum.answers[0], replace(hum.answers[1], to="gone"))),
        Problem(t.UNSURE_NOWHERE, "hum", UNSURE): changed(sound, "hum", unsure_to=""),
        Problem(t.UNKNOWN_TARGET, "hum", UNSURE, "gone"): changed(sound, "hum", unsure_to="gone"),
        Problem(t.LOOP, "hose", "free", "leak"): changed(sound, "hose", answers=(hose.answers[0], replace(hose.answers[1], to="leak"))),
        Problem(t.UNREACHABLE, "visit"): changed(sound, "hose", unsure_to="filter"),
        Problem(t.OUTCOME_UNKNOWN, "visit"): changed(sound, "visit", outcome="magic"),
        Problem(t.NO_GUIDE, "filter"): changed(sound, "filter", guide_key=""),
        Problem(t.NO_PART, "pump"): changed(sound, "pump", part=""),
        Problem(t.NO_WORDS, "visit"): changed(sound, "visit", text="<p> &nbsp;</p>"),
        Problem(t.DANGER_WORDS, "water"): changed(sound, "water", text="<p></p>"),
        Problem(t.DANGER_PHONE, "water"): changed(sound, "water", phone=" "),
        Problem(t.PICTURE_ALT, "leak"): changed(sound, "leak", picture=7),
    }
    for expected, broken in cases.items():
        assert expected in problems(broken), expected
    assert danger.outcome == t.DANGER


def test_a_question_that_leads_to_itself_is_a_loop() -> None:
    sound = small_tree("en")
    assert Problem(t.LOOP, "hum", UNSURE, "hum") in problems(changed(sound, "hum", unsure_to="hum"))


def test_nodes_that_lead_to_each_other_but_from_nowhere_are_both_named() -> None:
    sound = small_tree("en")
    lonely = Node("a", "question", "A", answers=(Answer("x", "X", "b"), Answer("y", "Y", "visit")), unsure_to="visit")
    other = replace(lonely, key="b", title="B", answers=(Answer("x", "X", "a"), Answer("y", "Y", "visit")))
    found = problems(replace(sound, nodes={**sound.nodes, "a": lonely, "b": other}))
    assert {(problem.code, problem.node_key) for problem in found} == {(t.UNREACHABLE, "a"), (t.UNREACHABLE, "b"), (t.LOOP, "b")}


def test_walking_stops_at_what_does_not_fit() -> None:
    tree = small_tree("en")
    assert tree.walk([]) == "leak"
    assert tree.walk([("leak", "dry"), ("hum", "no")]) == "pump"
    assert tree.walk([("leak", "dry"), ("hose", "bent")]) == "hum"
    assert tree.walk([("leak", "nonsense")]) == "leak"
    assert tree.walk([("leak", UNSURE), ("hum", UNSURE), ("hose", UNSURE)]) == "visit"
    assert tree.longest() == 3


def test_a_deep_tree_needs_no_recursion() -> None:
    end = Node("end", "outcome", "End", text="<p>x</p>", outcome=t.NEEDS_VISIT)
    nodes = {
        f"q{n}": Node(
            f"q{n}",
            "question",
            "Q",
            answers=(Answer("a", "A", f"q{n + 1}" if n < 1999 else "end"), Answer("b", "B", "end")),
            unsure_to="end",
        )
        for n in range(2000)
    }
    tree = Tree("q0", {**nodes, "end": end})
    assert problems(tree) == [] and tree.longest() == 2000


def test_json_and_back_is_the_same_and_foreign_fields_do_no_harm() -> None:
    tree = small_tree("zh-hans")
    data = data_of(tree)
    assert tree_from(data) == tree
    data["nodes"][0]["colour"] = "red"
    assert tree_from(data) == tree
    assert tree_from({}) == Tree("", {})


KEYS = [f"k{n}" for n in range(7)]


@st.composite
def trees(draw: st.DrawFn, forwards: bool | None = None) -> Tree:
    """Draw a tree of up to seven nodes; `forwards` lets answers lead only to later ones, so that many are sound."""
    size = draw(st.integers(2, 7))
    forwards = draw(st.booleans()) if forwards is None else forwards
    nodes: dict[str, Node] = {}
    for place, key in enumerate(KEYS[:size]):
        later = KEYS[place + 1 : size] if forwards else [*KEYS[:size], "gone", ""]
        if (place and (not later or draw(st.booleans()))) or not later:
            nodes[key] = Node(key, t.OUTCOME, "End", text="<p>do</p>", outcome=t.NEEDS_VISIT)
            continue
        to = st.sampled_from(later)
        answers = tuple(Answer(f"a{n}", f"Answer {n}", draw(to)) for n in range(draw(st.integers(2 if forwards else 1, 3))))
        nodes[key] = Node(key, t.QUESTION, "What?", answers=answers, unsure_to=draw(to))
    return Tree("k0", nodes)


@settings(max_examples=150, deadline=None)
@given(trees(), st.data())
def test_a_tree_without_problems_ends_whatever_is_answered(tree: Tree, data: st.DataObject) -> None:
    if set(codes(tree)) - {t.UNREACHABLE}:  # what nobody reaches cannot keep anybody from an end
        return
    here, asked = tree.start, 0
    while tree.nodes[here].is_question:
        ways = dict(tree.nodes[here].ways())
        here = ways[data.draw(st.sampled_from(sorted(ways)))]
        asked += 1
        assert asked <= len(tree.nodes)
    assert asked <= tree.longest()


@settings(max_examples=150, deadline=None)
@given(trees())
def test_whoever_can_go_round_for_ever_is_told(tree: Tree) -> None:
    reached = tree.reachable()
    ways = {key: {to for _a, to in tree.nodes[key].ways() if to in tree.nodes} for key in reached}
    left = set(reached)
    while leaves := {key for key in left if not ways[key] & left}:
        left -= leaves
    in_loops = {problem.node_key for problem in problems(tree) if problem.code == t.LOOP} & reached
    assert bool(left) == bool(in_loops)


@settings(max_examples=80, deadline=None)
@given(trees())
def test_every_tree_survives_json(tree: Tree) -> None:
    assert tree_from(data_of(tree)) == tree
