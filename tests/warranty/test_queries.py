"""What others read: units behind one door, their warranty in words, a snapshot that lasts; rows that contradict are refused on saving."""

import json
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from core.errors import NotFound
from tests.factories.products import FamilyFactory, ModelFactory, PartFactory
from tests.factories.warranty import GroupFactory, TermFactory, UnitFactory, owned_unit
from warranty import queries
from warranty.defaults import load_defaults, policy
from warranty.models import HouseholdMember, WarrantyExtension, WarrantyRegistration, WarrantySettings, WarrantyTerm
from warranty.terms import active_terms, problems
from warranty.words import reason_words

pytestmark = pytest.mark.django_db
ON = date(2024, 6, 1)


def test_the_shipped_policy_never_contradicts_itself():
    for slug in {row["family"] for row in policy()["terms"] if "family" in row}:
        FamilyFactory(slug=slug)
    ModelFactory(number="WF10-320", family=FamilyFactory(slug="washing-machines"))
    load_defaults()
    assert WarrantyTerm.objects.count() == len(policy()["terms"])
    assert problems(active_terms()) == []


def test_loading_the_policy_again_keeps_what_people_changed():
    load_defaults()
    row = WarrantyTerm.objects.get(key="whole-home")
    row.months = 18
    row.save()
    load_defaults()
    row.refresh_from_db()
    assert (row.months, WarrantyTerm.objects.filter(key="whole-home").count()) == (18, 1)


def test_a_unit_s_warranty_lists_the_whole_machine_and_each_part_in_order(customer):
    TermFactory()
    TermFactory(group=GroupFactory(key="gasket", name_en="Door gasket", order=2), name_en="Gasket 3 months", months=3)
    TermFactory(group=GroupFactory(key="motor", order=1), name_en="Motor 10 years", months=120)
    with translation.override("en"):
        found = queries.coverage_of(owned_unit(customer), on=date(2024, 12, 1))
        assert [(line.name, line.state, line.until) for line in found.lines] == [
            ("Whole machine", "soon", date(2025, 3, 6)),
            ("Motor", "covered", date(2034, 3, 6)),
            ("Door gasket", "ended", date(2024, 6, 6)),
        ]
        assert found.whole.why == [
            "The term “Whole machine 1 year” holds (household use).",
            "It counts from the purchase on 6 Mar 2024.",
            "It lasts 1 year.",
            "Covered through 6 Mar 2025, that day included.",
        ]
    assert found.whole.days_left == 95


def test_the_line_of_a_part_is_its_group_s_or_the_whole_machine_s(customer):
    TermFactory()
    group = GroupFactory()
    TermFactory(group=group, months=120)
    motor, hose = PartFactory(), PartFactory()
    group.parts.add(motor)
    found = queries.coverage_of(owned_unit(customer), on=ON)
    assert found.line_of(motor).until == date(2034, 3, 6)
    assert found.line_of(hose).until == found.line_of(None).until == date(2025, 3, 6)


def test_extensions_and_exchanges_are_counted(customer):
    TermFactory(on_replacement="inherit")
    old = owned_unit(customer)
    WarrantyExtension.objects.create(unit=old, name_zh_hans="延保", name_en="Plan", months=12)
    new = UnitFactory(owner=old.owner, replaces=old, replaced_on=date(2025, 1, 1))
    assert queries.coverage_of(old, on=ON).whole.until == date(2026, 3, 6)
    assert queries.coverage_of(new, on=date(2025, 2, 1)).whole.until == date(2026, 3, 6)


def test_while_under_review_the_customer_s_date_is_believed(customer):
    TermFactory()
    unit = owned_unit(customer, purchased_on=None, shipped_on=None, produced_on=None)
    WarrantyRegistration.objects.create(reference="W-1", unit=unit, contact=unit.owner, purchased_on=date(2024, 3, 6))
    found = queries.coverage_of(unit, on=ON)
    assert (found.confirmed, found.whole.until, found.whole.reasons[-1].code) == (False, date(2025, 3, 6), "under_review")


def test_terms_that_contradict_each_other_break_no_page(customer):
    TermFactory(name_en="One")
    TermFactory(name_en="Two")
    found = queries.coverage_of(owned_unit(customer), on=ON)
    assert [reason.code for reason in found.whole.reasons] == ["ambiguous"]
    assert found.whole.why


def test_saving_a_contradicting_term_is_refused_and_names_both():
    first = TermFactory(name_zh_hans="整机一年")
    second = WarrantyTerm(name_zh_hans="整机两年", name_en="Two years", months=24)
    with pytest.raises(ValidationError) as refusal:
        second.full_clean()
    text = str(refusal.value)
    assert "整机一年" in text
    assert "整机两年" in text
    assert str(first.pk) in text


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"months": None}, "months"),
        ({"months": 12, "until": date(2030, 1, 1)}, "months"),
        ({"months": 12, "valid_from": date(2024, 2, 2), "valid_until": date(2024, 2, 1)}, "valid_until"),
    ],
)
def test_a_term_without_sense_is_refused(values, field):
    with pytest.raises(ValidationError) as refusal:
        WarrantyTerm(**{"name_zh_hans": "x", "name_en": "x", **values}).full_clean()
    assert field in refusal.value.message_dict


def test_a_snapshot_keeps_the_answer_whatever_the_terms_say_later(customer):
    term = TermFactory()
    TermFactory(group=GroupFactory(), months=120)
    unit = owned_unit(customer)
    kept = json.loads(json.dumps(queries.coverage_snapshot(unit, on=ON)))
    term.months = 1
    term.save()
    assert (kept["covered"], kept["until"], kept["on"], kept["confirmed"]) == (True, "2025-03-06", "2024-06-01", True)
    assert [line["name_en"] for line in kept["lines"]] == ["Whole machine", "Motor"]
    assert all(reason_words(reason) for line in kept["lines"] for reason in line["reasons"])
    assert queries.coverage_snapshot(unit, on=ON)["covered"] is False


def test_the_maker_s_way_of_counting_is_a_setting(customer):
    TermFactory()
    settings = WarrantySettings.load()
    settings.last_day = WarrantySettings.LastDay.DAY_BEFORE
    settings.save()
    assert queries.coverage_of(owned_unit(customer), on=ON).whole.until == date(2025, 3, 5)


def test_the_door_opens_to_the_owner_and_the_household_only(customer, other_customer, agent):
    unit = owned_unit(customer)
    assert queries.get_unit_for(customer, unit.code) == unit
    for stranger, code in ((other_customer, unit.code), (agent, unit.code), (customer, "nothing"), (customer, "")):
        with pytest.raises(NotFound):
            queries.get_unit_for(stranger, code)
    place = HouseholdMember.objects.create(
        unit=unit,
        user=other_customer,
        address="tom@example.com",
        token_hash="x",
        expires_at="2030-01-01T00:00Z",
        accepted_at="2024-01-01T00:00Z",
    )
    assert queries.get_unit_for(other_customer, unit.code) == unit
    place.removed_at = "2024-01-02T00:00Z"
    place.save()
    assert list(queries.units_of(other_customer)) == []


@pytest.mark.parametrize(
    ("start", "known", "sentence"),
    [
        ("purchase", {"purchased_on": date(2024, 3, 6)}, "It counts from the purchase on 6 Mar 2024."),
        ("installation", {"purchased_on": date(2024, 3, 6)}, "It counts from the purchase on 6 Mar 2024, because no day of installation"),
        ("activation", {"installed_on": date(2024, 3, 9)}, "It counts from the installation on 9 Mar 2024, because no first use online"),
        ("activation", {"activated_on": date(2024, 3, 9)}, "It counts from the first use online on 9 Mar 2024."),
        ("purchase", {}, "because no purchase date is on record."),
        ("shipment", {"purchased_on": date(2024, 3, 6)}, "It counts from 30 Mar 2024, 90 days after it left the factory on 31 Dec 2023."),
        ("shipment", {"shipped_on": None}, "after it was made on 1 Dec 2023; when it left the factory is not on record."),
    ],
)
def test_the_sentence_says_what_decided_the_beginning_and_what_was_missing(start, known, sentence):
    TermFactory(start=start, wait_days=90)
    days = {"shipped_on": date(2023, 12, 31), "produced_on": date(2023, 12, 1)} | known
    with translation.override("en"):
        why = " ".join(queries.coverage_of(UnitFactory(**days), on=ON).whole.why)
    assert sentence in why
    assert ("no purchase date" in why) == (not known)


def test_an_old_snapshot_reads_as_it_did():
    with translation.override("en"):
        kept = {"code": "from_purchase", "values": {"day": "2024-03-06", "days": 0, "start": "2024-03-06"}}
        assert reason_words(kept) == "It counts from the purchase on 6 Mar 2024."


def test_an_exchange_without_a_day_does_not_begin_anew_every_morning(customer):
    TermFactory(on_replacement="restart")
    old = owned_unit(customer)
    new = UnitFactory(owner=old.owner, replaces=old, shipped_on=None, produced_on=None)
    made = timezone.localtime(new.created_at).date()
    for later in (0, 200, 400):
        assert queries.coverage_of(new, on=made + timedelta(days=later)).whole.line.start == made
    assert not queries.coverage_of(new, on=made + timedelta(days=400)).whole.covered


def test_an_exchanged_unit_leaves_the_list(customer):
    old = owned_unit(customer)
    new = UnitFactory(owner=old.owner, replaces=old)
    assert list(queries.units_of(customer)) == [new]


def test_one_unit_and_three_take_the_same_number_of_queries(customer, django_assert_num_queries):
    TermFactory()
    WarrantySettings.load()
    owned_unit(customer)
    one = list(queries.units_of(customer))
    with django_assert_num_queries(5):
        queries.coverages(one, on=ON)
    owned_unit(customer)
    owned_unit(customer)
    three = list(queries.units_of(customer))
    with django_assert_num_queries(5):
        assert len(queries.coverages(three, on=ON)) == 3
