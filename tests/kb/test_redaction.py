"""Personal data in texts: found in both languages, taken out whole, and nothing else with it."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.redaction import Known, find_personal, kinds_found, redact

LIN = Known(
    names=("林晓云", "Tom Becker"),
    phones=("+8613800138000", "+4915112345678"),
    emails=("tom@example.com",),
    addresses=("浙江省杭州市西湖区文三路478号",),
    serials=("HY25-0412-88231",),
    keep=("WF10-320", "KFR-35GW/A1", "400-200-1180"),
)


@pytest.mark.parametrize(
    ("text", "gone", "kept"),
    [
        ("林女士您好，您的 WF10-320 序列号 HY25 0412 88231", ["林", "88231"], ["WF10-320", "序列号", "您好"]),
        ("电话138 0013 8000，我们到浙江省杭州市 西湖区文三路 478 号上门", ["8000", "文三路", "478"], ["上门"]),
        ("我叫陈志强，住在上海市浦东新区张江镇祖冲之路 2305 号 5 号楼 1203 室", ["陈志强", "祖冲之", "1203"], ["我叫", "住在"]),
        ("手机 １３９-１２３４-５６７８，微信号 chen_88", ["５６７８", "chen_88"], ["手机", "微信号"]),
        ("身份证 310115199001011234，车牌沪A·12345", ["310115199001011234", "12345"], ["身份证", "车牌"]),
        ("订单号：JD202511250001，卡号 6222 0212 3456 7890 123，尾号8000", ["JD2025", "7890", "8000"], ["订单号", "尾号"]),
        ("一三八零零一三八零零零 打这个", ["一三八"], ["打这个"]),
        ("见 T-2611-00012", ["T-2611"], ["见"]),
        ("My name is Anna Miller, 12 Baker Street, Flat 3, London NW1 6XE", ["Anna", "Miller", "Baker", "NW1"], ["My name is"]),
        ("call +44 20 7946 0958 or (212) 555-0199", ["7946", "555"], ["call"]),
        ("Order number 883-2291-11, serial no: AB12345678", ["2291", "AB123"], ["Order number"]),
        ("Tom, your washer; mail TOM@EXAMPLE.COM, tel 0151 123 45678", ["Tom", "TOM@", "45678"], ["your washer", "tel"]),
        ("hotline 400-200-1180, KFR-35GW/A1 shows E2", [], ["400-200-1180", "KFR-35GW/A1", "E2"]),
    ],
)
def test_people_are_taken_out_and_the_rest_stays(text, gone, kept):
    clean = redact(text, LIN).text
    assert [word for word in gone if word in clean] == []
    assert [word for word in kept if word not in clean] == []


@pytest.mark.parametrize(
    "text",
    [
        "先按电源键关机，等 30 分钟。把过滤器逆时针拧下，水路和电路分开检查。",
        "3 楼以上请先关总阀。E2 代码消失后再试 2 次，转速 1400 转。",
        "第一步：关闭水龙头；第二步：等十分钟。请在小区物业登记。",
        "排水管沿墙街道接出 2 米，额定 220 V，热水 55 ℃。",
        "Turn the tap off, wait 30 minutes and run program 4 at 60 degrees. The filter is at the lower right.",
        "Call 400-200-1180 between 8:00 and 22:00.",
        "方法：高温自洁 60 分钟，每 3 个月一次；白色粉末是水垢。",
    ],
)
def test_instructions_stay_as_they_are(text):
    assert find_personal(text) == [] and redact(text).text == text


def test_a_customer_s_name_is_found_inside_words_and_with_a_title():
    assert "林" not in redact("已告知林晓云，林小姐同意", LIN).text
    assert redact("Becker's machine", LIN).text.endswith("'s machine") and "Becker" not in redact("Becker's machine", LIN).text


def test_what_was_taken_out_is_counted_in_words():
    found = redact("林晓云 13800138000，林女士 13912345678", LIN).findings
    assert kinds_found(found) == {"姓名": 2, "电话": 2}


DIGITS = "13912345678"


@given(before=st.text("水洗机在的 ,.，。\n", max_size=12), gaps=st.lists(st.sampled_from(["", " ", "-"]), min_size=2, max_size=2))
@settings(max_examples=60, deadline=None)
def test_a_phone_number_is_found_however_it_is_grouped(before, gaps):
    number = f"{DIGITS[:3]}{gaps[0]}{DIGITS[3:7]}{gaps[1]}{DIGITS[7:]}"
    clean = redact(f"{before}{number}，谢谢").text
    assert "5678" not in clean and "1234" not in clean


@given(gaps=st.lists(st.sampled_from(["", " ", "-", " - ", "."]), min_size=10, max_size=10), around=st.text("修好了abc 。", max_size=8))
@settings(max_examples=60, deadline=None)
def test_the_contact_s_own_number_is_found_in_any_spacing(gaps, around):
    number = DIGITS[0] + "".join(gap[:2] + digit for gap, digit in zip(gaps, DIGITS[1:], strict=True))
    clean = redact(f"{around} {number} {around}", Known(phones=("+8613912345678",))).text
    assert not any(ch.isdigit() for ch in clean)


@given(st.text(max_size=200))
@settings(max_examples=120, deadline=None)
def test_taking_out_twice_is_taking_out_once_and_findings_never_overlap(text):
    once = redact(text, LIN)
    places = [(finding.start, finding.end) for finding in once.findings]
    assert all(start < end for start, end in places)
    assert all(first[1] <= second[0] for first, second in pairwise(places))
    assert all(text[finding.start : finding.end] == finding.text for finding in once.findings)
