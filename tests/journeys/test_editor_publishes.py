"""Journey 4: a guide is written, reviewed by somebody else, found within seconds, and gone when it is taken back."""

import json
import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import press, written

EDITOR = "tang.yue@heyan.example"
REVIEWER = "fang.ming@heyan.example"
SAFETY_REVIEWER = "luo.wei@heyan.example"
TITLE = "洗衣机烘干后有豌豆糊味"
SUMMARY = "豌豆糊味多半来自线屑滤网，清理一次就好。"
SECONDS = 10


def guides_folder(page: Page) -> int:
    """Return the number of the Chinese guides' folder."""
    page.goto("/cms/api/main/pages/")
    items = json.loads(page.locator("body").inner_text())["items"]
    return next(item["id"] for item in items if item["meta"]["type"] == "kb.GuideIndexPage" and "/zh-hans/" in item["meta"]["html_url"])


def write_guide(page: Page, *, title: str = TITLE, summary: str = SUMMARY) -> None:
    """Write a guide as an editor does; nothing is saved yet."""
    page.goto(f"/cms/pages/add/kb/guidepage/{guides_folder(page)}/")
    page.fill("[name=title]", title)
    page.fill("[name=summary]", summary)
    page.locator("[name=families]").first.check()
    page.locator(".c-sf-add-button").first.click()
    page.locator("[role=option]", has_text="步骤").first.click()
    page.fill("[name='body-0-value-title']", "三步清理")
    page.fill("[name='body-0-value-steps-0-value-title']", "取出滤网")
    page.locator("#panel-child-u5185u5bb9-body-content [contenteditable=true]").first.fill("滤网在门框下沿，向上提就能取出。")
    written(page, "滤网在门框下沿")


def hand_in(page: Page) -> int:
    """Submit what stands in the editor for review; return the number of the page."""
    page.get_by_role("button", name="更多动作").click()
    with page.expect_navigation(url=re.compile(r"/cms/pages/\d+/$")):
        page.locator("[name=action-submit]").first.click()
    found = re.search(r"/pages/(\d+)/edit/", page.locator(".messages").inner_html())
    assert found, page.url
    return int(found[1])


def approve(page: Page, number: int) -> None:
    """Approve a page as its reviewer, as soon as the step before is done."""
    button, until = page.locator("[data-workflow-action-name=approve]"), time.monotonic() + SECONDS
    page.goto(f"/cms/pages/{number}/edit/")
    while not button.count() and time.monotonic() < until:
        page.wait_for_timeout(300)
        page.reload()
    with page.expect_navigation():
        button.first.evaluate("button => button.click()")  # in the menu of the foot


def search_finds(page: Page, title: str, *, words: str, language: str = "zh-hans", seconds: float = SECONDS) -> bool:
    """Ask until the search finds a title, at most so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        page.goto(f"/{language}/search/?q={words}")
        if page.locator(".result a", has_text=title).count():
            return True
        page.wait_for_timeout(300)
    return False


@pytest.mark.parametrize("size", ["desktop"])
def test_a_guide_goes_from_the_editor_past_the_reviewer_to_the_reader(someone, sign_in, check_page, size):
    author, reviewer = someone(size="desktop", language="zh-hans"), someone(size="desktop", language="zh-hans")
    reader = someone(size="phone", language="zh-hans")
    sign_in(author, EDITOR)
    sign_in(reviewer, REVIEWER)
    write_guide(author)
    number = hand_in(author)
    author.goto(f"/cms/pages/{number}/edit/")
    expect(author.locator("[data-workflow-action-name=approve]")).to_have_count(0)  # nobody approves their own
    for width in (375, 1280):
        author.set_viewport_size({"width": width, "height": 800})
        author.goto(f"/cms/pages/{number}/view_draft/")
        expect(author.locator("h1")).to_have_text(TITLE)
        check_page(author)
    assert not search_finds(reader, TITLE, words="豌豆糊味", seconds=1)

    reviewer.goto("/cms/")
    expect(reviewer.locator("main")).to_contain_text(TITLE)
    approve(reviewer, number)
    assert search_finds(reader, TITLE, words="豌豆糊味"), f"not found within {SECONDS} s"
    reader.locator(".result a", has_text=TITLE).first.click()
    expect(reader.locator("h1")).to_have_text(TITLE)
    expect(reader.locator(".steps")).to_contain_text("取出滤网")
    check_page(reader)
    address = reader.url

    reviewer.goto(f"/cms/pages/{number}/unpublish/")
    press(reviewer.locator("main form button[type=submit], main form input[type=submit]").first)
    assert reader.goto(address).status == 404
    until = time.monotonic() + SECONDS
    while search_finds(reader, TITLE, words="豌豆糊味", seconds=0.1):
        assert time.monotonic() < until, f"still found {SECONDS} s after it was taken back"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_work_lists_are_there_in_both_languages(someone, sign_in, language):
    page = someone(size="desktop", language=language)
    sign_in(page, EDITOR)
    page.goto(f"/language/{language}/?next=/cms/")
    for address in ("/cms/", "/cms/search/gaps/", "/cms/reports/unhelpful/", "/cms/reports/stale-translations/"):
        assert page.goto(address).status == 200
        expect(page.locator("main")).to_be_visible()


def test_a_recall_of_one_product_stands_on_that_product_only(someone):
    page = someone(size="phone", language="zh-hans")
    page.goto("/zh-hans/products/robot-vacuums/rv8-pro/")
    expect(page.locator("main")).to_contain_text("4.2.1")
    for address in ("/zh-hans/products/washing-machines/wf10-320/", "/zh-hans/products/air-conditioners/"):
        page.goto(address)
        expect(page.locator("body")).not_to_contain_text("4.2.1")
