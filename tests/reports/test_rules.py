"""The pure rules of the reports: intervals against published values, periods, definitions."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.definitions import DEFINITIONS
from reports.estimate import difference, wilson
from reports.periods import LONGEST, Period, between, last_days

# R. G. Newcombe, Interval estimation for the difference between independent proportions, 1998, Table II, method 10.
PUBLISHED = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]
COUNTS = st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@pytest.mark.parametrize(("hits", "total", "other_hits", "other_total", "low", "high"), PUBLISHED)
def test_the_interval_of_a_difference_is_newcombe_s(hits, total, other_hits, other_total, low, high):
    found = difference(hits, total, other_hits, other_total)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert found.value == pytest.approx(hits / total - other_hits / other_total)


def test_the_interval_of_a_share_is_wilson_s():
    # The same paper's companion (Statistics in Medicine 17, 857-872), Table I, method 3.
    for hits, total, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)):
        found = wilson(hits, total)
        assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@settings(max_examples=80)
@given(one=COUNTS, other=COUNTS)
def test_an_interval_holds_its_value_and_turns_round_with_its_groups(one, other):
    found, turned = difference(*one, *other), difference(*other, *one)
    assert -1 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1
    assert found.low == pytest.approx(-turned.high, abs=1e-9) and found.is_clear == turned.is_clear
    share = wilson(*one)
    assert 0 <= share.low <= share.value <= share.high <= 1
    bigger = wilson(one[0] * 4, one[1] * 4)
    assert bigger.high - bigger.low <= share.high - share.low + 1e-12


@pytest.mark.parametrize(("hits", "total"), [(1, 0), (-1, 5), (6, 5)])
def test_a_share_of_nothing_is_refused(hits, total):
    with pytest.raises(ValueError, match="share"):
        wilson(hits, total)


ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]).map(ZoneInfo)
DAYS = st.dates(date(2020, 1, 1), date(2032, 1, 1))


@settings(max_examples=80)
@given(first=DAYS, length=st.integers(1, 300), zone=ZONES)
def test_a_period_and_its_parts_cover_every_moment_once(first, length, zone):
    period = Period(first, first + timedelta(days=length - 1), zone)
    parts = period.parts()
    assert parts[0].since == period.since and parts[-1].until == period.until and len(parts) <= 31
    assert all(left.until == right.since for left, right in pairwise(parts))
    before = period.before()
    assert before.until == period.since and before.days == period.days


def test_the_day_is_the_day_of_the_place():
    late = datetime(2026, 3, 1, 17, tzinfo=UTC)  # already the 2nd in Shanghai
    period = last_days(7, now=late, zone=ZoneInfo("Asia/Shanghai"))
    assert (period.first, period.last) == (date(2026, 2, 24), date(2026, 3, 2))
    assert period.since == datetime(2026, 2, 23, 16, tzinfo=UTC) and period.until == datetime(2026, 3, 2, 16, tzinfo=UTC)
    summer = Period(date(2026, 3, 29), date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    assert summer.until.astimezone(UTC) - summer.since.astimezone(UTC) == timedelta(hours=23)


def test_days_in_the_wrong_order_are_turned_and_endless_ones_cut():
    zone = ZoneInfo("UTC")
    assert between(date(2026, 3, 9), date(2026, 3, 1), zone=zone).days == 9
    assert between(date(2001, 1, 1), date(2026, 3, 1), zone=zone).days == LONGEST


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_figure_says_what_it_means(language):
    from django.utils import translation

    with translation.override(language):
        for key, row in DEFINITIONS.items():
            assert key == row.key and row.unit in {"percent", "points", "count"} and row.better in {"up", "down", ""}
            assert len(str(row.formula)) > 15 and str(row.name) and str(row.source)
