"""What is marked in a found passage is what the question asked for, never a scrap of another word for it."""

import pytest

from search.highlight import marked, snippet


@pytest.mark.parametrize(
    ("passage", "typed", "synonyms", "shown"),
    [
        ("水排不出去，停在脱水前", ["洗衣机不排水"], ["排不出去", "排不了水"], "水<mark>排不出去</mark>，停在脱水前"),
        ("10 分钟了水还没排完", ["洗衣机不排水"], ["排不了水"], "10 分钟了水还没排完"),
        ("出水口离地 60 厘米，排水管", ["不排水"], ["排不出水"], "出水口离地 60 厘米，<mark>排水</mark>管"),
        ("滚筒洗衣机不排水", ["洗衣机不排水"], ["排不出水"], "滚筒<mark>洗衣机不排水</mark>"),
        ("空调室内机滴水", ["空调漏水"], ["滴水"], "<mark>空调</mark>室内机<mark>滴水</mark>"),
        ("The washer drains <slowly>", ["drain"], ["washing machine"], "The washer <mark>drains</mark> &lt;slowly&gt;"),
        ("什么也没问", [], [], "什么也没问"),
    ],
)
def test_marks(passage, typed, synonyms, shown):
    assert marked(passage, typed, synonyms) == shown


def test_a_passage_is_chosen_by_what_stands_whole():
    body = "先看插座有没有电。" * 20 + "水排不出去就清过滤器。" + "最后把门关好。" * 20
    assert "<mark>排不出去</mark>" in snippet(body, ["不排水"], ["排不出去"], language="zh-hans")
