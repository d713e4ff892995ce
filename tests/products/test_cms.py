"""The catalogue in the back office: every change leaves a step and is told; what is in use is not deleted."""

import pytest
from django.urls import reverse

from core.history import history_of
from core.models import TaskAttempt
from products.models import ErrorCode, ProductFamily, ProductModel
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory, PartFactory, ProblemFactory

pytestmark = pytest.mark.django_db
SCREENS = ("productfamily", "productmodel", "modelalias", "errorcode", "part", "problemnode")


def told(path):
    return [row.kwargs for row in TaskAttempt.objects.filter(path=path)]


@pytest.fixture
def staff(client, editor):
    client.force_login(editor)
    return editor


@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_opens(client, staff, screen):
    rows = {
        "productfamily": FamilyFactory,
        "productmodel": ModelFactory,
        "errorcode": CodeFactory,
        "part": PartFactory,
        "problemnode": ProblemFactory,
    }
    assert client.get(reverse(f"{screen}:index")).status_code == 200
    assert client.get(reverse(f"{screen}:add")).status_code == 200
    if screen in rows:
        assert client.get(reverse(f"{screen}:edit", args=[rows[screen]().pk])).status_code == 200


@pytest.mark.parametrize("screen", SCREENS)
def test_agents_and_customers_have_no_business_here(client, agent, customer, screen):
    for person in (agent, customer):
        client.force_login(person)
        assert client.get(reverse(f"{screen}:index")).status_code in {302, 403}


def code_data(family, **changes):
    return {
        "family": family.pk,
        "code": "E-02",
        "title_zh_hans": "排水超时",
        "title_en": "Draining takes too long",
        "meaning_zh_hans": "水没有排完。",
        "meaning_en": "The water was not gone.",
        "action_zh_hans": "清理过滤器。",
        "action_en": "Clean the filter.",
        "severity": "info",
        "hazard": "",
        "is_active": "on",
        **changes,
    }


def test_a_new_code_leaves_a_step_and_is_told(client, staff):
    family = FamilyFactory()
    answer = client.post(reverse("errorcode:add"), code_data(family))
    assert answer.status_code == 302, answer.context["form"].errors
    code = ErrorCode.objects.get()
    assert code.code_normal == "E2"
    assert told("search.tasks.index_code") == [{"code_id": code.pk}]
    entry = history_of(code).get()
    assert (entry.verb, entry.actor) == ("created", staff)


def test_the_same_code_spelt_otherwise_is_refused_in_words(client, staff):
    code = CodeFactory(code="E2")
    answer = client.post(reverse("errorcode:add"), code_data(code.family, code="e-02"))
    assert answer.status_code == 200 and ErrorCode.objects.count() == 1
    assert answer.context["form"].errors


def test_other_spellings_are_kept_and_one_that_means_another_code_is_refused(client, staff):
    code = CodeFactory(code="E2")
    other = CodeFactory(family=code.family, code="Ub", other_spellings="UE")
    url = reverse("errorcode:edit", args=[code.pk])
    answer = client.post(url, code_data(code.family, code="E2", other_spellings="Err 2, u-e"))
    assert answer.status_code == 200 and "other_spellings" in answer.context["form"].errors
    answer = client.post(url, code_data(code.family, code="E2", other_spellings="Err 2；OF"))
    assert answer.status_code == 302, answer.context["form"].errors
    code.refresh_from_db()
    assert code.spellings == ["E2", "Err 2", "OF"]
    answer = client.post(reverse("errorcode:edit", args=[other.pk]), code_data(code.family, code="0F"))
    assert answer.status_code == 302, answer.context["form"].errors  # it only looks like the other


def test_the_exported_list_of_codes_is_one_that_can_be_imported(client, staff):
    from core.imports.reading import read_table
    from core.imports.table import importers_for
    from products.imports import judge_codes

    code = CodeFactory(code="E2", other_spellings="Err 2, UE")
    answer = client.get(reverse("errorcode:index"), {"export": "csv"})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    columns = next(item for item in importers_for(staff) if item.key == "codes").columns
    (outcome,) = judge_codes(read_table(content, "codes.csv", columns))
    assert (outcome.verb, outcome.problems) == ("same", ())
    assert code.other_spellings in content.decode()


def test_a_changed_model_is_told_and_its_specifications_are_lines(client, staff):
    model = ModelFactory(number="WF10-320", specs=[{"label_zh_hans": "容量", "label_en": "Capacity", "value": "10 kg"}])
    url = reverse("productmodel:edit", args=[model.pk])
    assert "容量 | Capacity | 10 kg" in client.get(url).content.decode()
    data = {
        "family": model.family_id,
        "number": "WF10-320",
        "slug": model.slug,
        "name_zh_hans": "滚筒",
        "name_en": "Front loader",
        "summary_zh_hans": "",
        "summary_en": "",
        "picture": "",
        "launched_on": "",
        "discontinued_on": "",
        "specs": "容量 | Capacity | 10 kg\n转速 ｜ Spin ｜ 1400",
        "order": "0",
        "is_active": "on",
    }
    answer = client.post(url, data)
    assert answer.status_code == 302, answer.context["form"].errors
    model.refresh_from_db()
    assert model.specs[1] == {"label_zh_hans": "转速", "label_en": "Spin", "value": "1400"}
    assert told("search.tasks.index_product") == [{"model_id": model.pk, "family_id": model.family_id}]
    answer = client.post(url, {**data, "specs": "只有一段"})
    assert answer.status_code == 200 and "specs" in answer.context["form"].errors


def test_a_renamed_family_is_told_with_all_that_carries_its_name(client, staff):
    model = ModelFactory()
    code = CodeFactory(family=model.family)
    family = model.family
    data = {
        "name_zh_hans": "滚筒洗衣机",
        "name_en": "Washers",
        "slug": family.slug,
        "summary_zh_hans": "",
        "summary_en": "",
        "series": "",
        "order": "0",
        "is_active": "on",
        "picture": "",
        "label_picture": "",
        "label_hint_zh_hans": "",
        "label_hint_en": "",
    }
    answer = client.post(reverse("productfamily:edit", args=[family.pk]), data)
    assert answer.status_code == 302, answer.context["form"].errors
    assert {"family_id": family.pk} in told("search.tasks.index_product") and {"model_id": model.pk} in told("search.tasks.index_product")
    assert told("search.tasks.index_code") == [{"code_id": code.pk}]


def test_a_family_in_use_is_not_deleted_and_the_way_out_is_said(client, staff):
    model = ModelFactory()
    answer = client.post(reverse("productfamily:delete", args=[model.family_id]), follow=True)
    assert ProductFamily.objects.filter(pk=model.family_id).exists()
    assert answer.status_code in {200, 403}


def test_an_unused_model_can_be_deleted_and_is_told(client, staff):
    model = ModelFactory()
    pk, family_id = model.pk, model.family_id
    client.post(reverse("productmodel:delete", args=[pk]))
    assert not ProductModel.objects.exists()
    assert told("search.tasks.index_product") == [{"model_id": pk, "family_id": family_id}]


def test_the_starting_problem_tree_is_loaded_once():
    from products.defaults import load_defaults
    from products.models import ProblemNode

    load_defaults()
    count = ProblemNode.objects.count()
    ProblemNode.objects.filter(key="fault").update(name_en="Defect")
    load_defaults()
    assert ProblemNode.objects.count() == count > 10
    assert ProblemNode.objects.get(key="fault").name_en == "Defect"
