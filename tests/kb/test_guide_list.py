"""The list of guides: by family and kind, in pages, at the same cost for one row and for many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.kb import make_guide, page_tree
from tests.factories.products import FamilyFactory

pytestmark = pytest.mark.django_db


def test_the_list_shows_only_published_guides_of_its_language(client):
    make_guide(title="中文指南")
    make_guide(title="草稿指南", live=False)
    make_guide(language="en", title="English guide")
    html = client.get("/zh-hans/guides/").content.decode()
    assert "中文指南" in html and "草稿指南" not in html and "English guide" not in html
    assert "English guide" in client.get("/en/guides/").content.decode()


def test_it_can_be_filtered_by_family_and_by_kind(client):
    washers, fridges = FamilyFactory(), FamilyFactory(slug="refrigerators", name_zh_hans="冰箱", name_en="Fridges")
    make_guide(title="洗衣机指南", families=[washers])
    make_guide(title="冰箱指南", families=[fridges])
    make_guide(title="洗衣机问答", families=[washers], kind="faq")
    html = client.get("/zh-hans/guides/?family=washing-machines").content.decode()
    assert "洗衣机指南" in html and "冰箱指南" not in html
    html = client.get("/zh-hans/guides/?family=washing-machines&kind=faq").content.decode()
    assert "洗衣机问答" in html and "洗衣机指南" not in html


@pytest.mark.parametrize("query", ["?family=nonsense", "?kind=%27%22", "?page=99999", "?page=abc", "?family=" + "x" * 5000])
def test_nonsense_in_the_address_is_survived(client, query):
    make_guide()
    assert client.get(f"/zh-hans/guides/{query}").status_code == 200


def test_one_guide_and_three_cost_the_same_number_of_queries(client):
    family = FamilyFactory()
    counts = []
    for _n in range(2):
        make_guide(families=[family])
        if _n:
            make_guide(families=[family])
        client.get("/zh-hans/guides/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/zh-hans/guides/")
        counts.append(len(captured))
    assert counts[0] == counts[1], [query["sql"][:150] for query in captured.captured_queries]


def test_an_empty_filter_offers_the_way_back(client):
    page_tree()
    family = FamilyFactory()
    make_guide(families=[family])
    html = client.get("/zh-hans/guides/?family=washing-machines&kind=guide").content.decode()
    assert "滚筒洗衣机不排水" in html
