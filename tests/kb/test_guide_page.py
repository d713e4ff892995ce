"""A guide on the public site: everything a reader needs, quickly, in the reader's language."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kb.models import GuidePage
from tests.factories.kb import make_guide, page_tree
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(db):
    return FamilyFactory()


@pytest.fixture
def guide(family):
    model = ModelFactory(family=family, number="WF10-320")
    code = CodeFactory(family=family, code="E2")
    return make_guide(slug="washer-not-draining", families=[family], models=[model], codes=[code], minutes=15, difficulty="easy")


def test_a_published_guide_has_all_its_parts(client, guide):
    page = client.get("/zh-hans/guides/washer-not-draining/")
    html = page.content.decode()
    assert page.status_code == 200
    assert "滚筒洗衣机不排水" in html
    assert "WF10-320" in html and "E2" in html
    assert "毛巾" in html and "DP-F2" in html
    assert "会影响保修吗" in html
    assert 'id="steps"' in html and 'href="#steps"' in html
    assert "hearth-share" in html and "hearth-steps" in html and "hearth-reading" in html
    assert 'id="vote"' in html


def test_warnings_stand_before_the_first_step_wherever_they_were_written(client, guide):
    html = client.get("/zh-hans/guides/washer-not-draining/").content.decode()
    assert html.index("先断电，再碰水") < html.index('class="steps"')
