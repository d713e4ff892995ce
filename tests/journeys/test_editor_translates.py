"""Journey 4, the rest of it: previews on phone and desktop, a guide in the other language, its source moving on, news about one product."""

import re
import time

from playwright.sync_api import Page, expect

from tests.journeys.conftest import press, written
from tests.journeys.test_editor_publishes import EDITOR, REVIEWER, SAFETY_REVIEWER, SECONDS, approve, hand_in, search_finds, write_guide

TITLE, SUMMARY = "滚筒洗衣机里有柚子味", "柚子味来自洗衣液残留，空转一次桶自洁就散。"
NEW_SUMMARY = "柚子味来自洗衣液残留：先断水，再空转一次桶自洁。"
ENGLISH = {
    TITLE: "Grapefruit smell in the drum",
    SUMMARY: "The grapefruit smell is left-over detergent; one empty drum clean takes it away.",
    "三步清理": "Clean it in three steps",
    "取出滤网": "Take out the filter",
    "滤网在门框下沿，向上提就能取出。": "The filter sits below the door; lift it out.",
}
MODEL = "RC326"
NEWS = {"zh-hans": "RC326 门灯批次免费更换", "en": "Free door lamps for RC326"}
ELSEWHERE = ["/zh-hans/products/washing-machines/wf10-320/", "/en/products/air-conditioners/"]


def look_at_the_preview(page: Page) -> None:
    """Open the preview beside the editor and see the unsaved guide as a phone and as a desktop show it."""
    page.locator("[data-side-panel-toggle=preview]").click()
    for device, width in (("mobile", 375), ("desktop", 1280)):
        page.locator(f".w-preview__size-button:has([name=preview-size][value={device}])").click()
        inside = page.frame_locator("#w-preview-iframe")
        expect(inside.locator("h1")).to_have_text(TITLE)
        expect(inside.locator(".steps")).to_contain_text("取出滤网")
        expect(inside.locator(".tabbar")).to_be_visible(visible=device == "mobile")  # the bar that only phones have
        assert page.locator("#w-preview-iframe").evaluate("frame => frame.contentWindow.innerWidth") == width
    page.locator("[data-side-panel-toggle=preview]").click()


def translate(page: Page, number: int) -> int:
    """Send a guide to the translators and write its English in the CMS; return the number of the English page."""
    page.goto(f"/cms/localize/submit/page/{number}/")
    page.locator("#id_locales input").first.check()
    page.locator("main form input[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/pages/\d+/edit/"))
    for source, english in ENGLISH.items():
        write_segment(page, source, english)
    return int(re.search(r"/pages/(\d+)/edit/", page.url)[1])


def write_segment(page: Page, source: str, english: str) -> None:
    """Translate one text in the translators' screen."""
    row = page.locator("main li", has=page.get_by_text(source, exact=True)).last
    row.get_by_role("button", name=re.compile("翻译|编辑")).click()
    row.locator("textarea, [contenteditable=true]").first.fill(english)
    row.get_by_role("button", name="保存").click()
    expect(row.locator("textarea, [contenteditable=true]")).to_have_count(0)


def listed_soon(page: Page, address: str, title: str) -> bool:
    """Open a list of the CMS until it names a title, at most ten seconds: it follows in the background."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        page.goto(address)
        if page.locator("main").get_by_text(title).count():
            return True
        page.wait_for_timeout(300)
    return False


def test_a_guide_is_previewed_translated_and_flagged_when_its_source_moves_on(someone, sign_in, check_page):
    author, reviewer = someone(size="desktop", language="zh-hans"), someone(size="desktop", language="zh-hans")
    reader = someone(size="phone", language="en")
    sign_in(author, EDITOR)
    sign_in(reviewer, REVIEWER)
    write_guide(author, title=TITLE, summary=SUMMARY)
    look_at_the_preview(author)
    number = hand_in(author)
    approve(reviewer, number)

    english = translate(author, number)
    author.goto(f"/cms/pages/{english}/edit/")
    author.locator(".messages form button").click()
    reviewer.goto(f"/cms/pages/{english}/edit/")
    press(reviewer.locator(".messages form button", has_text="批准"))
    assert search_finds(reader, ENGLISH[TITLE], words="grapefruit smell", language="en"), f"not found within {SECONDS} s"
    reader.locator(".result a", has_text=ENGLISH[TITLE]).first.click()
    expect(reader.locator("h1")).to_have_text(ENGLISH[TITLE])
    expect(reader.locator(".steps")).to_contain_text("Take out the filter")
    check_page(reader)
    address = reader.url

    author.goto(f"/cms/pages/{number}/edit/")
    author.fill("[name=summary]", NEW_SUMMARY)
    author.select_option("[name=significance]", "major")
    author.fill("[name=change_note]", "先断水，再空转。")
    hand_in(author)
    approve(reviewer, number)
    safety_reviewer = someone(size="desktop", language="zh-hans")  # a major change is read by the safety reviewers as well
    sign_in(safety_reviewer, SAFETY_REVIEWER)
    approve(safety_reviewer, number)
    assert listed_soon(author, "/cms/reports/stale-translations/", ENGLISH[TITLE])
    author.goto(f"/cms/pages/{english}/edit/")
    expect(author.locator(".messages")).to_contain_text("原文")
    reader.goto(address)
    expect(reader.locator("main")).to_contain_text("has changed since this was translated")


def use_action(page: Page, name: str, **fields: str) -> None:
    """Choose an action above the announcement and confirm it."""
    edit = page.url
    page.get_by_role("button", name="动作", exact=True).click()
    page.get_by_role("link", name=name).click()
    for field, value in fields.items():
        page.fill(f"[name={field}]", value)
    page.locator("main form[method=post] button.button").click()
    page.wait_for_url(edit)


def expect_news(readers: dict[str, Page], *, there: bool) -> None:
    """See the announcement on the product's page in both languages, or on neither."""
    for language, page in readers.items():
        page.goto(f"/{language}/products/refrigerators/{MODEL.lower()}/")
        expect(page.locator("main").get_by_text(NEWS[language])).to_have_count(int(there))


def test_an_announcement_about_one_product_stands_there_in_both_languages_until_it_is_withdrawn(someone, sign_in):
    author = someone(size="desktop", language="zh-hans")
    readers = {language: someone(size="phone", language=language) for language in NEWS}
    sign_in(author, REVIEWER)
    author.goto("/cms/snippets/kb/announcement/add/")
    author.fill("[name=title_zh_hans]", NEWS["zh-hans"])
    author.fill("[name=title_en]", NEWS["en"])
    for field, language in ((0, "zh-hans"), (1, "en")):
        author.locator("main form [contenteditable=true]").nth(field).fill(
            {"zh-hans": "请凭序列号预约。", "en": "Book with the serial number."}[language]
        )
    author.select_option("[name=severity]", "info")
    author.select_option("[name=product_models]", label=MODEL)
    written(author, "Book with the serial number.")
    author.get_by_role("button", name="保存草稿").click()
    author.wait_for_url(re.compile(r"/announcement/edit/\d+/"))
    expect_news(readers, there=False)

    use_action(author, "立即发布")
    expect_news(readers, there=True)
    for address in ELSEWHERE:
        reader = readers[address.split("/")[1]]
        reader.goto(address)
        expect(reader.locator("body")).not_to_contain_text(NEWS[address.split("/")[1]])
    use_action(author, "撤销", reason="批次有误")
    expect_news(readers, there=False)
