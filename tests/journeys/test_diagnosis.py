"""Journey: step by step to the cause. Answers are changed, taken to another device, and what is not solved arrives at a person."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

TWO = [("zh-hans", "phone"), ("en", "desktop")]
STEP = re.compile(r"/diagnose/run/([^/]+)/([a-z0-9-]+)/")
REPAIR = re.compile(r"/repairs/(R-\d{4}-\d+)/")
TICKET = re.compile(r"/help/(T-\d{4}-[0-9A-Z]+)/")
AGENT = "lin.tao@heyan.example"
SLUG = "washer-stays-full"
WORDS = {
    "progress": {"zh-hans": "第 5 题", "en": "Question 5"},
    "danger": {"zh-hans": "危险：有焦味", "en": "Danger: Burning smell"},
    "silent": {"zh-hans": "没有声音", "en": "No sound at all"},
    "unsure": {"zh-hans": "不确定", "en": "Not sure"},
    "error": {"zh-hans": "错误：", "en": "Error:"},
    "kinked": {"zh-hans": "打折或压扁了", "en": "Kinked or squashed"},
}


def answer(page: Page, node: str, key: str) -> None:
    """Answer the question that is open, which has to be `node`, and go on."""
    expect(page).to_have_url(re.compile(rf"/diagnose/run/[^/]+/{node}/"))
    page.locator(f"input[name=answer][value='{key}']").check()
    page.locator("form:has(input[name=answer]) .btns button").click()


def at(page: Page, node: str) -> None:
    """Stand at a question or outcome."""
    expect(page).to_have_url(re.compile(rf"/diagnose/run/[^/]+/{node}/"))


def begin(page: Page, language: str) -> None:
    """Go from the product's page to the first question; the model goes along."""
    page.goto(f"/{language}/products/washing-machines/wf10-320/")
    page.locator(f"main a[href*='/diagnose/{SLUG}/']").first.click()
    page.wait_for_url(f"**/diagnose/{SLUG}/**")
    expect(page.locator("main")).to_contain_text("WF10-320")
    expect(page.locator("#safety")).to_be_visible()
    page.locator(f"form[action$='/diagnose/{SLUG}/'] button").click()
    at(page, "floor")


def photo() -> dict[str, object]:
    """Return a small picture as a browser sends it."""
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(buffer, "JPEG")
    return {"name": "pump.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


@pytest.mark.parametrize(("language", "size"), TWO)
def test_answers_are_changed_travel_and_arrive_at_the_repair_and_the_agent(someone, sign_in, check_page, language, size):
    page = someone(size=size, language=language)
    begin(page, language)
    check_page(page)

    # Four answers; nothing chosen is said in words.
    page.locator("form:has(input[name=answer]) .btns button").click()
    expect(page.locator(".error-summary")).to_be_focused()
    assert page.title().startswith(WORDS["error"][language])
    answer(page, "floor", "dry")
    answer(page, "hose", "fine")
    answer(page, "height", "right")
    answer(page, "sound", "silent")
    at(page, "recently-cleaned")
    expect(page.locator(".progress p")).to_contain_text(WORDS["progress"][language])

    # The browser's own way back, twice; that answer becomes “not sure”, the later one stays.
    page.go_back()
    at(page, "sound")
    page.go_back()
    at(page, "height")
    expect(page.locator("input[value=right]")).to_be_checked()
    answer(page, "height", "unsure")
    at(page, "recently-cleaned")
    expect(page.locator(".diagnosis-answers")).to_contain_text(WORDS["unsure"][language])
    expect(page.locator(".diagnosis-answers")).to_contain_text(WORDS["silent"][language])

    # One answer is changed from the list and back again; what was said is offered, not forgotten.
    page.locator(".diagnosis-answers a[href$='/hose/']").click()
    answer(page, "hose", "kinked")
    at(page, "straighten")
    expect(page.locator(".diagnosis-answers")).to_contain_text(WORDS["kinked"][language])
    check_page(page)
    page.locator(".diagnosis-answers a[href$='/hose/']").click()
    answer(page, "hose", "fine")
    at(page, "height")
    expect(page.locator("input[value=unsure]")).to_be_checked()
    answer(page, "height", "right")
    expect(page.locator("input[value=silent]")).to_be_checked()

    # Danger stops with words, an icon and a number; nothing to go on with.
    answer(page, "sound", "burning")
    at(page, "burning-pump")
    stop = page.locator("[data-kind=danger]")
    expect(stop).to_contain_text(WORDS["danger"][language])
    assert stop.locator("svg").count() and page.locator("input[name=answer]").count() == 0
    expect(page.locator("a.btn.danger")).to_have_attribute("href", re.compile(r"^tel:\+?\d+"))
    assert page.locator("main a[href*='/repairs/new/?run=']").count() == 1
    check_page(page)
    page.locator("main a[href$='/sound/']").first.click()
    answer(page, "sound", "silent")
    at(page, "recently-cleaned")

    # Reloaded, and opened in another browser by its link and by its code.
    page.reload()
    at(page, "recently-cleaned")
    page.locator("details:has(.diagnosis-else) summary").click()
    link = page.locator(".diagnosis-else a").first.get_attribute("href")
    code = page.locator(".diagnosis-else .plate").inner_text()
    check_page(page)
    other = someone(size="phone", language=language)
    other.goto(link)
    at(other, "recently-cleaned")
    expect(other.locator(".diagnosis-answers")).to_contain_text(WORDS["silent"][language])
    other.goto(f"/{language}/diagnose/")
    other.fill("#go-on-code", code)
    other.locator("form:has(#go-on-code) button").click()
    answer(other, "recently-cleaned", "clean")
    at(other, "pump")

    # In the first browser the run stands where the other one left it; unsolved it becomes a repair.
    page.goto(link)
    at(page, "pump")
    expect(page.locator("main")).to_contain_text("DP-31")
    page.fill("#id_note", {"zh-hans": "昨晚开始的", "en": "Since last night"}[language])
    page.locator("input[name=files]").set_input_files(photo())
    expect(page.locator(".upload-list .file")).to_have_count(1)
    expect(page.locator("input[name=attachments]")).to_have_count(1)
    check_page(page)
    page.locator("button[name=to][value=repair]").click()
    page.wait_for_url("**/repairs/new/?run=*")
    expect(page.locator("main")).to_contain_text("WF10-320")
    expect(page.locator("#carried")).to_be_visible()
    expect(page.locator(".carried")).to_contain_text(WORDS["silent"][language])
    assert {"zh-hans": "昨晚开始的", "en": "Since last night"}[language] in page.locator("#id_fault").input_value()
    check_page(page)
    page.locator("input[name=wishes]").nth(0).check()
    page.locator("input[name=wishes]").nth(3).check()
    page.fill("#id_detail", "漕溪北路 88 号 1201 室")
    page.fill("#id_phone", {"zh-hans": "13900138171", "en": "13900138172"}[language])
    page.wait_for_timeout(1100)  # quicker than a second is a robot
    page.locator("main form > .btns button.btn").last.click()
    page.wait_for_url(REPAIR)
    expect(page.locator("main")).to_contain_text(WORDS["silent"][language])
    check_page(page)

    # Another diagnosis, given up half-way, becomes a request; the agent reads the answers beside it.
    begin(page, language)
    answer(page, "floor", "dry")
    answer(page, "hose", "fine")
    answer(page, "height", "right")
    page.locator("main a[href*='/help/?run=']").click()
    page.wait_for_url("**/help/?run=*")
    page.fill("#id_email", f"diagnosis-{language}@example.com")
    page.wait_for_timeout(1100)  # quicker than a second is a robot
    page.locator("main form > .btns button.btn").last.click()
    page.wait_for_url(TICKET)
    number = TICKET.search(page.url)[1]
    desk = someone(size="desktop", language="zh-hans")
    sign_in(desk, AGENT)
    desk.goto(f"/desk/tickets/{number}/")
    read = desk.locator(".diagnosis-read").last
    expect(read.locator("li")).to_have_count(3)
    expect(read).to_contain_text("60 到 100 厘米")


def test_it_works_without_scripts_and_ends_well(someone):
    page = someone(language="zh-hans", java_script_enabled=False)
    begin(page, "zh-hans")
    for node, key in (("floor", "dry"), ("hose", "fine"), ("height", "unsure"), ("sound", "hums")):
        answer(page, node, key)
    at(page, "filter-clean")
    page.locator("button[name=solved][value=no]").click()
    expect(page.locator("#person")).to_be_visible()
    page.locator("main a[href$='/sound/']").first.click()
    answer(page, "sound", "unsure")
    answer(page, "recently-cleaned", "no")
    at(page, "filter-clean")
    page.goto(page.url.replace("/zh-hans/", "/en/"))
    expect(page.locator("h1")).to_have_text("Clean the pump filter")
    page.locator("button[name=solved][value=yes]").click()
    expect(page.locator("main")).to_contain_text("Good that it works again")
    assert page.locator("button[name=solved]").count() == 0
