"""Codes are recognised as people write them: apart, misread, by another spelling, by their number alone; words are not taken for codes."""

import pytest

from search.catalogue import Catalogue

KNOWN = Catalogue.build(
    [["E1"], ["E2"], ["LO", "LOW"], ["Ub", "UE", "Unb"], ["dO"], ["En"], ["CL"], ["E12"], ["F5"], ["H3", "dE"], ["H7"]], []
)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("报E2", ["E2"]),
        ("洗衣机报Ｅ２怎么办", ["E2"]),
        ("e-02", ["E2"]),
        ("燃气灶显示LO", ["LO"]),
        ("stove display shows LO", ["LO"]),
        ("L0", ["LO"]),
        ("stove shows L0", ["LO"]),
        ("灶具显示L0怎么回事", ["LO"]),
        ("1o", ["LO"]),
        ("EI", ["E1"]),
        ("显示El", ["E1"]),
        ("FS", ["F5"]),
        ("fridge shows dO", ["dO"]),
        ("fridge shows do", ["dO"]),
        ("冰箱显示dO", ["dO"]),
        ("冰箱显示d0", ["dO"]),
        ("d-O on the fridge display", ["dO"]),
        ("washer shows U E", ["Ub"]),
        ("ue", ["Ub"]),
        ("washer says unb", ["Ub"]),
        ("error dE", ["H3"]),
        ("robot error 12", ["E12"]),
        ("error code: 12", ["E12"]),
        ("扫地机故障代码12", ["E12"]),
        ("扫地机错误 012", ["E12"]),
        ("error 2 on washer", ["E2"]),
        ("error 7", ["H7"]),
        ("low", ["LO"]),
    ],
)
def test_a_code_is_recognised_however_it_is_written(typed, codes):
    assert [code.upper() for code in KNOWN.find_codes(typed)] == [code.upper() for code in codes]


@pytest.mark.parametrize(
    "typed",
    [
        "what do I do when water is on the floor",
        "it says door open, what to do first",
        "error 404",
        "error 12.5",
        "故障出现在12月",
        "do I need a repair",
        "running low on water",
        "10 kg washing machine",
        "显示屏 1080",
        "ship to germany",
        "my code is 998877",
        "水温 5 度",
        "is it ok",
        "WF10-32O display",
    ],
)
def test_words_and_numbers_are_not_taken_for_codes(typed):
    assert KNOWN.find_codes(typed) == []


def test_a_spelling_shared_by_two_cards_means_both_and_the_card_itself_wins_over_a_misreading():
    known = Catalogue.build([["Ub", "UE"], ["E3", "UE"], ["10"], ["LO"]], [])
    assert known.find_codes("UE") == ["UB", "E3"]
    assert known.find_codes("10") == ["10"]
    assert known.find_codes("lo") == ["LO"]
