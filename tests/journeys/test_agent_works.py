"""Journey 3: an agent takes a request that already tells everything, answers it, and the customer has the last word."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import press
from tests.journeys.test_consumer_asks import PLAIN, fill_request, send

FIRST = "lin.tao@heyan.example"
SECOND = "xu.xiaowen@heyan.example"
TWO = [("zh-hans", "desktop"), ("en", "phone")]
SECRET = "排水泵批次有问题，先别告诉客户"


def switch_desk_language(page: Page, language: str) -> None:
    """Read the desk in a language."""
    page.goto(f"/language/{language}/?next=/desk/")


def asked(someone, language: str, mail: str, *, phone: str = "") -> tuple[Page, str]:
    """A customer who searched, read a guide and asked: their page and the number of the request."""
    page = someone(size="phone", language=language)
    page.goto(f"/{language}/search/?q=E2")
    page.goto(f"/{language}/guides/washer-not-draining/?q=E2")
    page.wait_for_timeout(1500)  # opened is what was looked at for a second
    fill_request(page, language, subject=PLAIN[language], email=mail, phone=phone, name="Ada Qin")
    return page, send(page)


@pytest.mark.parametrize(("language", "size"), TWO)
def test_a_request_is_claimed_answered_and_closed(someone, sign_in, portal, check_page, language, size):
    mail = f"ada-{language}@example.com"
    customer, number = asked(someone, language, mail)
    agent, rival = someone(size=size, language=language), someone(size=size, language=language)
    sign_in(agent, FIRST)
    sign_in(rival, SECOND)
    for page in (agent, rival):
        switch_desk_language(page, language)
    expect(agent.locator("h1")).to_be_visible()
    check_page(agent)
    agent.goto("/desk/queue/")
    due = agent.locator(".queue-list time, .queue-list [data-due]").evaluate_all(
        "all => all.map(one => one.dateTime || one.dataset.due).filter(Boolean)"
    )
    assert due == sorted(due), "the queue is not in due order"
    check_page(agent)
    for page in (agent, rival):
        page.goto(f"/desk/tickets/{number}/")
    check_page(agent)
    press(agent.locator(".ticket-head form button"))
    expect(agent.locator(".ticket-head form button")).to_have_count(0)
    rival.locator(".ticket-head form button").click()
    expect(rival.locator("main")).to_contain_text("林涛")  # told who was quicker
    side = agent.locator(".pane-side")
    expect(side).to_contain_text("E2")
    expect(side.locator("a[href*='washer-not-draining']").first).to_be_attached()
    expect(side).not_to_contain_text(mail)  # masked until asked for
    agent.locator("[data-open-dialog=clock]").click()
    expect(agent.locator("#clock-body h3").first).to_be_visible()
    agent.locator("#clock [data-close-dialog]").click()

    agent.locator("#tab-note").click()
    agent.fill("#id_note_note", SECRET)
    agent.locator("#panel-note button.btn").click()
    expect(agent.locator("#thread .bubble.note")).to_contain_text(SECRET)

    agent.locator("#tab-reply").click()
    agent.locator("#id_reply_body").press_sequentially("/")
    panel = agent.locator("[data-canned-panel]")
    expect(panel).to_be_visible()
    agent.keyboard.press("ArrowDown")
    agent.keyboard.press("Enter")
    expect(agent.locator("#id_reply_body")).not_to_have_value("/")
    agent.locator("#id_reply_body").fill({"zh-hans": "请先看这份步骤。", "en": "Please follow these steps first."}[language])
    agent.locator(".writer .foot [data-open-dialog=articles]").click()
    agent.fill("#article-q", {"zh-hans": "排水", "en": "drain"}[language])
    agent.locator("#article-hits [data-insert-article]").first.click()
    expect(agent.locator("[data-articles] li")).to_have_count(1)
    before = len(portal.outbox(mail))
    agent.locator(".writer button[name=then][value=wait]").click()
    expect(agent.locator("#thread .bubble.me").last).to_contain_text({"zh-hans": "步骤", "en": "steps"}[language])

    text = portal.wait_for_mail(mail, after=before)
    assert SECRET not in text
    customer.reload()
    thread = customer.locator(".thread")
    expect(thread).to_contain_text({"zh-hans": "请先看这份步骤", "en": "Please follow these steps"}[language])
    expect(thread.locator("a[href*='/guides/']")).to_be_visible()
    assert SECRET not in customer.content()
    customer.fill("#id_body", {"zh-hans": "清理了，还是不行", "en": "Cleaned it, still no"}[language])
    customer.locator("form:has(#id_body) button.btn").last.click()
    expect(customer.locator(".thread")).to_contain_text({"zh-hans": "清理了，还是不行", "en": "Cleaned it, still no"}[language])

    agent.goto(f"/desk/tickets/{number}/")
    expect(agent.locator("#thread")).to_contain_text({"zh-hans": "清理了", "en": "Cleaned it"}[language])
    agent.locator("#form-priority summary").click()
    agent.select_option("#id_priority_urgency", index=0)
    agent.fill("#id_priority_reason", "baby at home")
    press(agent.locator("#form-priority button.btn"))
    agent.locator("#form-resolve summary").click()
    agent.fill("#id_resolve_summary", {"zh-hans": "换了排水泵", "en": "Replaced the drain pump"}[language])
    agent.locator("#form-resolve button.btn").click()
    expect(agent.locator("#form-reopen")).to_be_attached()

    customer.reload()
    expect(customer.locator("#solved")).to_be_visible()
    check_page(customer)
    again = customer.locator("section:has(#solved) details")
    again.locator("summary").click()
    again.locator("[name=reason]").fill({"zh-hans": "又坏了", "en": "Broken again"}[language])
    again.locator("button").click()
    expect(customer.locator("#solved")).to_have_count(0)
    agent.goto(f"/desk/tickets/{number}/")
    agent.locator("#form-resolve summary").click()
    agent.fill("#id_resolve_summary", {"zh-hans": "重新接好了", "en": "Connected again"}[language])
    agent.locator("#form-resolve button.btn").click()
    expect(agent.locator("#form-reopen")).to_be_attached()
    customer.reload()
    customer.locator("form[action$='/confirm/'] button").click()
    expect(customer.locator("form[action$='/confirm/']")).to_have_count(0)


@pytest.mark.parametrize(("language", "size"), TWO)
def test_a_call_is_logged_and_found_by_number_phone_and_name(someone, sign_in, check_page, language, size):
    digits = {"zh-hans": "13700137001", "en": "13700137002"}[language]
    name = {"zh-hans": "柳如烟", "en": "Quentin Marsh"}[language]
    page = someone(size=size, language=language)
    sign_in(page, FIRST)
    switch_desk_language(page, language)
    page.goto("/desk/tickets/new/")
    check_page(page)
    page.locator("[name=name]").fill(name)
    page.locator("[name=phone]").fill(digits)
    page.locator("[name=subject]").fill(PLAIN[language])
    page.locator("[name=description]").fill({"zh-hans": "客户想换一个外壳", "en": "Wants another casing"}[language])
    page.locator("main form[method=post] .btns button.btn").click()
    page.wait_for_url(re.compile(r"/desk/tickets/T-"))
    number = re.search(r"T-\d{4}-[0-9A-Z]+", page.url)[0]
    for words in (number, digits, digits[-4:], name):
        page.goto(f"/desk/tickets/?q={words}&status=any")
        if number not in page.url:
            expect(page.locator("main")).to_contain_text(number)
    check_page(page)


def test_the_desk_works_by_keys_alone(someone, sign_in, portal):
    _customer, number = asked(someone, "zh-hans", "keys@example.com")
    page = someone(size="desktop", language="zh-hans")
    sign_in(page, FIRST)
    page.goto("/desk/queue/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('[data-row]') !== null")
    page.keyboard.press("Slash")
    assert page.evaluate("document.activeElement.id") == "desk-q"
    page.keyboard.type(number)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    if f"/tickets/{number}/" not in page.url:
        page.locator("h1").click()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/tickets/{number}/")
    with page.expect_navigation():  # to the same page, claimed; its keys work once it is there
        page.keyboard.press("a")
    expect(page.locator(".ticket-head form button")).to_have_count(0)
    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.id") == "id_note_note"
    page.keyboard.type("keys only")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread .bubble.note")).to_contain_text("keys only")
    page.wait_for_load_state()
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "id_reply_body"
    page.keyboard.type("您好，已收到。")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread .bubble.me").last).to_contain_text("已收到")


def test_notice_of_new_work_arrives_without_a_reload(someone, sign_in, portal):
    customer, number = asked(someone, "zh-hans", "notice@example.com")
    agent = someone(size="desktop", language="zh-hans")
    sign_in(agent, FIRST)
    agent.goto(f"/desk/tickets/{number}/")
    press(agent.locator(".ticket-head form button"))
    agent.goto("/desk/")
    customer.reload()
    customer.fill("#id_body", "补充：型号是 WF10-320")
    customer.locator("form:has(#id_body) button.btn").last.click()
    expect(agent.locator("#notices")).to_contain_text(PLAIN["zh-hans"][:8], timeout=12_000)
