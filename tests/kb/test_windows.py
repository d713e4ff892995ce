"""Borders of the windows, what counts as the same thing, and the draw of the comparison group: pure rules."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kb.holdout import bucket_of, held_back
from kb.subjects import typed_code
from kb.windows import Topic, days_after, same_topic, window_of

MOMENTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)).map(lambda day: day.replace(tzinfo=UTC))
PASSED = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=60))
PLACES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York")
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), *map(ZoneInfo, PLACES)])
KEYS = st.one_of(st.none(), st.integers(1, 3))
TOPICS = st.builds(Topic, unit=KEYS, model=KEYS, family=KEYS, code=KEYS, problem=KEYS)
SECOND = timedelta(seconds=1)


def test_the_last_moment_of_a_window_is_in_it_and_the_next_second_is_not():
    ended = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert window_of(ended, ended) == 7
    assert window_of(ended, ended + timedelta(days=7)) == 7
    assert window_of(ended, ended + timedelta(days=7) + SECOND) == 30
    assert window_of(ended, ended + timedelta(days=30)) == 30
    assert window_of(ended, ended + timedelta(days=30) + SECOND) is None
    assert window_of(ended, ended - SECOND) is None and days_after(ended, ended - SECOND) is None
    assert [days_after(ended, ended + timedelta(hours=hours)) for hours in (0, 23, 24, 71, 72)] == [0, 0, 1, 2, 3]


@settings(max_examples=60)
@given(ended=MOMENTS, passed=PASSED, one=ZONES, other=ZONES)
def test_the_zone_in_which_a_moment_is_written_changes_nothing(ended, passed, one, other):
    contact = ended + passed
    assert window_of(ended.astimezone(one), contact.astimezone(other)) == window_of(ended, contact)
    assert days_after(ended.astimezone(one), contact.astimezone(other)) == passed.days


@settings(max_examples=60)
@given(ended=MOMENTS, first=PASSED, later=PASSED)
def test_a_later_contact_never_falls_into_a_shorter_window(ended, first, later):
    near, far = window_of(ended, ended + first), window_of(ended, ended + first + later)
    assert far is None or (near is not None and near <= far)


@settings(max_examples=80)
@given(one=TOPICS, other=TOPICS)
def test_being_about_the_same_thing_goes_both_ways(one, other):
    assert same_topic(one, other) == same_topic(other, one)
    assert same_topic(one, one) and same_topic(one, Topic())


def test_the_same_unit_is_the_same_thing_whatever_the_fault():
    assert same_topic(Topic(unit=1, model=1, family=1, code=2), Topic(unit=1, model=1, family=1, code=3))
    assert not same_topic(Topic(model=1, family=1, code=2), Topic(model=1, family=1, code=3))
    assert not same_topic(Topic(unit=1, model=1, family=1), Topic(unit=2, model=1, family=1))
    assert same_topic(Topic(family=1, code=2), Topic(unit=1, model=1, family=1))
    assert not same_topic(Topic(family=1), Topic(model=5, family=2))


def test_the_draw_keeps_a_visitor_in_place_and_the_share_near_what_was_asked():
    keys = [f"visitor-{number}" for number in range(4000)]
    for percent in (1, 10, 33, 50):
        share = sum(held_back(key, percent=percent, salt="spring") for key in keys) / len(keys)
        assert abs(share - percent / 100) < 0.025
    moved = sum(held_back(key, percent=10, salt="spring") != held_back(key, percent=10, salt="autumn") for key in keys)
    assert moved > 300, "another salt draws the group anew"


@settings(max_examples=80)
@given(key=st.text(min_size=1, max_size=40), salt=st.text(max_size=20), small=st.integers(0, 100), more=st.integers(0, 100))
def test_a_larger_share_keeps_who_was_in_the_smaller_one(key, salt, small, more):
    large = min(100, small + more)
    assert held_back(key, percent=small, salt=salt) <= held_back(key, percent=large, salt=salt)
    assert held_back(key, percent=small, salt=salt) == held_back(key, percent=small, salt=salt)
    assert held_back(key, percent=100, salt=salt) and not held_back(key, percent=0, salt=salt)
    assert 0 <= bucket_of(key, salt=salt) < 10_000


def test_without_a_key_nobody_is_held_back():
    assert not held_back("", percent=100, salt="x")


def test_a_code_is_found_in_what_people_type():
    typed = {
        "报 e-02": "E2",
        "Ｅ２ 怎么办": "E2",
        "洗衣机E12不转": "E12",
        "WF10-320 不排水": "",
        "KFR-35GW": "",
        "不排水": "",
        "error F05!": "F5",
    }
    assert {words: typed_code(words) for words in typed} == typed
