"""A diagnosis is found by search and offered wherever it fits; a code typed anywhere opens its card."""

import pytest
from django.urls import reverse
from django.utils import translation
from wagtail.models import ReferenceIndex

from diagnosis.queries import diagnoses_of_guide
from products.codes import codes_in
from search.actions import index_subject
from search.models import Kind, SearchDocument
from tests.factories.diagnosis import make_diagnosis
from tests.factories.kb import make_guide
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory


@pytest.fixture
def washer(db):
    return FamilyFactory()


def test_codes_are_read_out_of_sentences() -> None:
    assert "E2" in codes_in("洗衣机报E2") & codes_in("shows e-02 again") & codes_in("Ｅ２ 怎么办") & codes_in("WF10-320 E2")
    assert "UB" in codes_in("面板上写着ub") and codes_in("不排水") == set() and "E12" in codes_in("E12")
    assert "E2" not in codes_in("SE2020 and E2000")


def test_a_published_diagnosis_is_a_document_of_its_own_kind_and_leaves_with_its_page(washer, run_tasks) -> None:
    code = CodeFactory(family=washer, code="E2")
    page = make_diagnosis(families=[washer], codes=[code], keywords="洗完一桶水")
    run_tasks(only="search.tasks.index_diagnosis")
    row = SearchDocument.objects.get(subject=f"diagnosis:{page.pk}")
    assert row.kind == Kind.DIAGNOSIS and row.url == f"/zh-hans/diagnose/{page.slug}/" and row.codes == ["E2"]
    assert "水泵嗡嗡响" in row.body and row.extra["questions"] == 3 and row.families == [washer.slug]
    page.unpublish()
    run_tasks(only="search.tasks.index_diagnosis")
    row.refresh_from_db()
    assert row.deleted and row.body == ""


def test_a_draft_and_a_private_page_are_no_documents(washer) -> None:
    page = make_diagnosis(live=False, families=[washer])
    assert index_subject("diagnosis", page.pk) == 0
    live = make_diagnosis(families=[washer])
    live.view_restrictions.create(restriction_type="login")
    assert index_subject("diagnosis", live.pk) == 0


def test_the_card_of_a_code_the_model_and_the_family_offer_it(client, washer) -> None:
    code, model = CodeFactory(family=washer, code="E2"), ModelFactory(family=washer)
    page = make_diagnosis(families=[washer], codes=[code])
    card = client.get(f"/zh-hans/codes/{washer.slug}/E2/?model={model.slug}").content.decode()
    assert f'href="{page.url}?model={model.slug}"' in card and "一步步查原因" in card
    assert f'href="{page.url}?family={washer.slug}"' in client.get(f"/zh-hans/codes/{washer.slug}/E2/").content.decode()
    with translation.override("zh-hans"):
        places = [reverse("portal:model", args=[washer.slug, model.slug]), reverse("portal:family", args=[washer.slug])]
    for place in places:
        assert page.url in client.get(place).content.decode()
    page.unpublish()
    assert "data-diagnoses" not in client.get(f"/zh-hans/codes/{washer.slug}/E2/").content.decode()


def test_a_dangerous_code_offers_no_diagnosis(client, washer) -> None:
    code = CodeFactory(family=washer, code="E9", severity="danger", hazard="gas")
    make_diagnosis(families=[washer], codes=[code])
    assert "data-diagnoses" not in client.get(f"/zh-hans/codes/{washer.slug}/E9/").content.decode()


def test_a_guide_offers_the_diagnosis_that_leads_to_it(client, washer) -> None:
    guide, other = make_guide(), make_guide(title="别的")
    page = make_diagnosis(families=[washer], guide=guide)
    ReferenceIndex.create_or_update_for_object(page)  # the worker's job
    assert diagnoses_of_guide(guide) == [page] and diagnoses_of_guide(other) == []
    assert page.url in client.get(guide.url).content.decode()


@pytest.mark.parametrize("typed", ["E2", "e-02", "Ｅ２", "报E2", "洗衣机报 E 2", "E02 洗衣机"])
def test_a_code_in_any_spelling_opens_its_only_card(client, washer, typed: str) -> None:
    CodeFactory(family=washer, code="E2")
    CodeFactory(family=FamilyFactory(slug="fridges", name_zh_hans="冰箱", name_en="Fridges"), code="E5")
    answer = client.get("/zh-hans/codes/", {"q": typed})
    assert answer.status_code == 302 and answer.url == f"/zh-hans/codes/{washer.slug}/E2/"


def test_a_code_of_several_families_asks_which_and_a_family_or_model_beside_it_decides(client, washer) -> None:
    aircon = FamilyFactory(slug="air-conditioners", name_zh_hans="空调", name_en="Air conditioners")
    CodeFactory(family=washer, code="E2")
    CodeFactory(family=aircon, code="E2")
    model = ModelFactory(family=aircon, number="KA35-V1", slug="ka35-v1")
    both = client.get("/zh-hans/codes/", {"q": "报E2"})
    assert both.status_code == 200 and "空调" in both.content.decode() and "洗衣机" in both.content.decode()
    assert client.get("/zh-hans/codes/", {"q": "空调报E2"}).url == "/zh-hans/codes/air-conditioners/E2/"
    assert client.get("/en/codes/", {"q": "air conditioner e-02"}).url == "/en/codes/air-conditioners/E2/"
    assert client.get("/zh-hans/codes/", {"q": "ka35v1 E2"}).url == f"/zh-hans/codes/air-conditioners/E2/?model={model.slug}"
