"""Journey 5: a machine is repaired. A guest books, staff move the repair in another window, the guest sees it, answers, looks it up."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import LANGUAGES, SIZES, press

EVERYWHERE = [(language, size) for language in LANGUAGES for size in SIZES]
TWO = [("zh-hans", "phone"), ("en", "desktop")]
NUMBER = re.compile(r"/repairs/(R-\d{4}-\d+)/")
AGENT = "lin.tao@heyan.example"
FAULT = {"zh-hans": "不排水，停在脱水前", "en": "It does not drain and stops before the spin"}
WORDS = {
    "booked": {"zh-hans": "已收到报修", "en": "We have your repair"},
    "quoted": {"zh-hans": "等您答复", "en": "Waiting for you"},
    "scheduled": {"zh-hans": "已约好上门", "en": "Visit arranged"},
    "way": {"zh-hans": "正在赶来", "en": "On the way to you"},
    "returned": {"zh-hans": "已交还给您", "en": "Back with you"},
    "done": {"zh-hans": "已结束", "en": "Finished"},
}


def fill_booking(page: Page, language: str, *, phone: str = "", fault: bool = True) -> None:
    """Fill what is not known yet."""
    if fault:
        page.fill("#id_fault", FAULT[language])
    page.locator("input[name=wishes]").nth(0).check()
    page.locator("input[name=wishes]").nth(3).check()
    page.fill("#id_detail", "漕溪北路 88 号 1201 室")
    if phone:
        page.fill("#id_phone", phone)
    page.wait_for_timeout(1100)  # quicker than a second is a robot


def book(page: Page) -> str:
    """Send the form, past the answers that are offered first where none were seen while typing, and return the number."""
    press(page.locator("main form > .btns button.btn").last)
    if page.locator("#asked").count():
        page.locator("#asked button[name=still]").click()
    page.wait_for_url(NUMBER)
    return NUMBER.search(page.url)[1]


def step(desk: Page, number: str, move: str, **fields: str) -> None:
    """Make one move at the desk."""
    desk.goto(f"/desk/repairs/{number}/")
    desk.locator(f"#form-{move} > summary").click()
    for name, value in fields.items():
        desk.locator(f"#id_{move}_{name}").fill(value)
    desk.locator(f"#form-{move} form .btns button").click()
    expect(desk.locator(".notices, .messages, [role=status]").filter(has_text=number).first).to_be_visible()


def now(page: Page, language: str, word: str) -> None:
    """The guest looks again and sees where it is."""
    page.reload()
    expect(page.locator("header .tag").first).to_have_text(WORDS[word][language])


@pytest.mark.parametrize(("language", "size"), EVERYWHERE)
def test_a_guest_books_follows_agrees_and_moves_the_visit(someone, portal, sign_in, check_page, language, size):
    phone = {"zh-hansphone": "13900138071", "zh-hansdesktop": "13900138072", "enphone": "13900138073", "endesktop": "13900138074"}[
        language + size
    ]
    page = someone(size=size, language=language)
    page.goto(f"/{language}/")
    page.locator(f"a.entry[href='/{language}/repairs/new/']").click()
    page.wait_for_url("**/repairs/new/")
    expect(page.locator("#id_fault")).to_be_visible()
    check_page(page)
    fill_booking(page, language, phone=phone)
    expect(page.locator("#answers a").first).to_be_visible()  # what may spare the visit
    number = book(page)
    expect(page.locator("#arrived")).to_be_visible()
    expect(page.locator("header .tag").first).to_have_text(WORDS["booked"][language])
    check_page(page)
    told = portal.wait_for_mail(f"+86{phone}", containing=number)
    assert f"/{language}/repairs/{number}/?key=" in told

    desk = someone(size="desktop", language="zh-hans")
    sign_in(desk, AGENT)
    desk.goto(f"/desk/repairs/?q={phone[-4:]}")
    desk.locator("tr[data-row] a", has_text=number).click()
    expect(desk.locator("#repair-title")).to_be_visible()
    check_page(desk)
    step(desk, number, "check", finding="排水泵卡死")
    desk.locator("#form-quote > summary").click()
    desk.locator("input[name=line_text]").first.fill("排水泵 DP-31")
    desk.locator("input[name=line_amount]").first.fill("168")
    desk.locator("#form-quote form .btns button").click()
    expect(desk.locator("main")).to_contain_text("¥168")
    now(page, language, "quoted")
    check_page(page)
    page.locator("button[name=answer][value=approve]").click()
    expect(page.locator("ol.timeline li[data-state=now]")).to_have_count(1)

    desk.goto(f"/desk/repairs/{number}/")
    desk.locator("#form-schedule > summary").click()
    desk.locator("#id_schedule_engineer").fill("陈力")
    desk.locator("#form-schedule form .btns button").click()
    expect(desk.locator("#form-start_travel")).to_be_visible()
    now(page, language, "scheduled")
    expect(page.locator("#visit + p")).to_be_visible()
    expect(page.locator("main")).to_contain_text("陈力")
    before = page.locator("#visit + p").inner_text()
    page.locator("#fold-visit > summary").click()
    page.locator("#fold-visit input[type=radio]").last.check()
    page.locator("#fold-visit button").click()
    expect(page.locator("#visit + p")).not_to_have_text(before)
    check_page(page)

    step(desk, number, "start_travel")
    now(page, language, "way")
    step(desk, number, "finish", result="换了排水泵")
    step(desk, number, "test", result="跑了一次全程")
    step(desk, number, "return")
    now(page, language, "returned")
    page.locator("#works ~ form button").click()
    expect(page.locator("header .tag").first).to_have_text(WORDS["done"][language])
    assert page.locator("ol.timeline time").count() >= 8


@pytest.mark.parametrize(("language", "size"), TWO)
def test_looked_up_by_number_and_phone_and_wrong_ones_look_alike(someone, portal, check_page, language, size):
    phone = {"zh-hans": "13900138081", "en": "13900138082"}[language]
    guest = someone(size=size, language=language)
    guest.goto(f"/{language}/repairs/new/")
    fill_booking(guest, language, phone=phone)
    number = book(guest)
    portal.wait_for_mail(f"+86{phone}", containing=number)

    def ask(reference: str, address: str) -> Page:
        page = someone(size=size, language=language)
        page.goto(f"/{language}/track/")
        page.fill("#id_reference", reference)
        page.fill("#id_address", address)
        page.wait_for_timeout(1100)
        page.locator("main form button.btn").last.click()
        page.wait_for_url("**/track/code/")
        return page

    sent = len(portal.outbox(f"+86{phone}"))
    right, wrong_number, wrong_phone = ask(number, phone), ask("R-2601-00000", phone), ask(number, "13900139999")
    said = [re.sub(r"R-\d{4}-\d+|1\d\d\*{4}\d{4}", "", page.locator("main").inner_text()) for page in (right, wrong_number, wrong_phone)]
    assert said[0] == said[1] == said[2]
    check_page(right)
    code = re.search(r"\b\d{6}\b", portal.wait_for_mail(f"+86{phone}", after=sent).split("】")[-1].split("] ")[-1])[0]
    right.fill("#id_code", code)
    right.locator("main form button.btn").first.click()
    right.wait_for_url(NUMBER)
    expect(right.locator("h1")).to_be_visible()
    expect(right.locator("main")).to_contain_text(FAULT[language][:8])
    assert portal.outbox("+8613900139999") == []


@pytest.mark.parametrize(("language", "size"), TWO)
def test_a_member_books_from_a_machine_and_a_reader_from_a_guide(someone, sign_in, check_page, language, size):
    page = someone(size=size, language=language)
    sign_in(page, {"zh-hans": "zhou.lan@example.com", "en": "daniel.reyes@example.com"}[language])
    page.goto(f"/{language}/repairs/new/")
    check_page(page)
    page.locator(f"a[href^='/{language}/repairs/new/?unit=']").first.click()
    expect(page.locator("input[name=unit]")).to_have_count(1)
    expect(page.locator("#id_phone")).to_have_count(0)
    check_page(page)
    page.fill("#id_fault", FAULT[language])
    page.locator("input[name=wishes]").nth(1).check()
    page.locator("input[name=wishes]").nth(2).check()
    if not page.locator("input[name=saved]").count():
        page.fill("#id_detail", "漕溪北路 88 号")
    page.wait_for_timeout(1100)
    number = book(page)
    assert f"/{language}/my/repairs/{number}/" in page.url
    page.goto(f"/{language}/my/repairs/")
    expect(page.locator("main")).to_contain_text(number)
    check_page(page)

    reader = someone(size=size, language=language)
    reader.goto(f"/{language}/guides/washer-not-draining/")
    title = reader.locator("h1").inner_text()
    reader.locator(f"a[href*='/{language}/repairs/new/?article=']").first.click()
    expect(reader.locator("#id_fault")).to_have_value(title)
    expect(reader.locator("aside").filter(has_text=title).first).to_be_visible()


def test_booking_works_without_scripts(someone):
    page = someone(size="phone", language="zh-hans", java_script_enabled=False)
    page.goto("/zh-hans/repairs/new/?family=washing-machines&code=E2")
    fill_booking(page, "zh-hans", phone="13900138091", fault=False)
    number = book(page)
    expect(page.locator("main")).to_contain_text(number)
    page.locator("#fold-cancel > summary").click()
    page.fill("#id_cancel-reason", "自己修好了")
    page.locator("#fold-cancel button").click()
    expect(page.locator("header .tag").first).to_have_text("已取消")
