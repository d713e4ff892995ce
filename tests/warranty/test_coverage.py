"""The warranty engine promises: the narrowest term decides whatever the order, the last day counts, nothing ends before it starts."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from warranty.coverage import (
    AmbiguousTerms,
    Case,
    Evidence,
    Extension,
    LastDay,
    OnReplacement,
    Replacement,
    Start,
    State,
    Term,
    assess,
    choose,
    conflicts,
    judge,
)
from warranty.dates import add_months

WASHER = Case(family="washers", model="WF10", region="CN-31", use="home")
SHOP = Case(family="washers", model="WF10", region="CN-31", use="commercial")
WHOLE = Term(key="1", label="Whole machine 1 year", months=12)
MOTOR = Term(key="2", label="Motor 10 years", family="washers", group="motor", months=120)
LEAP = date(2024, 2, 29)
BOUGHT = Evidence(purchase=date(2024, 3, 6))


def end_of(terms, evidence=BOUGHT, *, case=WASHER, on=date(2024, 6, 1), **more):
    return judge(terms, case, evidence, on=on, **more)


# --- periods -----------------------------------------------------------------------------------------------------


def test_a_year_from_29_february_ends_on_28_february_and_that_day_is_covered():
    line = end_of([WHOLE], Evidence(purchase=LEAP), on=date(2025, 2, 28))
    assert (line.until, line.state) == (date(2025, 2, 28), State.COVERED)
    assert end_of([WHOLE], Evidence(purchase=LEAP), on=date(2025, 3, 1)).state is State.ENDED


def test_four_years_from_29_february_end_on_29_february():
    four = Term(key="1", months=48)
    assert end_of([four], Evidence(purchase=LEAP)).until == date(2028, 2, 29)


def test_the_day_with_the_same_number_is_the_last_day():
    assert end_of([WHOLE]).until == date(2025, 3, 6)


def test_a_maker_may_count_to_the_day_before():
    assert end_of([WHOLE], last_day=LastDay.DAY_BEFORE).until == date(2025, 3, 5)
    assert end_of([WHOLE], Evidence(purchase=LEAP), last_day=LastDay.DAY_BEFORE).until == date(2025, 2, 28)


def test_nothing_is_covered_before_it_begins():
    line = end_of([WHOLE], on=date(2024, 3, 5))
    assert (line.state, line.days_left(date(2024, 3, 5))) == (State.NOT_STARTED, 0)


def test_a_fixed_last_day_holds_whenever_it_was_bought():
    assert end_of([Term(key="1", until=date(2027, 12, 31))]).until == date(2027, 12, 31)


# --- which term decides --------------------------------------------------------------------------------------------


def test_the_part_s_own_term_wins_over_the_whole_machine_even_when_it_is_shorter():
    gasket = Term(key="3", group="gasket", months=3)
    whole = Term(key="1", months=36, model="WF10", family="washers")
    assert end_of([whole, gasket], groups=("gasket",)).until == date(2024, 6, 6)
    assert end_of([whole, gasket], groups=("hose",)).until == date(2027, 3, 6)


def test_a_single_part_wins_over_its_group():
    single = Term(key="9", part="DP-31", months=60)
    assert end_of([WHOLE, MOTOR, single], part="DP-31", groups=("motor",)).until == date(2029, 3, 6)


def test_model_wins_over_family_wins_over_all():
    family = Term(key="3", family="washers", months=24)
    model = Term(key="4", family="washers", model="WF10", months=36)
    assert end_of([WHOLE, family]).months == 24
    assert end_of([family, model, WHOLE]).months == 36


def test_a_province_wins_over_the_country():
    china, shanghai = Term(key="3", region="CN", months=24), Term(key="4", region="CN-31", months=30)
    assert end_of([WHOLE, china, shanghai]).months == 30
    assert end_of([WHOLE, china, shanghai], case=Case(family="washers", region="CN-44")).months == 24
    assert end_of([WHOLE, china, shanghai], case=Case(family="washers", region="DE")).months == 12


def test_commercial_use_has_its_own_shorter_term_and_no_household_parts():
    home, shop = Term(key="1", use="home", months=12), Term(key="2", use="commercial", months=6)
    motor = Term(key="3", use="home", group="motor", months=120)
    found = assess([home, shop, motor], SHOP, BOUGHT, on=date(2024, 6, 1))
    assert [(line.scope, line.months) for line in found.lines] == [("", 6)]


def test_the_day_of_purchase_decides_which_terms_hold():
    old = Term(key="1", months=12, valid_until=date(2024, 3, 6))
    new = Term(key="2", months=24, valid_from=date(2024, 3, 7))
    assert end_of([old, new]).months == 12
    assert end_of([old, new], Evidence(purchase=date(2024, 3, 7))).months == 24


def test_rows_that_contradict_each_other_are_refused_with_both_names():
    family = Term(key="3", label="All washers", family="washers", months=24)
    shanghai = Term(key="4", label="Shanghai", region="CN-31", months=18)
    for rows in ([WHOLE, family, shanghai], [shanghai, family, WHOLE]):
        with pytest.raises(AmbiguousTerms) as refusal:
            choose(rows, WASHER, day=date(2024, 3, 6))
        assert (refusal.value.first.label, refusal.value.second.label) == ("All washers", "Shanghai")


def test_a_row_for_exactly_what_two_share_settles_them():
    family = Term(key="3", family="washers", months=24)
    shanghai = Term(key="4", region="CN-31", months=18)
    both = Term(key="5", family="washers", region="CN-31", months=20)
    assert conflicts([WHOLE, family, shanghai]) != []
    assert conflicts([WHOLE, family, shanghai, both]) == []
    assert choose([WHOLE, family, shanghai, both], WASHER, day=None) == both


def test_a_settling_row_that_ends_too_early_leaves_the_rest_in_conflict():
    family = Term(key="3", family="washers", months=24)
    shanghai = Term(key="4", region="CN-31", months=18)
    both = Term(key="5", family="washers", region="CN-31", months=20, valid_until=date(2024, 12, 31))
    assert len(conflicts([WHOLE, family, shanghai, both])) == 1


def test_the_same_row_twice_is_a_conflict_unless_the_dates_part_them():
    again = Term(key="7", months=24)
    assert len(conflicts([WHOLE, again])) == 1
    first = Term(key="1", months=12, valid_until=date(2023, 12, 31))
    second = Term(key="7", months=24, valid_from=date(2024, 1, 1))
    assert conflicts([first, second]) == []


def test_an_exclusion_says_that_nothing_is_covered():
    filters = Term(key="3", group="filter", excluded=True)
    line = end_of([WHOLE, filters], groups=("filter",))
    assert (line.state, line.until, [reason.code for reason in line.reasons]) == (State.EXCLUDED, None, ["term", "excluded"])


def test_without_any_term_there_is_no_answer_but_a_reason():
    line = end_of([])
    assert (line.state, [reason.code for reason in line.reasons]) == (State.NONE, ["no_term"])


# --- evidence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "evidence", "kind", "first"),
    [
        (Start.PURCHASE, {"purchase": date(2024, 3, 6), "installation": date(2024, 4, 1)}, "from_purchase", date(2024, 3, 6)),
        (Start.INSTALLATION, {"purchase": date(2024, 3, 6), "installation": date(2024, 4, 1)}, "from_installation", date(2024, 4, 1)),
        (Start.INSTALLATION, {"purchase": date(2024, 3, 6)}, "from_purchase", date(2024, 3, 6)),
        (Start.ACTIVATION, {"activation": date(2024, 3, 9), "purchase": date(2024, 3, 6)}, "from_activation", date(2024, 3, 9)),
        (Start.PURCHASE, {"shipment": date(2024, 1, 1)}, "from_shipment", date(2024, 3, 31)),
        (Start.PURCHASE, {"production": date(2024, 1, 1)}, "from_production", date(2024, 3, 31)),
        (Start.SHIPMENT, {"shipment": date(2024, 1, 1), "purchase": date(2024, 3, 6)}, "from_shipment", date(2024, 3, 31)),
    ],
)
def test_the_evidence_that_decided_is_named(start, evidence, kind, first):
    line = end_of([Term(key="1", months=12, start=start, wait_days=90)], Evidence(**evidence))
    assert line.start == first
    assert kind in [reason.code for reason in line.reasons]


def test_without_any_day_we_say_so():
    line = end_of([WHOLE], Evidence())
    assert (line.state, [reason.code for reason in line.reasons]) == (State.UNKNOWN, ["term", "no_evidence"])


# --- extensions and exchanges -------------------------------------------------------------------------------------------


def test_extensions_add_up_from_the_beginning_so_that_29_february_comes_back():
    plan, kind = Extension(key="1", months=36), Extension(key="2", kind="goodwill", days=1)
    assert end_of([WHOLE], Evidence(purchase=LEAP), extensions=[kind, plan]).until == date(2028, 3, 1)


def test_an_extension_for_a_part_leaves_the_whole_machine_alone():
    plan = Extension(key="1", group="motor", months=12)
    assert end_of([WHOLE, MOTOR], extensions=[plan]).until == date(2025, 3, 6)
    assert end_of([WHOLE, MOTOR], extensions=[plan], groups=("motor",)).until == date(2035, 3, 6)


def test_a_plan_for_a_group_without_a_term_of_its_own_lengthens_the_whole_machine_s_for_that_group():
    bought, plan = Evidence(purchase=date(2024, 3, 6)), Extension("1", group="motor", months=24)
    found = assess([WHOLE], WASHER, bought, on=date(2025, 6, 1), extensions=[plan])
    assert [(line.scope, line.until, line.covered) for line in found.lines] == [
        ("", date(2025, 3, 6), False),
        ("motor", date(2027, 3, 6), True),
    ]
    # The machine is exchanged: the motor has the rest of what was bought for it.
    ends = {line.scope: line.until for line in found.lines}
    new = assess([WHOLE], WASHER, Evidence(shipment=date(2025, 1, 1)), on=date(2025, 6, 1), replacement=Replacement(date(2025, 1, 1), ends))
    assert [(line.scope, line.until) for line in new.lines] == [("", date(2025, 3, 6)), ("motor", date(2027, 3, 6))]


def test_a_fixed_end_of_an_extension_only_lengthens():
    assert end_of([WHOLE], extensions=[Extension(key="1", until=date(2024, 12, 1))]).until == date(2025, 3, 6)
    assert end_of([WHOLE], extensions=[Extension(key="1", until=date(2026, 1, 1))]).until == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("rule", "days", "until"),
    [
        (OnReplacement.INHERIT, 0, date(2025, 3, 6)),
        (OnReplacement.RESTART, 0, date(2026, 2, 1)),
        (OnReplacement.AT_LEAST, 90, date(2025, 5, 2)),
        (OnReplacement.AT_LEAST, 10, date(2025, 3, 6)),
    ],
)
def test_a_unit_in_exchange_has_what_the_term_says(rule, days, until):
    term = Term(key="1", months=12, on_replacement=rule, replacement_days=days)
    exchange = Replacement(on=date(2025, 2, 1), ends={"": date(2025, 3, 6)})
    assert end_of([term], Evidence(), replacement=exchange, on=date(2025, 2, 2)).until == until


# --- properties ---------------------------------------------------------------------------------------------------------

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
some_day = st.none() | days
evidence = st.builds(Evidence, purchase=some_day, installation=some_day, activation=some_day, shipment=some_day, production=some_day)
plans = st.lists(
    st.builds(Extension, key=st.integers(1, 99).map(str), months=st.integers(0, 120), days=st.integers(0, 400), until=some_day),
    max_size=3,
)
term_rows = st.lists(
    st.builds(
        Term,
        key=st.just("x"),
        family=st.sampled_from(["", "washers"]),
        model=st.sampled_from(["", "WF10"]),
        region=st.sampled_from(["", "CN", "CN-31"]),
        use=st.sampled_from(["", "home"]),
        group=st.sampled_from(["", "motor"]),
        months=st.integers(0, 150),
        start=st.sampled_from(Start),
        on_replacement=st.sampled_from(OnReplacement),
        replacement_days=st.integers(0, 100),
        wait_days=st.integers(0, 200),
    ),
    max_size=6,
).map(lambda rows: [Term(**{**row.__dict__, "key": f"{number:03d}"}) for number, row in enumerate(rows)])
exchange = st.none() | st.builds(Replacement, on=days, ends=st.dictionaries(st.sampled_from(["", "motor"]), days))
counting = st.sampled_from(LastDay)


@settings(max_examples=120, deadline=None)
@given(term_rows, evidence, plans, exchange, days, counting)
def test_it_never_ends_before_it_starts(rows, facts, lengthening, replaced, on, last_day):
    try:
        found = assess(rows, WASHER, facts, on=on, extensions=lengthening, replacement=replaced, last_day=last_day)
    except AmbiguousTerms:
        return
    for line in found.lines:
        if line.start and line.until:
            assert line.until >= line.start
        assert line.covered == bool(line.start and line.until and line.start <= on <= line.until)
        assert line.reasons


@settings(max_examples=120, deadline=None)
@given(term_rows, evidence, plans, exchange, days, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(rows, facts, lengthening, replaced, on, random):
    def answer(these, those):
        try:
            return assess(these, WASHER, facts, on=on, extensions=those, replacement=replaced)
        except AmbiguousTerms as problem:
            return problem.first, problem.second

    mixed, other = random.sample(rows, len(rows)), random.sample(lengthening, len(lengthening))
    assume(len({plan.key for plan in lengthening}) == len(lengthening))
    assert answer(rows, lengthening) == answer(mixed, other)


@settings(max_examples=80, deadline=None)
@given(term_rows, days)
def test_rows_without_conflict_always_have_one_answer(rows, day):
    assume(not conflicts(rows))
    for groups in ((), ("motor",)):
        for case in (WASHER, SHOP, Case(family="fridges", region="DE")):
            choose(rows, case, day=day, groups=groups)


@settings(max_examples=120, deadline=None)
@given(days, st.integers(0, 150), plans, st.integers(0, 60), counting)
def test_a_longer_extension_never_shortens(bought, months, lengthening, more, last_day):
    term, facts = Term(key="1", months=months), Evidence(purchase=bought)
    shorter = judge([term], WASHER, facts, on=bought, extensions=lengthening, last_day=last_day).until
    extra = Extension(key="999", months=more)
    longer = judge([term], WASHER, facts, on=bought, extensions=[*lengthening, extra], last_day=last_day).until
    assert longer >= shorter


@settings(max_examples=60, deadline=None)
@given(st.integers(2000, 2090), st.integers(1, 200), counting)
def test_a_purchase_on_29_february_is_never_worse_off_than_one_on_the_28th(year, months, last_day):
    assume(year % 4 == 0)
    leap, before = date(year, 2, 29), date(year, 2, 28)
    term = Term(key="1", months=months)
    on_leap = judge([term], WASHER, Evidence(purchase=leap), on=leap, last_day=last_day).until
    on_before = judge([term], WASHER, Evidence(purchase=before), on=before, last_day=last_day).until
    assert on_leap >= on_before
    assert on_leap <= on_before + timedelta(days=1)


@settings(max_examples=60, deadline=None)
@given(days, st.integers(0, 600), st.integers(0, 600))
def test_months_never_run_backwards(day, first, second):
    assume(first <= second)
    assert add_months(day, first) <= add_months(day, second)
    assert add_months(day, first).day <= day.day
