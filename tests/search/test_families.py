"""A question that names a family and a code is about that family: its card and guides come first, others' cards never stand in for it."""

from __future__ import annotations

import pytest

from search import panel, queries
from search.documents import Document
from search.family_names import FamilyNames
from search.queries import panel_hits
from search.service import SearchService
from tests.search.corpus import service_over

NAMES = FamilyNames.build(
    [
        ("washing-machines", "洗衣机", ""),
        ("washing-machines", "Washing machines", "12 kg washer-dryer WD12-520"),
        ("hoods-and-stoves", "Hoods and stoves", "Range hood HD90"),
        ("hoods-and-stoves", "烟机灶具", "侧吸式油烟机 HD75"),
        ("floor-care", "Floor care", "Stick vacuum V8"),
    ]
)


@pytest.mark.parametrize(
    ("plain", "families"),
    [
        ("my washing machine shows e2", ("washing-machines",)),
        ("洗衣机报e2", ("washing-machines",)),
        ("washer e2", ("washing-machines",)),
        ("washer dryer e2", ("washing-machines",)),
        ("the hood shows h1", ("hoods-and-stoves",)),
        ("抽油烟机 h1", ("hoods-and-stoves",)),
        ("hoover e2", ("floor-care",)),
        ("is the washing machine louder than the cooker hood", ("hoods-and-stoves", "washing-machines")),
        ("dishwasher e2", ()),
        ("wash the machine", ()),
        ("e2", ()),
        ("", ()),
    ],
)
def test_a_family_is_named_by_its_name_a_part_of_it_or_what_its_products_are(plain: str, families: tuple[str, ...]) -> None:
    assert NAMES.named_in(plain) == families


def test_words_that_editors_made_the_same_name_the_family_too() -> None:
    assert NAMES.named_in("laundry robot e2", ["washing machine"]) == ("washing-machines",)
    assert NAMES.named_in("laundry robot e2", ["washing"]) == ()


@pytest.mark.parametrize(
    ("question", "language", "family"),
    [
        ("空调报E2", "zh-hans", "air-conditioners"),
        ("洗衣机显示 e-02", "zh-hans", "washing-machines"),
        ("aircon shows E2", "en", "air-conditioners"),
        ("E2 on my washer", "en", "washing-machines"),
        ("E2 WF10-320", "en", "washing-machines"),
    ],
)
def test_what_is_for_the_family_named_comes_before_the_code_of_others(
    shop: SearchService, question: str, language: str, family: str
) -> None:
    found = shop.find(question, language=language)
    ranked = [document for document, _ in found.ranked]
    assert ranked[0].key == f"code:{family}:E2:{language}"
    of_family = [family in document.families for document in ranked]
    assert of_family == sorted(of_family, reverse=True) and sum(of_family) > 1
    scores = [score for _, score in found.ranked]
    assert scores == sorted(scores, reverse=True)
    shown = panel_hits(found, language)
    assert shown and all(hit.families == [family] for hit in shown)


def test_a_code_that_the_named_family_does_not_have_is_not_answered_with_the_card_of_another(shop: SearchService) -> None:
    found = shop.find("洗衣机报F12", language="zh-hans")
    assert found.ranked[0][0].families == ["washing-machines"]
    assert panel.verdict(found.plan, shop.confidence(found.plan, found.ranked[0][1])) != panel.SURE
    assert panel_hits(found, "zh-hans") == []


@pytest.mark.parametrize(("question", "language"), [("dishwasher E2", "en"), ("洗碗机报E2", "zh-hans")])
def test_the_code_of_a_thing_that_is_not_the_makers_is_no_sure_answer(shop: SearchService, question: str, language: str) -> None:
    found = shop.find(question, language=language)
    assert panel.verdict(found.plan, shop.confidence(found.plan, found.ranked[0][1])) != panel.SURE
    assert panel_hits(found, language) == []


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize(("question", "card"), [("空调 E2", ["空调"]), ("洗衣机 F12", []), ("E2", ["洗衣机", "空调"])])
def test_suggestions_offer_the_card_of_the_family_named_alone(question: str, card: list[str]) -> None:
    families = {"washing-machines": "洗衣机", "air-conditioners": "空调"}
    offered = [hit for hit in queries.suggest(question, language="zh-hans").items if hit.kind == "code"]
    assert sorted(families[hit.families[0]] for hit in offered) == sorted(card)
    assert {hit.code for hit in offered} <= {question.split()[-1]}


@pytest.mark.usefixtures("indexed")
def test_the_results_page_has_one_card_for_the_family_named_and_none_for_a_strange_thing() -> None:
    named = queries.search("空调显示E2", language="zh-hans")
    assert named.direct_code is not None and named.direct_code.families == ["air-conditioners"]
    assert queries.search("微波炉显示F12", language="zh-hans").direct_code is None
    assert queries.search("显示F12", language="zh-hans").direct_code is not None


def test_without_a_code_pages_of_other_families_stand_a_little_below() -> None:
    made = [
        Document(key=f"guide:{number}:en", title="Clean the filter", body="Monthly. See also the dryer and the hood.", families=[family])
        for number, family in enumerate(("dryers", "hoods"))
    ]
    made += [Document(key=f"family:{name}:en", kind="product", title=name.title(), families=[name]) for name in ("dryers", "hoods")]
    with service_over("embedded", made) as service:
        for question, family in (("clean the filter of a dryer", "dryers"), ("clean the filter of a hood", "hoods")):
            best, second = service.find(question, language="en").ranked[:2]
            assert best[0].families == [family] and best[0].kind == second[0].kind == "guide" and second[1] < best[1]
