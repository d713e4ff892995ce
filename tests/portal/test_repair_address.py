"""Where the engineer comes: a pasted line in its fields, the district's code with the order."""

import pytest
import time_machine

from fieldservice.models import RepairOrder
from fieldservice.queries import free_slots
from tests.factories.tickets import setup_desk
from tests.fieldservice.conftest import at
from tests.portal.test_repairs import NEW, form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    """It is Monday morning, and the desk is set up."""
    with time_machine.travel(at("2026-09-14 09:30"), tick=True):
        setup_desk()
        yield


LINE = "收件人：林晓云 电话：138 0013 8123 上海市浦东新区张江镇科苑路88号3号楼"


class TestPastedAddress:
    """A whole address pasted once lands in its fields, without a script, and nothing else that was typed gets lost."""

    def test_a_guest_s_line_fills_address_name_and_phone_and_books_nothing(self, client) -> None:
        wishes = [slot.key for slot in free_slots()][:2]
        answer = client.post(NEW, form(split="1", paste=LINE, detail="", phone="", name="", fault="漏水", wishes=wishes))
        shown = answer.context["form"]
        values = {name: shown[name].value() for name in ("province", "city", "district", "detail", "name", "phone", "fault", "wishes")}
        assert values == {
            "province": "上海市",
            "city": "上海市",
            "district": "浦东新区",
            "detail": "张江镇科苑路88号3号楼",
            "name": "林晓云",
            "phone": "13800138123",
            "fault": "漏水",
            "wishes": wishes,
        }
        assert answer.status_code == 200 and not shown.errors and not RepairOrder.objects.exists()
        assert client.post(NEW, form(**values, submit_key="p" * 20)).status_code == 302
        kept = RepairOrder.objects.get().address
        assert (kept["region_code"], kept["district"], kept["detail"]) == ("310115", "浦东新区", "张江镇科苑路88号3号楼")

    def test_a_member_s_line_names_who_opens_the_door(self, customer, signed_in) -> None:
        client = signed_in(customer)
        shown = client.post(NEW, form(split="1", paste=LINE, detail="", phone="")).context["form"]
        assert (shown["recipient"].value(), shown["site_phone"].value()) == ("林晓云", "13800138123")
        values = {name: shown[name].value() for name in ("province", "city", "district", "detail", "recipient", "site_phone")}
        assert client.post(NEW, form(**values, phone="")).status_code == 302
        order = RepairOrder.objects.get()
        assert (order.address["recipient"], order.address["phone"], order.contact.user) == ("林晓云", "13800138123", customer)

    def test_what_a_guest_typed_is_not_written_over(self, client) -> None:
        shown = client.post(NEW, form(split="1", paste=LINE, detail="", name="周岚", phone="138 0013 8009")).context["form"]
        assert (shown["name"].value(), shown["phone"].value()) == ("周岚", "138 0013 8009")
        assert (shown["recipient"].value(), shown["site_phone"].value()) == ("林晓云", "13800138123")

    @pytest.mark.parametrize("line", ["", "你好", "   ", "🙂" * 50])
    def test_a_line_without_an_address_says_so_and_stays(self, client, line) -> None:
        answer = client.post(NEW, form(split="1", paste=line, detail="漕溪北路 88 号"))
        assert answer.status_code == 200 and answer.context["form"]["detail"].value() in ("漕溪北路 88 号", line)

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            (("上海", "", "浦东新区"), ("310115", "上海市")),
            (("广东省", "深圳市", "南山区"), ("440305", "广东省")),
            (("California", "San Jose", ""), (None, "California")),
            (("火星省", "", "一区"), (None, "火星省")),
        ],
    )
    def test_typed_names_get_their_code_where_they_are_a_division(self, client, typed, kept) -> None:
        province, city, district = typed
        assert client.post(NEW, form(province=province, city=city, district=district)).status_code == 302
        address = RepairOrder.objects.get().address
        assert (address.get("region_code"), address["province"]) == kept
