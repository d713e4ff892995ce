"""Whom a text is for: what is known decides, what is not known is asked, and knowing more never turns a yes into a no."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.conditions import (
    NOBODY,
    BadRange,
    Condition,
    Reader,
    SerialRange,
    Side,
    Verdict,
    format_ranges,
    judge,
    only_asked,
    parse_ranges,
    readable_version,
    unknown_sides,
)

FITS, UNKNOWN, OTHERS = Verdict.FITS, Verdict.UNKNOWN, Verdict.OTHERS


def only(**sides) -> Condition:
    return Condition(**{name: frozenset(value) if name in {"families", "models", "markets"} else value for name, value in sides.items()})


@pytest.mark.parametrize(
    ("condition", "reader", "verdict"),
    [
        (Condition(), NOBODY, FITS),
        (only(models=["rv6"]), NOBODY, UNKNOWN),
        (only(models=["rv6"]), Reader(family="robots", model="rv6"), FITS),
        (only(models=["rv6"]), Reader(family="robots", model="rv8"), OTHERS),
        (only(models=["rv6"]), Reader(family="robots"), UNKNOWN),
        (only(families=["robots"]), Reader(family="robots", model="rv8"), FITS),
        (only(families=["robots"]), Reader(family="fridges"), OTHERS),
        (only(families=["fridges"], models=["rv6"]), Reader(family="robots", model="rv6"), FITS),
        (only(markets=["CN"]), Reader(market="CN-44"), FITS),
        (only(markets=["CN-44"]), Reader(market="CN"), UNKNOWN),
        (only(markets=["SG"]), Reader(market="CN"), OTHERS),
        (only(software_from="4.2"), Reader(software="V4.2.1"), FITS),
        (only(software_from="4.10"), Reader(software="4.9.9"), OTHERS),
        (only(software_from="4.2"), Reader(software="4"), UNKNOWN),
        (only(software_from="4.0"), Reader(software="4"), FITS),
        (only(software_to="4.2"), Reader(software="4.2.9"), FITS),
        (only(software_to="4.2"), Reader(software="4.3"), OTHERS),
        (only(software_to="4.2"), Reader(software="not a number"), UNKNOWN),
        (only(models=["rv6"], software_from="2"), Reader(family="robots", model="rv8"), OTHERS),
        (only(models=["rv6"], software_from="2"), Reader(family="robots", model="rv6"), UNKNOWN),
    ],
)
def test_a_condition_is_decided_by_what_is_known(condition, reader, verdict):
    assert judge(condition, reader) is verdict


@pytest.mark.parametrize(
    ("text", "serial", "verdict"),
    [
        ("HY24 0331 – HY25 0418", "HY24 0331 80 0652", FITS),
        ("HY24 0331 – HY25 0418", "hy25-0418-99", FITS),
        ("HY24 0331 – HY25 0418", "HY250419", OTHERS),
        ("HY2406", "ＨＹ２４０６ 12", FITS),
        ("HY2406", "HY2407", OTHERS),
        ("HY2401 至 HY2406", "HY24", UNKNOWN),
        ("HY2401 - HY2406\nHY2501 ~ HY2506", "HY2503", FITS),
        ("HY2401 – HY2406", "", UNKNOWN),
    ],
)
def test_a_serial_number_lies_in_a_range_however_it_is_typed(text, serial, verdict):
    assert judge(Condition(serials=parse_ranges(text)), Reader(serial=serial)) is verdict


@pytest.mark.parametrize("text", ["HY2406 – HY2401", "–", "HY24 – ", "。。", "A" * 60])
def test_a_line_that_is_no_range_is_named(text):
    with pytest.raises(BadRange) as refusal:
        parse_ranges(f"HY2401\n{text}")
    assert refusal.value.line in text or refusal.value.line == text.strip()


def test_only_versions_with_numbers_can_be_compared():
    assert readable_version("V4.2.1") and not readable_version("latest")


def test_what_is_asked_is_only_what_is_missing():
    condition = only(models=["rv6"], software_from="2", markets=["CN"])
    assert unknown_sides(condition, Reader(family="robots", model="rv6", market="CN")) == (Side.SOFTWARE,)
    assert unknown_sides(condition, Reader(family="robots", model="rv8")) == ()
    assert unknown_sides(condition, NOBODY) == (Side.PRODUCT, Side.MARKET, Side.SOFTWARE)


def test_a_serial_number_is_not_written_into_logs_and_keys():
    assert "HY240331" not in repr(Reader(model="rv6", serial="HY240331"))


slugs = st.sampled_from(["a", "b", "c"])
serials = st.text("0123AB", min_size=1, max_size=4)
ranges = st.tuples(serials, serials).map(sorted).filter(lambda pair: pair[0][: len(pair[1])] <= pair[1][: len(pair[0])])
versions = st.lists(st.integers(0, 12), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
conditions = st.builds(
    Condition,
    families=st.frozensets(slugs, max_size=2),
    models=st.frozensets(slugs, max_size=2),
    markets=st.frozensets(st.sampled_from(["CN", "CN-44", "SG"]), max_size=2),
    serials=st.lists(ranges.map(lambda pair: SerialRange(*pair)), max_size=2).map(tuple),
    software_from=st.just("") | versions,
    software_to=st.just("") | versions,
)
whole_readers = st.builds(
    Reader,
    family=slugs,
    model=slugs,
    market=st.sampled_from(["CN-44", "SG"]),
    software=versions,
    serial=st.text("0123AB", min_size=4, max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(conditions, whole_readers, st.sets(st.sampled_from(["model", "market", "software", "serial"])))
def test_knowing_more_only_ever_answers_a_question(condition, reader, unknown):
    less = replace(reader, **dict.fromkeys(unknown, ""))
    before, after = judge(condition, less), judge(condition, reader)
    assert before is UNKNOWN or before is after


@settings(max_examples=100, deadline=None)
@given(st.lists(conditions, max_size=3), whole_readers)
def test_what_nobody_asks_about_makes_no_difference(asked, reader):
    kept = only_asked(asked, reader)
    assert [judge(item, kept) for item in asked] == [judge(item, reader) for item in asked]


@settings(max_examples=100, deadline=None)
@given(st.lists(ranges.map(lambda pair: SerialRange(*pair)), max_size=4))
def test_ranges_are_read_as_they_are_written(found):
    assert parse_ranges(format_ranges(found)) == tuple(dict.fromkeys(found))


@settings(max_examples=100, deadline=None)
@given(conditions, whole_readers)
def test_naming_one_more_market_never_takes_the_text_from_anybody(condition, reader):
    wider = replace(condition, markets=condition.markets | {"SG"} if condition.markets else condition.markets)
    if judge(condition, reader) is FITS:
        assert judge(wider, reader) is FITS
