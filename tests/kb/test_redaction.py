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
        ("加 V：xiaoli-99，邮箱 zhang dot san at 163 dot com", ["xiaoli", "zhang", "san", "163"], ["加 V", "邮箱"]),
        ("打 021 6543 2109 转 8012，Wi-Fi 密码 abc12345", ["6543", "8012", "abc12345"], ["打", "密码"]),
        ("机身号 HY2504 1288 231，MAC 00:1A:2B:3C:4D:5E", ["HY2504", "1288", "231", "1A:2B"], ["机身号"]),
        ("客户：李四，我姓王。税号 91310115MA1K3ABC1X", ["李四", "王", "9131"], ["我姓", "税号"]),
        (
            "This is John Smith calling, Flat 12B, 8 Queen's Road Central, plate number AB 1234",
            ["John", "12B", "Queen", "1234"],
            ["calling"],
        ),
        ("My name is Anna Miller, 12 Baker Street, Flat 3, London NW1 6XE", ["Anna", "Miller", "Baker", "NW1"], ["My name is"]),
        ("call +44 20 7946 0958 or (212) 555-0199", ["7946", "555"], ["call"]),
        ("Order number 883-2291-11, serial no: AB12345678", ["2291", "AB123"], ["Order number"]),
        ("Tom, your washer; mail TOM@EXAMPLE.COM, tel 0151 123 45678", ["Tom", "TOM@", "45678"], ["your washer", "tel"]),
        ("hotline 400-200-1180, KFR-35GW/A1 shows E2", [], ["400-200-1180", "KFR-35GW/A1", "E2"]),
        ("打 138.0013.8001 或 139—1234—5678，1 3 7 0 0 1 3 8 0 0 2", ["8001", "5678", "8 0 0 2"], ["打", "或"]),
        ("（+86）137 0013 8003，0086-136-0013-8004", ["8003", "8004"], ["，"]),
        ("手机13\u200b9 1234\u200b 5679 收", ["5679"], ["手机", "收"]),
        ("联系方式：6655 8899，電話 9123 4567，tel 020 7946 0959", ["8899", "4567", "0959"], ["联系方式", "電話"]),
        ("Lin Xiaoyun said, Xiao Yun Lin agreed, Ms Lin too, linxiaoyun@163.com", ["Lin", "Xiao", "163"], ["said", "agreed"]),
        ("汤姆·贝克尔先生来电，老陈说好了，林姐在家", ["汤姆", "老陈", "林姐"], ["先生来电", "说好了", "在家"]),
        ("mail tom.b [at] example [dot] com 或 abc88#qq.com，tom at example dot org", ["tom.b", "abc88", "dot org"], ["mail", "或"]),
        ("加 vx：chen_88x，V信 chen-99y，微信號是 wxid_a1b2c3d4，QQ 是 123456789", ["chen", "wxid", "6789"], ["加", "QQ"]),
        ("寄到阳光花园 8-2-1203，九龍彌敦道 100號，幸福小区3栋2单元501", ["1203", "100號", "501"], ["寄到"]),
        ("88 Queen's Road, Hong Kong and 5 High Street, Leeds LS1 4AB", ["Queen", "High Street", "LS1"], []),
        ("车牌粤B·D12345 和沪 AD12345，京A12345", ["D12345", "A12345"], ["车牌"]),
        ("SN码：HY25A0412，出厂编号 88A-1234567，机号 AB9988776", ["0412", "1234567", "9988776"], ["SN码", "出厂编号"]),
        ("运单 SF1234567890123，JDVC12345678901 还没到", ["567890123", "5678901"], ["还没到"]),
        ("护照 E12345678，通行证号 C12345678，A123456(7)", ["12345678", "123456(7)"], ["护照", "通行证"]),
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
        "施工前先断电，方法和工具都要准备好；小心烫手，老化的管路要换。这位先生说得对。",
        "Buy filters at heyan.com. The line is live; choose mode 3 at 20 degrees. Phone the hotline: 400-200-1180.",
        "程序 1 3 5 都试过，水位 100-200 mm，1.5-2.0 MPa，2026-03-05 生产，版本 4.2.1。",
        "等 1 小时，安装师傅上门，物业主管请师傅看过；小白点是水垢。Bought online: within 7 days.",
        "Wi-Fi 密码输错了请重新输入，密码至少 8 位；The number plate at the back is silver. VAT is calculated later.",
        "微信小程序里点“我的”，选小区名称；手机靠近机器 30 厘米，等 2-3 分钟。",
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
