"""Nothing rather than a bad answer: a thing no page is about makes every answer unsure, whatever else the question shares with pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from search import panel, things
from search.queries import panel_hits
from search.service import SearchService
from tests.search.corpus import documents, service_over


def worth(service: SearchService, question: str, language: str) -> str:
    found = service.find(question, language=language)
    return panel.verdict(found.plan, service.confidence(found.plan, found.ranked[0][1])) if found.ranked else panel.NONE


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("微波炉不制冷", "zh-hans"),
        ("空气炸锅漏水", "zh-hans"),
        ("手持吸尘器清理滤网", "zh-hans"),
        ("microwave not cooling", "en"),
        ("air fryer making noise", "en"),
        ("swimming pool not draining", "en"),
        ("The DISHWASHER is not draining!!", "en"),
        ("rent a washing machine", "en"),
        ("washing machine in instalments", "en"),
        ("空调可以分期付款吗", "zh-hans"),
        ("租一台洗衣机", "zh-hans"),
    ],
)
def test_a_thing_nobody_wrote_about_is_never_answered_as_if_sure(shop: SearchService, question: str, language: str) -> None:
    assert worth(shop, question, language) != panel.SURE
    assert panel_hits(shop.find(question, language=language), language) == []


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("洗衣机不排水", "zh-hans"),
        ("空调滴水", "zh-hans"),
        ("washer not draining", "en"),
        ("the fridge builds up ice", "en"),
        ("aircon drips", "en"),
    ],
)
def test_things_with_pages_are_answered_by_whatever_name(shop: SearchService, question: str, language: str) -> None:
    found = shop.find(question, language=language)
    assert found.plan.trust == 1.0 and worth(shop, question, language) == panel.SURE


def test_the_order_of_results_does_not_depend_on_what_is_known(shop: SearchService) -> None:
    strange = [document.key for document, _ in shop.find("microwave not draining", language="en").ranked]
    plain = [document.key for document, _ in shop.find("not draining", language="en").ranked]
    assert strange[:1] == plain[:1]


def test_pages_without_titles_make_things_known_too() -> None:
    bare = [replace(document, title="", pinyin="", initials="", body=f"{document.title}. {document.body}") for document in documents()]
    with service_over("embedded", bare) as service:
        assert service.find("the washing machine is not draining", language="en").plan.trust == 1.0
        assert service.find("the microwave is not draining", language="en").plan.trust < 1.0


def test_words_that_pages_have_apart_do_not_make_a_thing_of_two_words_known() -> None:
    pages = [
        *documents(),
        replace(documents()[1], key="guide:hair:en", title="Hair in the door seal of a dryer", body="Free it from hair."),
    ]
    with service_over("embedded", pages) as service:
        assert service.find("hair dryer too hot", language="en").plan.trust < 1.0
        assert service.find("washing machine too hot", language="en").plan.trust == 1.0


def test_a_title_that_has_the_words_of_a_thing_apart_is_not_about_it() -> None:
    pages = [
        *documents(),
        replace(documents()[1], key="guide:hair:en", title="Hair in the door seal of a dryer", body="Warm it with a hair dryer."),
    ]
    with service_over("embedded", pages) as service:
        assert service.find("hair dryer too hot", language="en").plan.trust < 1.0
    pages[-1] = replace(pages[-1], title="The hair dryer and its filter")
    with service_over("embedded", pages) as service:
        assert service.find("hair dryer too hot", language="en").plan.trust == 1.0


def test_a_maker_who_writes_about_instalments_answers_about_them() -> None:
    pages = [*documents(), replace(documents()[1], key="guide:pay:en", title="Paying in instalments", body="Over three or six months.")]
    with service_over("embedded", pages) as service:
        assert worth(service, "can I pay by installments", "en") == panel.SURE


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("dishwasher", ["dishwasher"]),
        ("my hair dryer and the washers", ["hair dryer", "washers"]),
        ("空气炸锅和微波炉", ["空气炸锅", "微波炉"]),
        ("extradryer ovenware", []),
        ("", []),
    ],
)
def test_the_longest_name_of_a_thing_counts_and_parts_of_words_do_not(plain: str, written: list[str]) -> None:
    assert [name for name, _ in things.named_in(plain)] == written
