"""What a page shares with a question is worth more in one passage than scattered over the page; short pages lose nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import closeness
from search.documents import Document
from tests.search.conftest import ENGINES
from tests.search.corpus import service_over

FILL = "The lid is made of steel and has a small round window on top. Keep this booklet. " * 6
TOGETHER = f"{FILL} Reset the timer with the dial when the alarm rings. {FILL}"
APART = f"Reset it. {FILL} There is a timer. {FILL} Turn the dial to the left. {FILL} An alarm rings at noon. {FILL}"
OFTEN_BUT_APART = (
    f"Reset it with care, reset it often. {FILL} There is a timer, a good timer. {FILL} The dial and the dial cover are left. {FILL}"
    f" An alarm rings, a loud alarm. {FILL}"
)
QUESTION = "reset the timer alarm with the dial"


def page(body: str, title: str = "Chapter", **more: str) -> closeness.Page:
    return closeness.read(Document(key="x", title=title, body=body, **more))


PARTS = {"reset": (0, 3.0), "timer": (1, 2.0), "alarm": (2, 2.0), "dial": (3, 1.0)}


def test_a_passage_that_has_it_all_is_worth_it_all_and_scattered_words_less() -> None:
    assert closeness.share_together(PARTS, page(TOGETHER)) == 1.0
    assert 0 < closeness.share_together(PARTS, page(APART)) < 0.5


def test_what_the_title_says_belongs_to_every_passage() -> None:
    assert closeness.share_together(PARTS, page(APART, title="Reset of timer and alarm")) == 1.0


def test_pairs_of_chinese_characters_are_found_across_a_run() -> None:
    parts = {"排水": (0, 2.0), "过滤": (1, 2.0)}
    assert closeness.share_together(parts, page("先排水，再洗过滤器。")) == 1.0
    assert closeness.share_together(parts, page("先排水。" + "请保管好本手册以备日后查阅。" * 5 + "过滤器在右下角。")) == 0.5


def test_words_that_stand_for_the_same_count_once() -> None:
    same = {"washer": (0, 2.0), "laundri": (0, 2.0)}
    assert closeness.share_together(same, page(f"Washer. {FILL} Laundry.")) == 1.0


def test_no_more_is_read_than_a_question_may_cost() -> None:
    long = closeness.read(Document(key="x", title="", body="steel " * 50_000))
    assert long.length <= 12_000
    assert len(closeness.worth({"steel": (0, 1.0)}, [long] * 20)) == 5
    assert len(closeness.worth(PARTS, [page(TOGETHER)] * 20)) == 20


@settings(max_examples=40)
@given(st.text(alphabet="abc 洗衣机水", max_size=200), st.dictionaries(st.sampled_from(["a", "b", "洗衣", "水"]), st.integers(0, 3)))
def test_it_is_a_share(body: str, numbers: dict[str, int]) -> None:
    assert 0.0 <= closeness.share_together({term: (number, 1.0 + number) for term, number in numbers.items()}, page(body)) <= 1.0


@pytest.mark.parametrize("engine", ENGINES)
def test_the_page_with_the_passage_comes_before_the_page_with_the_words(engine: str) -> None:
    made = [
        Document(key="apart:en", title="Chapter", body=OFTEN_BUT_APART),
        Document(key="together:en", title="Chapter", body=TOGETHER),
        *(Document(key=f"other-{number}:en", title="Chapter", body=FILL * number) for number in range(1, 6)),
    ]
    with service_over(engine, made) as service:
        found = service.find(QUESTION, language="en")
        assert [document.key for document, _ in found.ranked[:2]] == ["together:en", "apart:en"]
        assert not service.find(QUESTION[:18], language="en", partial=True).plan.parts
