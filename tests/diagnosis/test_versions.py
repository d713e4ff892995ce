"""Publishing keeps the content for the runs that begin with it."""

import pytest

from diagnosis.models import DiagnosisPage, DiagnosisVersion
from diagnosis.outline import tree_of
from diagnosis.queries import current_version, diagnosis_for
from diagnosis.tree import shape
from tests.factories.diagnosis import make_diagnosis, make_run, small_tree
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory

pytestmark = pytest.mark.django_db


def again(page: DiagnosisPage, **changes: object) -> DiagnosisPage:
    draft = page.get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save_revision().publish()
    return DiagnosisPage.objects.get(pk=page.pk)


def test_publishing_keeps_a_version_and_the_same_content_none() -> None:
    page = make_diagnosis()
    first = current_version(page)
    assert first is not None and first.number == 1 and first.title == page.title and first.tree == tree_of(page.outline)
    page = again(page, keywords="不出水")
    assert DiagnosisVersion.objects.count() == 1
    page = again(page, title="洗完一桶水")
    assert current_version(page).number == 2 and DiagnosisVersion.objects.get(number=1).title == first.title


def test_each_language_counts_its_own_versions_and_shares_the_keys() -> None:
    source = make_diagnosis()
    english = make_diagnosis(language="en", translation_of=source)
    assert english.translation_key == source.translation_key
    assert [current_version(page).number for page in (source, english)] == [1, 1]
    assert shape(current_version(source).tree) == shape(current_version(english).tree)


def test_a_draft_makes_no_version_and_an_old_run_keeps_its_own() -> None:
    page = make_diagnosis()
    run = make_run(current_version(page), [("leak", "dry")])
    draft = page.get_latest_revision_as_object()
    draft.title = "只是草稿"
    draft.save_revision()
    assert DiagnosisVersion.objects.count() == 1
    again(page, title="新题目")
    run.refresh_from_db()
    assert run.version.number == 1
    page.unpublish()
    run.refresh_from_db()
    assert run.version.tree.walk([("leak", "dry")]) == "hum"


def test_what_fits_a_code_a_model_and_a_family() -> None:
    family = FamilyFactory()
    model, other = ModelFactory(family=family), ModelFactory(family=family)
    code = CodeFactory(family=family)
    by_code = make_diagnosis(families=[family], codes=[code], title="E 码")
    by_model = make_diagnosis(families=[family], models=[model], title="只这款")
    make_diagnosis(families=[FamilyFactory(slug="refrigerators", name_zh_hans="冰箱", name_en="Fridges")], title="冰箱不冷")
    make_diagnosis(families=[family], live=False, title="草稿")

    def titles(**what: object) -> list[str]:
        return [page.title for page in diagnosis_for(language="zh-hans", **what)]

    assert titles(code=code) == titles(code=code, model=model) == [by_code.title]
    assert titles(model=model) == [by_model.title, by_code.title]
    assert titles(model=other) == [by_code.title]
    assert titles(family=family) == [by_code.title, by_model.title]
    assert titles() == [] and diagnosis_for(language="en", family=family) == []


def test_a_small_tree_is_what_the_page_says() -> None:
    page = make_diagnosis()
    assert shape(tree_of(page.outline)) == shape(small_tree())
