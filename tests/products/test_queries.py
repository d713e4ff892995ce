"""The catalogue answers whatever way people spell what they read off the machine."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products import queries
from products.models import ModelAlias
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["WF10-320", "wf10 320", "ＷＦ１０－３２０", "WF1O-320", "wf10320", " WF10.320 "])
def test_a_model_is_found_however_it_is_typed(typed):
    model = ModelFactory(number="WF10-320")
    assert queries.find_model(typed) == model


def test_a_nickname_finds_its_model_unless_two_share_it():
    first, second = ModelFactory(), ModelFactory()
    ModelAlias.objects.create(model=first, text="小白")
    assert queries.find_model("小白") == first
    ModelAlias.objects.create(model=second, text="小白")
    assert queries.find_model("小白") is None


@pytest.mark.parametrize("typed", ["", "   ", "?", "x" * 10000, "' OR 1=1 --", "不存在"])
def test_nonsense_finds_no_model(typed):
    ModelFactory()
    assert queries.find_model(typed) is None


def test_what_is_hidden_is_not_found():
    model = ModelFactory(is_active=False)
    hidden = FamilyFactory(slug="hidden", is_active=False)
    assert queries.find_model(model.number) is None
    assert queries.get_family("hidden") is None and queries.get_model(ModelFactory(family=hidden).slug) is None


@pytest.mark.parametrize("typed", ["E2", "e2", "E-02", "Ｅ２", "e 2", "E02"])
def test_a_code_is_found_however_it_is_typed(typed):
    code = CodeFactory(code="E2")
    assert queries.get_code(code.family, typed) == code
    assert queries.get_code(code.family.slug, typed) == code
    assert queries.get_code("refrigerators", typed) is None


@pytest.mark.parametrize("typed", ["LO", "lo", "L0", "l-0", "1O", "low", "ERR 3"])
def test_other_spellings_and_letters_that_look_like_digits_lead_to_the_code(typed):
    code = CodeFactory(code="LO", other_spellings="LOW, Err 3")
    CodeFactory(code="E3")
    assert queries.get_code(code.family, typed) == code


def test_what_looks_like_two_codes_is_neither_and_the_code_itself_wins():
    first, second = CodeFactory(code="CL"), CodeFactory(code="C1")
    assert queries.get_code(first.family, "CL") == first and queries.get_code(first.family, "c1") == second
    assert queries.get_code(first.family, "CI") is None


def test_a_code_that_names_models_belongs_to_these_only():
    model, other = ModelFactory(), ModelFactory()
    everywhere, special = CodeFactory(code="E2"), CodeFactory(code="F7")
    special.only_models.add(model)
    assert queries.codes_for(model=model) == [everywhere, special]
    assert queries.codes_for(model=other) == [everywhere]
    assert queries.codes_for(family=model.family) == [everywhere, special]


def test_families_come_with_their_counts_in_one_query_for_one_and_for_three():
    counts = []
    for n in (1, 3):
        for i in range(n):
            family = FamilyFactory(slug=f"f{n}{i}")
            ModelFactory(family=family)
            ModelFactory(family=family, is_active=False)
        with CaptureQueriesContext(connection) as captured:
            rows = list(queries.families_with_counts())
        assert all(row.model_count == 1 and row.code_count == 0 for row in rows)
        counts.append(len(captured))
    assert counts == [1, 1]
