"""The address book: a pasted line finds its fields, one default, nobody reaches anybody else's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.actions import addresses as actions
from accounts.address_lines import split_line
from accounts.divisions import FILE, divisions, match, take_division
from accounts.models import Address
from accounts.queries import addresses_for, get_address_for
from core.errors import Conflict, InvalidInput, NotFound
from core.history import history_of

HOME = {
    "recipient": "林晓云",
    "phone": "138 0013 8000",
    "province": "上海",
    "city": "",
    "district": "浦东新区",
    "street": "张江镇",
    "detail": "科苑路88号2幢301室",
}
ENGLISH = {"recipient": "Tom Becker", "phone": "+44 20 7946 0958", "detail": "221B Baker Street, London", "postcode": "NW1 6XE"}


def save(user, **changes) -> Address:
    options = {name: changes.pop(name) for name in ("key", "default") if name in changes}
    return actions.save_address(user=user, values={**HOME, **changes}, **options)


# --- divisions and pasted lines, without a database ---------------------------------------------------------------------------


def test_the_list_of_divisions_is_whole_small_and_names_its_licence() -> None:
    rows = divisions()
    assert len([row for row in rows.values() if not row.city]) == 34 and len(rows) > 3800
    assert all(len(code) == 6 and code.isdigit() for code in rows)
    assert rows["310115"].district == "浦东新区" and rows["440305"].city == "深圳市"
    assert FILE.stat().st_size < 150_000 and "MIT" in FILE.read_text(encoding="utf-8")[:300]


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("上海市", "上海市", "浦东新区"), "310115"),
        (("上海", "", "浦东新区"), "310115"),
        (("广东", "深圳", "南山"), "440305"),
        (("湖北", "", "仙桃市"), "429004"),
        (("广东省", "深圳市", ""), "440300"),
        (("广东省", "", ""), "440000"),
    ],
)
def test_names_are_known_with_and_without_their_endings(names, code) -> None:
    assert match(*names).code == code


@pytest.mark.parametrize(
    "names", [("亚特兰蒂斯", "", ""), ("广东省", "深圳市", "浦东新区"), ("", "深圳市", "南山区"), ("广东省", "南山", "")]
)
def test_names_that_do_not_belong_together_are_no_division(names) -> None:
    assert match(*names) is None


LINES = [
    ("林晓云 13800138000 上海市浦东新区张江镇科苑路88号2幢301室", "林晓云|13800138000|310115|张江镇|科苑路88号2幢301室"),
    (
        "收货人：张三，电话：138-0013-8000，地址：广东省深圳市南山区粤海街道科技园路1号 A座 1203",
        "张三|13800138000|440305|粤海街道|科技园路1号A座 1203",
    ),
    ("浙江 杭州 西湖区 文三路 90 号, 王小明, 13900001111", "王小明|13900001111|330106||文三路90 号"),
    ("深圳市南山区桃园路3号 李四 +86 138 0013 8000", "李四|+8613800138000|440305||桃园路3号"),
    ("湖北省仙桃市干河街道仙桃大道1号，赵敏，13800138000", "赵敏|13800138000|429004|干河街道|仙桃大道1号"),
    ("北京市市辖区朝阳区望京街道阜通东大街6号院\n欧阳娜娜\n13800138000", "欧阳娜娜|13800138000|110105|望京街道|阜通东大街6号院"),
    (
        "收件人: 林晓云\n手机号码: 13800138000\n所在地区: 上海市上海市浦东新区\n详细地址: 张江镇科苑路88号",
        "林晓云|13800138000|310115|张江镇|科苑路88号",
    ),
    ("内蒙古呼和浩特新城区新华大街1号", "||150102||新华大街1号"),
    ("科苑路88号", "||||科苑路88号"),
    ("88 Keyuan Rd, Pudong, Shanghai 201203, +86 138 0013 8000", "|+8613800138000|||88 Keyuan Rd, Pudong, Shanghai 201203"),
]


@pytest.mark.parametrize(("line", "fields"), LINES)
def test_a_pasted_line_finds_its_fields(line, fields) -> None:
    found = split_line(line)
    got = "|".join([found.recipient, found.phone, found.region_code, found.street, found.detail])
    assert got.replace(" ", "") == fields.replace(" ", "")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_no_pasted_text_breaks_the_splitting(text) -> None:
    found = split_line(text)
    assert len(found.detail) <= 1200


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(row.code for row in divisions().values() if row.district)))
def test_every_division_written_in_full_is_read_back(code) -> None:
    row = divisions()[code]
    found, rest = take_division(f"{row.province}{row.city}{row.district}·1号")
    assert found is not None and (found.province, found.city) == (row.province, row.city)
    assert found.code == code and rest == "·1号"


# --- the book ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestBook:
    """Adding, changing, the default, deleting."""

    def test_the_first_address_becomes_the_default_and_gets_its_code(self, customer) -> None:
        address = save(customer)
        assert address.is_default and (address.region_code, address.province, address.city) == ("310115", "上海市", "上海市")
        assert str(address.phone) == "+8613800138000"
        assert address.one_line == "上海市 浦东新区 张江镇 科苑路88号2幢301室"
        step = history_of(customer).get(verb="address_added")
        assert "林晓云" not in str(step.data)

    def test_an_address_abroad_is_written_freely(self, other_customer) -> None:
        address = actions.save_address(user=other_customer, values=ENGLISH)
        assert address.region_code == "" and address.one_line == "221B Baker Street, London NW1 6XE"

    def test_a_division_that_the_list_does_not_know_stays_as_typed(self, customer) -> None:
        address = save(customer, province="上海市", city="上海市", district="新新区")
        assert (address.region_code, address.district) == ("", "新新区")

    @pytest.mark.parametrize("field", ["recipient", "phone", "detail"])
    def test_what_is_needed_is_named_and_nothing_is_kept(self, customer, field) -> None:
        with pytest.raises(InvalidInput) as refusal:
            save(customer, **{field: " "})
        assert refusal.value.field == field and not Address.objects.exists()

    def test_a_chinese_address_needs_its_division(self, customer) -> None:
        with pytest.raises(InvalidInput) as refusal:
            save(customer, province="", district="")
        assert refusal.value.field == "province" and not Address.objects.exists()

    def test_a_wrong_phone_number_is_refused(self, customer) -> None:
        with pytest.raises(InvalidInput):
            save(customer, phone="12")
        assert not Address.objects.exists()

    def test_there_is_one_default_whatever_is_done(self, customer) -> None:
        first, second = save(customer), save(customer, detail="二号")
        third = save(customer, detail="三号", default=True)
        assert list(customer.addresses.filter(is_default=True)) == [third]
        actions.make_default(user=customer, key=second.key)
        actions.make_default(user=customer, key=second.key)
        assert list(customer.addresses.filter(is_default=True)) == [second]
        assert history_of(customer).filter(verb="address_default_changed").count() == 1
        actions.delete_address(user=customer, key=second.key)
        assert customer.addresses.get(is_default=True) == third
        actions.delete_address(user=customer, key=third.key)
        actions.delete_address(user=customer, key=first.key)
        assert not customer.addresses.exists()

    def test_changing_keeps_the_default_and_the_key(self, customer) -> None:
        address = save(customer)
        changed = save(customer, key=address.key, detail="四号")
        assert (changed.pk, changed.is_default, changed.detail) == (address.pk, True, "四号")
        assert history_of(customer).filter(verb="address_changed").count() == 1

    def test_a_full_book_takes_no_more(self, customer) -> None:
        for number in range(actions.MOST):
            save(customer, detail=f"{number}号")
        with pytest.raises(Conflict):
            save(customer, detail="多")
        assert customer.addresses.count() == actions.MOST

    def test_nobody_changes_reads_or_deletes_somebody_else_s(self, customer, other_customer) -> None:
        address = save(customer)
        for attempt in (
            lambda: save(other_customer, key=address.key, detail="x"),
            lambda: actions.make_default(user=other_customer, key=address.key),
            lambda: actions.delete_address(user=other_customer, key=address.key),
            lambda: get_address_for(other_customer, address.key),
        ):
            with pytest.raises(NotFound):
                attempt()
        address.refresh_from_db()
        assert address.detail == HOME["detail"] and addresses_for(other_customer) == []
        assert get_address_for(customer, address.key) == address
