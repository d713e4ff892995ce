"""The back office of warranty: rows that contradict are refused on the page, extensions name a serial number, lists are imported."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from core.history import history_of
from products.models import Unit
from tests.factories.products import FamilyFactory, ModelFactory, PartFactory
from tests.factories.warranty import GroupFactory, TermFactory, UnitFactory
from warranty.models import PartGroup, SerialRule, WarrantyExtension, WarrantyTerm

pytestmark = pytest.mark.django_db
TERM = {"name_zh_hans": "整机两年", "name_en": "Two years", "use": "home", "months": "24", "start": "purchase", "wait_days": "90",
        "on_replacement": "inherit", "replacement_days": "0", "is_active": "on"}  # fmt: skip


@pytest.fixture
def cms(admin, signed_in):
    return signed_in(admin)


@pytest.mark.parametrize("name", ["warranty_terms", "warranty_part_groups", "warranty_extensions", "serial_rules", "return_reasons"])
def test_every_screen_opens_for_the_administrator_and_not_for_an_agent(cms, agent, signed_in, name):
    TermFactory()
    for view in ("index", "add"):
        assert cms.get(reverse(f"{name}:{view}")).status_code == 200
        assert signed_in(agent).get(reverse(f"{name}:{view}")).status_code == 302


def test_a_term_is_saved_with_a_step(cms):
    assert cms.post(reverse("warranty_terms:add"), TERM).status_code == 302
    row = WarrantyTerm.objects.get()
    assert (row.months, [entry.verb for entry in history_of(row)]) == (24, ["created"])


def test_a_contradicting_term_is_refused_on_the_page_with_both_names(cms):
    TermFactory(name_zh_hans="整机一年")
    answer = cms.post(reverse("warranty_terms:add"), TERM)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "“整机两年”和“整机一年”" in page
    assert WarrantyTerm.objects.count() == 1


def test_the_row_that_settles_two_others_can_neither_go_nor_end(cms):
    washers = FamilyFactory()
    TermFactory(family=washers, months=24)
    TermFactory(region="CN-31", months=18)
    both = TermFactory(family=washers, region="CN-31", months=20)
    cms.post(reverse("warranty_terms:delete", args=[both.pk]))
    assert WarrantyTerm.objects.count() == 3
    changed = TERM | {"family": str(washers.pk), "region": "CN-31", "valid_until": "2024-12-31"}
    assert cms.post(reverse("warranty_terms:edit", args=[both.pk]), changed).status_code == 200
    both.refresh_from_db()
    assert both.valid_until is None
    assert cms.post(reverse("warranty_terms:edit", args=[both.pk]), changed | {"valid_until": "", "months": "22"}).status_code == 302


def test_a_part_has_one_group(cms):
    part = PartFactory()
    GroupFactory().parts.add(part)
    answer = cms.post(
        reverse("warranty_part_groups:add"), {"name_zh_hans": "泵", "name_en": "Pump", "key": "pump", "order": "1", "parts": [part.pk]}
    )
    assert answer.status_code == 200
    assert PartGroup.objects.count() == 1


def test_an_extension_is_for_a_serial_number_that_exists(cms):
    unit = UnitFactory()
    form = {"serial": "hy99", "kind": "plan", "name_zh_hans": "延保", "name_en": "Plan", "months": "12", "days": "0"}
    assert cms.post(reverse("warranty_extensions:add"), form).status_code == 200
    assert cms.post(reverse("warranty_extensions:add"), form | {"serial": unit.serial.lower()}).status_code == 302
    assert WarrantyExtension.objects.get().unit == unit
    assert cms.post(reverse("warranty_extensions:add"), form | {"serial": unit.serial, "months": "0"}).status_code == 200


@pytest.mark.parametrize(("pattern", "example"), [("HY(", "HY1"), (r"HY\d{4}", "HX1234")])
def test_a_serial_rule_must_be_a_pattern_that_fits_its_example(cms, pattern, example):
    form = {"family": FamilyFactory().pk, "pattern": pattern, "example": example, "is_active": "on"}
    assert cms.post(reverse("serial_rules:add"), form).status_code == 200
    assert SerialRule.objects.count() == 0


# --- shipped units --------------------------------------------------------------------------------------------------


def run(path, *options) -> str:
    out = StringIO()
    call_command("import_units", str(path), *options, stdout=out)
    return out.getvalue()


def test_a_list_is_only_read_until_it_is_to_be_written(tmp_path):
    model = ModelFactory(number="WF10-320")
    UnitFactory(model=model, serial="HY26 0305 80 0001", known=True, shipped_on=date(2026, 3, 14), produced_on=None)
    path = tmp_path / "units.csv"
    path.write_text(
        "序列号,型号,出厂日期,生产日期\n"
        "HY26 0305 80 0001,WF10-320,2026-03-14,\n"
        "HY26 0305 80 0002,wf1O-320,2026/3/14,2026-03-05\n"
        "HY26 0305 80 0003,wf10 320,2026-03-14,2026-03-05\n"
        "HY26 0305 80 0003,WF10-320,2026-03-14,\n"
        "HY26 0305 80 0004,XX1,2026-03-14,\n"
        "HY26 0305 80 0005,WF10-320,2026-03-01,2026-03-05\n",
        encoding="gb18030",
    )
    said = run(path)
    assert "2 new, 0 changed, 1 as they are, 3 wrong: a dry run, nothing was written" in said
    for words in ("line 5: 序列号: ", "line 6: 型号: We do not know", "line 7: 生产日期: "):
        assert words in said
    assert "没有“XX1”这个型号" in run(path, "--language", "zh-hans")
    assert Unit.objects.count() == 1
    assert "2 new" in run(path, "--write")
    unit = Unit.objects.get(serial_normal="HY2603058000" + "03")
    assert (unit.known, unit.shipped_on, unit.produced_on, unit.owner) == (True, date(2026, 3, 14), date(2026, 3, 5), None)
    assert "0 new, 0 changed" in run(path, "--write") and Unit.objects.count() == 3


def test_a_file_without_the_columns_or_without_a_file_says_so(tmp_path):
    path = tmp_path / "units.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="serial, 型号 / model"):
        run(path)
    with pytest.raises(CommandError):
        run(tmp_path / "missing.csv")


def test_known_units_are_listed_and_found_however_the_number_is_typed_and_nobody_changes_them(cms, agent, signed_in):
    model = ModelFactory(number="WF10-320")
    for number in range(3):
        UnitFactory(model=model, serial=f"HY24 0331 80 000{number}")
    address = reverse("known_units:index")
    assert cms.get(address).content.decode().count("HY24 0331 80") >= 3
    for typed in ("hy24033180000１", "HY24-0331-80-0001", "0331800001"):
        found = cms.get(address, {"q": typed}).content.decode()
        assert "HY24 0331 80 0001" in found and "HY24 0331 80 0002" not in found, typed
    assert "HY24 0331 80 0002" in cms.get(address, {"q": "wf10"}).content.decode()
    unit = Unit.objects.first()
    assert cms.get(reverse("known_units:inspect", args=[unit.pk])).status_code == 200
    for refused in (reverse("known_units:add"), reverse("known_units:edit", args=[unit.pk]), reverse("known_units:delete", args=[unit.pk])):
        assert cms.post(refused, {"serial": "X"}).status_code in (302, 403)
    assert Unit.objects.count() == 3
    assert signed_in(agent).get(address).status_code == 302
