"""What the stories of the public pages start from: a small catalogue, a desk, a guide."""

from types import SimpleNamespace

import pytest
import time_machine

from tests.factories.chat import on_duty
from tests.factories.kb import make_guide
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory
from tests.portal.chatting import MORNING
from tickets.defaults import load_defaults


@pytest.fixture
def shop(db) -> SimpleNamespace:
    """A family with two models, its codes E2 and F9 (dangerous), another family, and the desk's defaults."""
    load_defaults()
    washers = FamilyFactory()
    heaters = FamilyFactory(slug="water-heaters", name_zh_hans="热水器", name_en="Water heaters", series="GH")
    wf = ModelFactory(family=washers, number="WF10-320", slug="wf10-320")
    wd = ModelFactory(family=washers, number="WD12-520", slug="wd12-520", name_zh_hans="洗烘一体机", name_en="Washer-dryer")
    gh = ModelFactory(family=heaters, number="GH16-C", slug="gh16-c", name_zh_hans="燃气热水器", name_en="Gas water heater")
    e2 = CodeFactory(family=washers, code="E2", hazard="electricity")
    f9 = CodeFactory(family=heaters, code="F9", title_zh_hans="烟气外泄", title_en="Flue gas leaks", severity="danger", hazard="gas")
    return SimpleNamespace(washers=washers, heaters=heaters, wf=wf, wd=wd, gh=gh, e2=e2, f9=f9)


@pytest.fixture
def guide(shop):
    """A guide about E2 in Chinese with its English translation."""
    zh = make_guide(title="清理排水泵过滤器", slug="clean-filter", families=[shop.washers], codes=[shop.e2])
    make_guide(
        language="en", title="Clean the pump filter", slug="clean-filter", translation_of=zh, families=[shop.washers], codes=[shop.e2]
    )
    return zh


@pytest.fixture
def morning():
    """Monday morning, within the service hours."""
    with time_machine.travel(MORNING, tick=True) as clock:
        yield clock


@pytest.fixture
def staffed(shop, agent, morning):
    """Zhao Min is at her console."""
    on_duty(agent)
    return agent


def help_data(**changes: object) -> dict[str, object]:
    """Return a good post of the help form that has seen the suggestions."""
    data: dict[str, object] = {
        "family": "washing-machines",
        "model": "wf10 320",
        "subject": "脱水时漏水",
        "description": "昨天开始的。",
        "name": "周岚",
        "phone": "138 0013 8001",
        "email": "",
        "submit_key": "k" * 24,
        "still": "1",
    }
    return {**data, **changes}


@pytest.fixture
def person(db):
    """Ouyang Mingche, a member with an address book, choices and a consent on record."""
    from tests.portal.somebody import make_person

    return make_person()
