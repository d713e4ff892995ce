"""A guide says to each reader what is for their machine, asks where it does not know, and keeps nobody's machine for others."""

import pytest
from django.test import Client

from kb.models import GuidePage
from portal.views.parts import PRODUCTS_COOKIE
from products.models import Market
from search.extractors import extract
from tests.factories.kb import items, make_guide
from tests.factories.products import FamilyFactory, ModelFactory

pytestmark = pytest.mark.django_db
ADDRESS = "/zh-hans/guides/reset/"


def only(**sides):
    return {"families": [], "models": [], "markets": [], "serials": "", "software_from": "", "software_to": "", **sides}


def text(words, **sides):
    value = {"title": "", "text": f"<p>{words}</p>", "only_for": only(**sides)}
    return {"type": "paragraph", "value": value}


@pytest.fixture
def family(db):
    return FamilyFactory(slug="robot-vacuums", name_zh_hans="扫地机器人", name_en="Robot vacuums")


@pytest.fixture
def rv6(family):
    return ModelFactory(family=family, number="RV6")


@pytest.fixture
def rv8(family):
    return ModelFactory(family=family, number="RV8-Pro")


@pytest.fixture
def guide(family, rv6, rv8):
    steps = [
        {"title": "关机", "text": ""},
        {"title": "拔下基站", "text": "", "only_for": only(models=[rv8.slug])},
        {"title": "按住首页键", "text": ""},
    ]
    return make_guide(
        slug="reset",
        families=[family],
        body=[
            {"type": "steps", "value": {"title": "三步", "steps": items(steps)}},
            text("只有老款才有这个孔", models=[rv6.slug]),
            text("人人都要看"),
        ],
    )


def read(client: Client, address: str = ADDRESS) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_who_is_not_known_sees_everything_with_labels_and_can_pick(guide):
    html = read(Client())
    assert "只有老款才有这个孔" in html and "拔下基站" in html and "人人都要看" in html
    assert html.count("仅适用于 RV6") == 1 and html.count("仅适用于 RV8-Pro") == 1
    assert 'name="model"' in html and 'href="#machine"' in html


def test_a_chosen_model_sees_what_is_for_it_and_that_something_is_left_out(guide, rv6):
    html = read(Client(), f"{ADDRESS}?model=rv6")
    assert "只有老款才有这个孔" in html and "拔下基站" not in html
    assert "这里略去一部分，仅适用于 RV8-Pro" in html and "显示的是 RV6 的内容" in html
    assert "第 2 步：按住首页键" in html  # the shown steps are counted anew
    assert "仅适用于 RV6 " not in html


def test_the_choice_is_remembered_for_the_next_guide_and_can_be_taken_back(guide):
    client = Client()
    client.get(f"{ADDRESS}?model=rv8-pro")
    assert "只有老款才有这个孔" not in read(client)
    assert "只有老款才有这个孔" in read(client, f"{ADDRESS}?model=any")


def test_the_product_looked_at_last_counts_where_the_guide_is_about_it(guide, rv8):
    client = Client()
    client.cookies[PRODUCTS_COOKIE] = "no-such-thing.rv8-pro"
    assert "只有老款才有这个孔" not in read(client)


def test_two_products_looked_at_are_no_answer(guide):
    client = Client()
    client.cookies[PRODUCTS_COOKIE] = "rv8-pro.rv6"
    html = read(client)
    assert "只有老款才有这个孔" in html and "拔下基站" in html


def test_readers_of_the_kept_page_do_not_get_each_others(guide):
    old, new = Client(), Client()
    old.cookies[PRODUCTS_COOKIE], new.cookies[PRODUCTS_COOKIE] = "rv6", "rv8-pro"
    for _again in range(2):
        assert "拔下基站" not in read(old)
        assert "只有老款才有这个孔" not in read(new)
        both = read(Client())
        assert "拔下基站" in both and "只有老款才有这个孔" in both


@pytest.mark.parametrize(
    "nonsense", ["?model=nothing", "?model=%00", "?unit=abc", "?model=unit:abc", "?software=%F0%9F%98%80", "?market=XX"]
)
def test_nonsense_in_the_address_is_nobody(guide, nonsense):
    html = read(Client(), ADDRESS + nonsense)
    assert "只有老款才有这个孔" in html and "拔下基站" in html


def test_a_guide_without_conditions_asks_nothing_and_warns_of_another_model(family, rv6, rv8):
    make_guide(slug="plain", families=[family], models=[rv6])
    address = "/zh-hans/guides/plain/"
    assert 'id="machine"' not in read(Client(), address)
    assert "这篇指南不适用于 RV8-Pro" in read(Client(), f"{address}?model=rv8-pro")
    assert "不适用于" not in read(Client(), f"{address}?model=rv6")


def test_a_machine_the_guide_is_not_about_leaves_its_parts_as_they_are(guide):
    ModelFactory(family=FamilyFactory(slug="fridges"), number="RC452")
    html = read(Client(), f"{ADDRESS}?model=rc452")
    assert "这篇指南不适用于 RC452" in html and "只有老款才有这个孔" in html and "拔下基站" in html


def test_software_is_not_asked_where_the_model_has_decided(family, rv6, rv8):
    make_guide(slug="app", families=[family], body=[text("蓝牙配网", models=["rv8-pro"], software_from="4.3")])
    address = "/zh-hans/guides/app/"
    assert 'name="software"' in read(Client(), f"{address}?model=rv8-pro")
    assert 'name="software"' not in read(Client(), f"{address}?model=rv6")


def test_the_whole_guide_can_be_for_a_software_version(family):
    make_guide(slug="app", families=[family], software_from="4.2")
    address = "/zh-hans/guides/app/"
    html = read(Client(), address)
    assert "软件 4.2 及以上" in html and 'name="software"' in html
    assert "不适用于您的机器" in read(Client(), f"{address}?software=4.1")
    assert "不适用于" not in read(Client(), f"{address}?software=4.2.3")


def test_the_market_is_the_readers_or_the_one_supposed(guide, family):
    Market.objects.all().delete()
    Market.objects.create(code="CN", name_zh_hans="中国大陆", name_en="Mainland China", is_default=True)
    Market.objects.create(code="SG", name_zh_hans="新加坡", name_en="Singapore", order=20)
    make_guide(slug="plug", families=[family], body=[text("英式插头", markets=["SG"])])
    client = Client()
    assert "英式插头" not in read(client, "/zh-hans/guides/plug/")
    assert "英式插头" in read(client, "/zh-hans/guides/plug/?market=SG")
    assert "英式插头" in read(client, "/zh-hans/guides/plug/")  # remembered
    assert "英式插头" not in read(Client(), "/zh-hans/guides/plug/")


@pytest.fixture
def owned(customer, rv6):
    from accounts.models import Contact
    from products.models import Unit

    contact = Contact.objects.create(name=customer.name, phone=str(customer.phone), user=customer)
    return Unit.objects.create(model=rv6, serial="HY24 0331 80 0652", owner=contact)


def test_a_member_picks_one_of_their_machines_and_its_serial_number_decides(signed_in, customer, owned, family):
    make_guide(
        slug="recall",
        families=[family],
        body=[text("这批要换电池", serials="HY2401 – HY2406"), text("这批不用换", serials="HY25", models=["rv6"])],
    )
    address, member = "/zh-hans/guides/recall/", signed_in(customer)
    html = read(member, address)
    assert "HY24 **** ** 0652" in html and "这批要换电池" in html and "这批不用换" in html
    html = read(member, f"{address}?model=unit:{owned.code}")
    assert "这批要换电池" in html and "这批不用换" not in html


def test_nobody_reaches_the_machine_of_another_by_its_code(signed_in, owned, other_customer, family):
    make_guide(slug="recall", families=[family], body=[text("这批要换电池", serials="HY25")])
    for client in (Client(), signed_in(other_customer)):
        html = read(client, f"/zh-hans/guides/recall/?unit={owned.code}")
        assert "这批要换电池" in html and "HY24 ****" not in html


def test_a_members_machines_are_in_nobody_elses_page(signed_in, customer, owned, family):
    make_guide(slug="recall", families=[family], body=[text("这批要换电池", serials="HY2401 – HY2406", models=["rv6"])])
    address = "/zh-hans/guides/recall/"
    assert "HY24 ****" in read(signed_in(customer), address)
    assert "HY24 ****" not in read(Client(), address)


def test_search_finds_a_conditional_text_with_its_page_and_none_of_its_conditions(guide):
    (document,) = extract("guide", guide.pk)
    assert "只有老款才有这个孔" in document["body"] and "拔下基站" in document["body"]
    assert "rv8-pro" not in document["body"]


def test_a_guide_knows_whether_its_text_depends_on_the_machine(guide, family):
    assert guide.is_conditional and not make_guide(families=[family]).is_conditional
    guide.body = [text("人人都要看")]
    guide.save_revision().publish()
    assert not GuidePage.objects.get(pk=guide.pk).is_conditional


@pytest.mark.parametrize(("field", "value"), [("serials", "HY2406 – HY2401"), ("software_from", "latest"), ("software_to", "?")])
def test_a_limit_that_nobody_can_read_is_refused(guide, field, value):
    from django.core.exceptions import ValidationError

    setattr(guide, field, value)
    with pytest.raises(ValidationError) as refusal:
        guide.full_clean()
    assert field in refusal.value.message_dict


def test_a_part_with_unreadable_serial_numbers_is_refused_in_the_editor():
    from wagtail.blocks import StreamBlockValidationError

    from kb.blocks import GuideBody

    body = GuideBody()
    value = body.to_python([text("…", serials="HY2406 – HY2401")])
    with pytest.raises(StreamBlockValidationError):
        body.clean(value)
