"""Everything a customer does works without scripts: signing up and in, registering, booking, deciding, moving, chatting, tracking.

The stories fill in the forms as the pages draw them, with the checks of CSRF and against robots on; the clock moves on between two pages.
"""

import io
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from chat.models import ChatMessage, Conversation
from core import sms
from core.models import Attachment
from fieldservice import states
from fieldservice.models import RepairOrder
from tests.factories.accounts import MemberFactory
from tests.factories.chat import on_duty, say, taken_by
from tests.factories.fieldservice import bring, step
from tests.factories.products import ModelFactory
from tests.factories.tickets import setup_desk
from tests.factories.warranty import SerialRuleFactory, TermFactory, UnitFactory
from tests.plain import PlainBrowser
from tickets.models import Ticket
from warranty.labels import qr_png
from warranty.models import WarrantyRegistration, WarrantySettings

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 9, 14, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
SERIAL = "HY24 0331 80 0652"


@pytest.fixture(autouse=True)
def clock(settings):
    """Monday morning; the check against robots is on, as in life."""
    settings.BOT_CHECK = True
    with time_machine.travel(MORNING, tick=True) as clock:
        setup_desk()
        yield clock


def a_moment(clock) -> None:
    """Somebody reads and types for a while."""
    clock.shift(20)


def signed_in_browser(user: User) -> PlainBrowser:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return PlainBrowser(client)


def code_of(run_tasks) -> str:
    run_tasks()
    return re.findall(r"(?<!\d)\d{6}(?!\d)", sms.outbox[-1].text)[-1]


def picture(content: bytes | None = None, name: str = "receipt.png") -> SimpleUploadedFile:
    if content is None:
        buffer = io.BytesIO()
        Image.new("RGB", (300, 400), "white").save(buffer, "PNG")
        content = buffer.getvalue()
    return SimpleUploadedFile(name, content, "image/png")


def test_somebody_signs_up_signs_out_and_comes_back_with_a_code(clock, run_tasks):
    browser = PlainBrowser().open("/accounts/signup/")
    a_moment(clock)
    browser.press("发送验证码", phone="138 0013 8000")
    assert browser.page.find("input", {"name": "phone"})["value"] == "138 0013 8000" and not User.objects.exists()
    a_moment(clock)
    browser.press("发送验证码", name="林晓云", consent=True)
    browser.press("确认", code=code_of(run_tasks))
    assert "_auth_user_id" in browser.client.session and User.objects.get().name == "林晓云"
    browser.open("/zh-hans/my/settings/").press("退出登录")
    assert "_auth_user_id" not in browser.client.session
    clock.shift(120)
    browser.open("/accounts/login/").follow("验证码")
    a_moment(clock)
    browser.press("发送验证码", login="13800138000")
    code = code_of(run_tasks)
    browser.press("确认", code="111111" if code != "111111" else "222222")
    assert "_auth_user_id" not in browser.client.session
    browser.press("确认", code=code)
    assert "_auth_user_id" in browser.client.session


def test_a_machine_is_registered_with_a_suggestion_a_label_and_a_receipt(clock, customer):
    WarrantySettings.load()
    TermFactory()
    model = ModelFactory(number="WF10-320")
    SerialRuleFactory(family=model.family)
    unit = UnitFactory(model=model, serial=SERIAL)
    browser = signed_in_browser(customer).open("/zh-hans/my/products/register/")
    browser.press("登记", serial=SERIAL.replace("0331", "O331"), purchased_on="2024-04-20", dealer="京东")
    assert browser.status == 400 and browser.has("是不是另一个号码") and not WarrantyRegistration.objects.exists()
    browser.press(SERIAL)
    assert browser.page.find("input", {"name": "serial"})["value"] == SERIAL
    assert browser.page.find("input", {"name": "purchased_on"})["value"] == "2024-04-20"
    browser.press("识别标签", serial="", label=picture(qr_png(f"S/N {SERIAL}"), "label.png"))
    assert browser.page.find("input", {"name": "serial"})["value"] == SERIAL and browser.has("查到这台机器了")
    browser.press("登记", files=picture())
    row = WarrantyRegistration.objects.get()
    assert (row.unit, row.dealer, row.state) == (unit, "京东", "submitted") and Attachment.objects.get().subject_id == str(row.pk)
    assert browser.url.endswith(f"/my/registrations/{row.reference}/") and browser.has("审核中")


def test_a_guest_books_agrees_moves_the_visit_and_calls_it_off(clock, agent):
    browser = PlainBrowser().open("/zh-hans/repairs/new/")
    a_moment(clock)
    browser.press("提交报修", fault="不排水")
    assert browser.status == 422 and not RepairOrder.objects.exists()
    wishes = [str(box["value"]) for box in browser.page.find_all("input", {"name": "wishes"})[:2]]
    a_moment(clock)
    browser.press("提交报修", wishes=wishes, detail="漕溪北路 88 号", phone="138 0013 8009", files=picture())
    order = RepairOrder.objects.get()
    assert browser.has("报修成功") and browser.has(order.reference) and Attachment.objects.get().subject_id == str(order.pk)
    bring(order, states.QUOTED, by=agent)
    browser.open(browser.url).press("不同意")
    order.refresh_from_db()
    assert order.state == states.DECLINED
    step(order, "quote", by=agent)
    browser.open(browser.url).press("同意 ¥")
    order.refresh_from_db()
    assert order.state == states.APPROVED
    step(order, "schedule", by=agent, slot="next")
    later = str(browser.open(browser.url).page.find_all("input", {"name": "slot"})[-1]["value"])
    browser.press("改到这个时间", slot=later)
    order.refresh_from_db()
    assert order.visit_day.isoformat() in later
    browser.press("提交", body="请先打电话")
    assert browser.has("请先打电话")
    browser.press("取消维修")
    assert browser.status == 422
    browser.press("取消维修", cancel__reason="自己修好了")
    order.refresh_from_db()
    assert order.state == states.CANCELLED and browser.has("已取消")


def test_a_visitor_chats_ends_rates_and_takes_the_transcript(clock, agent):
    on_duty(agent)
    browser = PlainBrowser().open("/zh-hans/chat/")
    a_moment(clock)
    browser.press("开始聊天", subject="脱水时漏水", name="周岚")
    chat = Conversation.objects.get()
    browser.press("发送", text="过滤器清过了")
    browser.press("发送", file=picture(name="panel.png"))
    assert [row.text for row in ChatMessage.objects.filter(sender="visitor", kind="text")] == ["脱水时漏水", "过滤器清过了"]
    taken_by(chat, agent)
    say(chat, "请看一下排水管", sender="agent", by=agent)
    browser.follow("查看新消息")
    assert browser.has("请看一下排水管") and browser.has("过滤器清过了")
    browser.press("发送", text="")
    assert ChatMessage.objects.filter(sender="visitor", kind="text").count() == 2
    browser.press("结束")
    chat.refresh_from_db()
    assert chat.status == Conversation.Status.ENDED
    browser.press("提交", rating="5", solved="yes", comment="很快")
    chat.refresh_from_db()
    assert (chat.rating, chat.solved) == (5, "yes")


def test_out_of_hours_the_same_form_leaves_a_message_with_a_number(clock):
    clock.move_to(MORNING.replace(hour=3))
    browser = PlainBrowser().open("/zh-hans/chat/")
    a_moment(clock)
    browser.press("留言", subject="洗衣机漏水", phone="138 0013 8199")
    assert browser.has(Ticket.objects.get().reference)


def test_a_repair_is_found_again_by_number_phone_and_code(clock, run_tasks):
    from tests.factories.accounts import ContactFactory
    from tests.factories.fieldservice import book

    order = book(contact=ContactFactory(phone="+8613800138009", email=""))
    browser = PlainBrowser().open("/zh-hans/track/")
    a_moment(clock)
    sms.outbox.clear()
    browser.press("发送验证码", reference=order.reference, address="138 0013 8009")
    code = code_of(run_tasks)
    browser.press("查看进度", code="111111" if code != "111111" else "222222")
    assert browser.has("验证码不对")
    browser.press("查看进度", code=code)
    assert browser.has(order.reference) and browser.has("接下来")


def test_a_member_changes_settings_and_gives_a_machine_away(clock, customer):
    from tests.factories.warranty import owned_unit

    WarrantySettings.load()
    TermFactory()
    unit = owned_unit(customer)
    browser = signed_in_browser(customer).open("/zh-hans/my/settings/notifications/")
    browser.press("保存", reminders__sms=True)
    assert customer.notice_choices.get(topic="reminders", channel="sms").wanted
    browser.open(f"/zh-hans/my/products/{unit.code}/").press("生成代码")
    code = browser.page.select_one(".plate-big b").get_text().strip()
    taker = MemberFactory(name="新主人", phone="+8613900000009")
    other = signed_in_browser(taker).open("/zh-hans/my/products/take/")
    other.press("继续", code=code)
    assert other.has(unit.model.number)
    other.press("接收")
    unit.refresh_from_db()
    assert unit.owner.user == taker and browser.open(f"/zh-hans/my/products/{unit.code}/").status == 404
