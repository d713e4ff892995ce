"""Journey: a small diagnosis with a mistake is written, explained in words, mended, tried out, reviewed twice and found by readers."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import written
from tests.journeys.test_editor_publishes import EDITOR, REVIEWER, SAFETY_REVIEWER, approve, hand_in, search_finds

TITLE = "烘干机有橡皮糊味"
SUMMARY = "两个问题分清是新机气味还是皮带磨损。"


def folder(page: Page) -> int:
    """Return the number of the Chinese list of diagnoses."""
    page.goto("/cms/")
    link = page.locator("nav a", has_text="诊断").first.get_attribute("href") or ""
    return int(link.strip("/").rpartition("/")[2])


def add_node(page: Page, place: int, kind: str, title: str) -> None:
    """Add a question or an outcome at the end of the outline and give it its words."""
    page.locator("[name=outline-count] ~ [data-streamfield-stream-container] > div > .c-sf-add-button").nth(place).click()
    page.locator("[role=option]", has_text=kind).first.click()
    page.fill(f"[name='outline-{place}-value-title']", title)


def choose(page: Page, field: str, words: str) -> None:
    """Choose a target by the words of its node."""
    select = page.locator(f"#{field}-choice")
    expect(select.locator("option", has_text=words)).to_have_count(1)
    select.select_option(label=select.locator("option", has_text=words).inner_text())


def fill_rich(page: Page, place: int, words: str) -> None:
    """Write the rich text of a node."""
    page.locator(f"[name='outline-{place}-value-text']").locator("xpath=..").locator("[contenteditable=true]").fill(words)
    written(page, words)


def write(page: Page) -> None:
    """Write a diagnosis of one question and two outcomes; “not sure” leads nowhere yet."""
    page.goto(f"/cms/pages/add/diagnosis/diagnosispage/{folder(page)}/")
    page.fill("[name=title]", TITLE)
    page.fill("[name=summary]", SUMMARY)
    page.locator("[name=families]").first.check()
    add_node(page, 0, "问题", "新买的，还是用过一年以上？")
    for place, words in enumerate(("头几次用", "一年以上")):
        if place:  # the first one is there
            page.locator("[name=outline-0-value-answers-count] ~ [data-streamfield-list-container] > .c-sf-add-button").nth(place).click()
        page.fill(f"[name='outline-0-value-answers-{place}-value-text']", words)
    add_node(page, 1, "结果", "新机气味，通风两天")
    page.select_option("[name='outline-1-value-outcome']", "ask_person")
    fill_rich(page, 1, "开窗空转两次，还有味道再找我们。")
    add_node(page, 2, "结果", "皮带可能磨坏了")
    page.select_option("[name='outline-2-value-outcome']", "danger")
    fill_rich(page, 2, "马上按停，拔下插头，别再开机。")
    page.fill("[name='outline-2-value-phone']", "400-200-1180")
    choose(page, "outline-0-value-answers-0-value-to", "新机气味")
    choose(page, "outline-0-value-answers-1-value-to", "皮带")


def test_a_diagnosis_is_written_mended_tried_reviewed_and_found(someone, sign_in, check_page) -> None:
    author, reader = someone(size="desktop", language="zh-hans"), someone(size="phone", language="zh-hans")
    sign_in(author, EDITOR)
    write(author)
    findings = author.locator(".hearth-findings")
    expect(findings).to_contain_text("请写明选“不确定”时到哪里")
    expect(author.locator(".hearth-graph svg .box")).to_have_count(3)

    with author.expect_navigation(url=re.compile(r"/cms/pages/\d+/edit/")):
        author.get_by_role("button", name="保存草稿").click()
    number = int(re.search(r"/pages/(\d+)/edit/", author.url)[1])
    author.get_by_role("button", name="更多动作").click()
    with author.expect_navigation():
        author.locator("[name=action-submit]").first.click()
    expect(author.locator("#outline-root")).to_contain_text("请写明选“不确定”时到哪里")
    author.locator(".hearth-findings a").first.click()
    expect(author.locator("[name='outline-0-value-title']")).to_be_focused()

    author.wait_for_timeout(1500)  # the editor saves by itself; leaving earlier would be two windows with two versions
    author.wait_for_load_state("networkidle")
    author.goto(f"/cms/pages/{number}/edit/")
    choose(author, "outline-0-value-unsure_to", "皮带")
    expect(findings).to_contain_text("没有循环，也没有死路")
    assert hand_in(author) == number

    author.goto(f"/cms/diagnosis/{number}/try/")
    author.get_by_role("link", name="不确定").first.click()
    expect(author.locator(".hearth-try-card h2")).to_have_text("皮带可能磨坏了")
    expect(author.locator(".hearth-try-card")).to_contain_text("400-200-1180")
    expect(author.locator(".hearth-graph .box.is-here")).to_contain_text("皮带")
    check_page(author)

    for mail in (REVIEWER, SAFETY_REVIEWER):  # a danger passes both
        reviewer = someone(size="desktop", language="zh-hans")
        sign_in(reviewer, mail)
        approve(reviewer, number)
    assert search_finds(reader, TITLE, words="橡皮糊味")
    reader.locator(".result a", has_text=TITLE).first.click()
    expect(reader.locator("h1")).to_have_text(TITLE)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_figures_stand_on_the_graph_and_in_a_table(someone, sign_in, check_page, language) -> None:
    page = someone(size="desktop", language=language)
    sign_in(page, EDITOR)
    page.goto(f"/language/{language}/?next=/cms/diagnosis/")
    page.locator("table.listing tbody a").first.click()
    expect(page.locator(".hearth-graph svg .box").first).to_be_visible()
    expect(page.locator("table.listing tbody tr").nth(5)).to_be_visible()
    check_page(page)
