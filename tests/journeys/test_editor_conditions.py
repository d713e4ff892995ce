"""Journey 4, for the reader's machine: a part for one model only is written, checked, reviewed twice, and seen by whom it is for."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import written
from tests.journeys.test_editor_publishes import (
    EDITOR,
    REVIEWER,
    SAFETY_REVIEWER,
    SECONDS,
    approve,
    hand_in,
    search_finds,
    write_guide,
)

TITLE, SUMMARY = "洗衣机显示屏有百香果贴纸", "百香果贴纸撕掉就好，别用刀刮。"
PART = "纤薄款的贴纸在门边，从门框里侧撕。"


def add_part_for_one_model(page: Page) -> None:
    """Add a text that only the slim model's owners see, and a careful word to the first step."""
    page.fill("[name='body-0-value-steps-0-value-warning']", "先拔插头。")
    page.locator("#panel-child-u5185u5bb9-body-content .c-sf-add-button").last.click()
    page.locator("[role=option]", has_text="文字").first.click()
    text = page.locator("[name='body-1-value-text']")
    expect(text).to_have_count(1)
    page.locator("[data-contentpath=text] [contenteditable=true]").last.fill(PART)
    box = page.locator("input[name='body-1-value-only_for-models'][value='wf8-210']")
    expect(box).to_have_count(1)
    expect(box).to_be_hidden()  # behind the block's settings
    page.locator("button[title=设置]").last.click()
    box.check()
    written(page, PART)


def look_at_the_checks(page: Page) -> None:
    """See, while writing, how the part is labelled and what there is to look at."""
    page.locator("[data-side-panel-toggle=preview]").click()
    inside = page.frame_locator("#w-preview-iframe")
    expect(inside.locator("article")).to_contain_text(PART)
    expect(inside.locator("article")).to_contain_text("仅适用于 WF8-210")
    page.select_option("#id_preview_mode", label="附检查结果")
    expect(inside.locator(".findings")).to_contain_text("没有图片")
    page.locator("[data-side-panel-toggle=preview]").click()


def test_a_part_for_one_model_passes_two_reviews_and_reaches_whom_it_is_for(someone, sign_in, check_page):
    author, reviewer, safety = (someone(size="desktop", language="zh-hans") for _ in range(3))
    reader = someone(size="phone", language="zh-hans")
    sign_in(author, EDITOR)
    sign_in(reviewer, REVIEWER)
    sign_in(safety, SAFETY_REVIEWER)
    write_guide(author, title=TITLE, summary=SUMMARY)
    add_part_for_one_model(author)
    look_at_the_checks(author)
    number = hand_in(author)
    author.goto(f"/cms/pages/{number}/edit/")
    expect(author.locator("main")).to_contain_text("没有图片")  # of the saved draft

    reviewer.goto(f"/cms/pages/{number}/edit/")
    expect(reviewer.locator("[name=action-publish]")).to_have_count(0)  # there is no way past the reviews
    approve(reviewer, number)
    assert not search_finds(reader, TITLE, words="百香果贴纸", seconds=1), "live before the safety review"
    approve(safety, number)
    assert search_finds(reader, TITLE, words="百香果贴纸"), f"not found within {SECONDS} s"

    reader.locator(".result a", has_text=TITLE).first.click()
    guide = reader.locator("#guide")
    expect(guide).to_contain_text(PART)
    expect(guide).to_contain_text("仅适用于 WF8-210")
    check_page(reader)
    reader.get_by_role("link", name="您的是哪一款？").first.click()
    choose(reader, "WF10-320")
    expect(guide).not_to_contain_text(PART)
    expect(guide).to_contain_text("这里略去一部分，仅适用于 WF8-210")
    check_page(reader)
    choose(reader, "WF8-210")
    expect(guide).to_contain_text(PART)
    expect(guide.locator(".only-for[data-fit=yes]")).to_have_count(1)


def choose(page: Page, model: str) -> None:
    """Say which machine is one's own."""
    page.select_option("#machine-model", label=model)
    page.get_by_role("button", name="只看适用的").click()
    page.wait_for_url(re.compile(r"model="))
