"""Where a run stands: whatever is answered, changed or sent twice, the path stays one that the tree has."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnosis import walk
from diagnosis.tree import OUTCOME, QUESTION, UNSURE, Answer, Node, Tree
from diagnosis.walk import Given


@st.composite
def trees(draw):
    """A sound tree: every question leads to later nodes only; the last ones are outcomes."""
    count = draw(st.integers(1, 7))
    ends = draw(st.integers(1, 3))
    keys = [f"q{n}" for n in range(count)] + [f"o{n}" for n in range(ends)]
    nodes = {}
    for place in range(count):
        later = st.sampled_from(keys[place + 1 :])
        answers = tuple(Answer(f"a{n}", f"answer {n}", draw(later)) for n in range(draw(st.integers(2, 3))))
        nodes[keys[place]] = Node(keys[place], QUESTION, f"question {place}", answers=answers, unsure_to=draw(later))
    for key in keys[count:]:
        nodes[key] = Node(key, OUTCOME, key, outcome="needs_visit")
    return Tree("q0", nodes)


def answered(tree, data, most=9):
    """Answer at random from where one stands, at most `most` times."""
    given_now = ()
    for _time in range(data.draw(st.integers(0, most))):
        here = tree.nodes[walk.standing(tree, given_now)]
        if not here.is_question:
            break
        given_now = walk.give(tree, given_now, here.key, data.draw(st.sampled_from([key for key, _to in here.ways()]))).path
    return given_now


@settings(max_examples=60, deadline=None)
@given(trees(), st.data())
def test_answering_leads_along_the_tree_to_an_outcome(tree, data):
    given_now, totals = (), []
    for _time in range(len(tree.nodes)):
        here = tree.nodes[walk.standing(tree, given_now)]
        if not here.is_question:
            break
        progress = walk.progress(tree, given_now)
        assert progress.number == len(given_now) + 1
        totals.append(progress.total)
        key = data.draw(st.sampled_from([key for key, _to in here.ways()]))
        change = walk.give(tree, given_now, here.key, key)
        assert change.path == (*given_now, Given(here.key, key)) and change.here == here.target(key)
        assert change.changed and not change.dropped
        given_now = change.path
    assert not tree.nodes[walk.standing(tree, given_now)].is_question
    assert totals == sorted(totals, reverse=True)  # what was promised never grows
    assert walk.progress(tree, given_now).left == 0


@settings(max_examples=80, deadline=None)
@given(trees(), st.data())
def test_changing_an_answer_keeps_exactly_what_still_lies_on_the_way(tree, data):
    before = answered(tree, data)
    if not before:
        return
    at = data.draw(st.sampled_from(before))
    key = data.draw(st.sampled_from([key for key, _to in tree.nodes[at.node_key].ways()]))
    change = walk.give(tree, before, at.node_key, key)
    place = before.index(at)
    assert change.path[:place] == before[:place]
    assert change.path[place] == Given(at.node_key, key)
    later = before[place + 1 :]
    kept = change.path[place + 1 :]
    assert [item for item in later if item in kept] == list(kept)  # a part of what was there, in its order
    assert set(change.dropped) == {item.node_key for item in before} - {item.node_key for item in change.path}
    for item, following in zip(change.path, [*change.path[1:], Given(change.here, "")], strict=True):
        assert tree.nodes[item.node_key].target(item.answer_key) == following.node_key
    assert change.here not in {item.node_key for item in later}  # nothing that is known is asked again
    if key == at.answer_key:
        assert not change.changed and change.path == before
    again = walk.give(tree, change.path, at.node_key, key)
    assert not again.changed and again.path == change.path and again.here == change.here


@settings(max_examples=40, deadline=None)
@given(trees(), st.data())
def test_what_is_not_on_the_way_or_no_answer_is_refused(tree, data):
    now = answered(tree, data)
    here = walk.standing(tree, now)
    on_the_way = {item.node_key for item in now} | {here}
    for key, node in tree.nodes.items():
        if key not in on_the_way or not node.is_question:
            with pytest.raises(walk.NotOnThePath):
                walk.give(tree, now, key, UNSURE)
        else:
            with pytest.raises(walk.UnknownAnswer):
                walk.give(tree, now, key, "nonsense")
    with pytest.raises(walk.NotOnThePath):
        walk.give(tree, now, "nowhere", UNSURE)


def drain():
    """The tree of the examples: power → leaks or pump; both may lead to the filter."""
    ends = {key: Node(key, OUTCOME, key, outcome="needs_visit") for key in ("visit", "guide", "stop")}
    return Tree(
        "power",
        {
            "power": Node("power", QUESTION, "?", answers=(Answer("yes", "", "pump"), Answer("no", "", "plug")), unsure_to="filter"),
            "plug": Node("plug", QUESTION, "?", answers=(Answer("hot", "", "stop"), Answer("cold", "", "filter")), unsure_to="visit"),
            "pump": Node("pump", QUESTION, "?", answers=(Answer("hum", "", "filter"), Answer("none", "", "visit")), unsure_to="filter"),
            "filter": Node(
                "filter", QUESTION, "?", answers=(Answer("clean", "", "visit"), Answer("dirty", "", "guide")), unsure_to="visit"
            ),
            **ends,
        },
    )


def test_a_changed_answer_passes_over_what_is_known():
    tree = drain()
    now = (Given("power", "yes"), Given("pump", "hum"), Given("filter", "dirty"))
    change = walk.give(tree, now, "power", UNSURE)
    assert change.path == (Given("power", UNSURE), Given("filter", "dirty"))
    assert change.dropped == ("pump",) and change.here == "guide"


def test_a_changed_answer_asks_what_is_not_known():
    change = walk.give(drain(), (Given("power", "yes"), Given("pump", "hum"), Given("filter", "dirty")), "power", "no")
    assert change.here == "plug" and change.dropped == ("pump", "filter")


def test_the_way_back_is_the_question_before():
    tree, now = drain(), (Given("power", "yes"), Given("pump", "hum"))
    assert walk.before(tree, now, "filter") == "pump"
    assert walk.before(tree, now, "pump") == "power"
    assert walk.before(tree, now, "power") == ""
    assert walk.before(tree, now, "plug") == ""


def test_progress_says_at_most():
    tree = drain()
    assert walk.progress(tree, ()) == walk.Progress(1, 2)
    assert walk.progress(tree, (Given("power", UNSURE),)) == walk.Progress(2, 0)
    assert walk.progress(tree, (Given("power", "yes"), Given("pump", "hum")), "power") == walk.Progress(1, 2)


def test_a_loop_ends():
    tree = Tree(
        "a",
        {
            "a": Node("a", QUESTION, "?", answers=(Answer("x", "", "b"), Answer("y", "", "a")), unsure_to="b"),
            "b": Node("b", QUESTION, "?", answers=(Answer("x", "", "a"), Answer("y", "", "a")), unsure_to="a"),
        },
    )
    assert walk.follow(tree, {"a": "x", "b": "x"}) == ((Given("a", "x"), Given("b", "x")), "a")
    assert walk.most_left(tree, "a") == 1


def test_answers_are_said_in_words():
    node = Node("a", QUESTION, "?", answers=(Answer("x", "hums", "b"),), unsure_to="b")
    assert walk.words(node, "x", unsure="not sure") == "hums"
    assert walk.words(node, UNSURE, unsure="not sure") == "not sure"
    assert walk.words(None, "x", unsure="not sure") == "x" and walk.words(node, "gone", unsure="not sure") == "gone"
