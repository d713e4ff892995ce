"""Journey 1: somebody whose machine has stopped finds the answer, on a phone or a desk, in Chinese or in English."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import LANGUAGES, SIZES

EVERYWHERE = [(language, size) for language in LANGUAGES for size in SIZES]
GUIDE = {"zh-hans": "滚筒洗衣机不排水：清理排水泵过滤器", "en": "Washing machine does not drain: clean the pump filter"}
OTHER = {"zh-hans": "en", "en": "zh-hans"}
DRAINS = ["洗衣机不排水", "排水", "won't drain", "paishui"]
CODES = ["E2", "e-02", "Ｅ２"]


def suggestions(page: Page, text: str):
    """Type as a person does and return the list that opens."""
    page.fill("#q", "")
    page.locator("#q").press_sequentially(text, delay=15)
    panel = page.locator("#q-panel")
    expect(panel.locator("[role=option]").first).to_be_visible()
    return panel


@pytest.mark.parametrize(("language", "size"), EVERYWHERE)
def test_home_tells_a_stranger_what_it_does_and_search_comes_first(someone, check_page, language, size):
    page = someone(size=size, language=language)
    page.goto("/")
    expect(page).to_have_url(re.compile(f"/{language}/$"))  # what the browser prefers
    assert page.locator("h1").inner_text().strip()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.locator(".bench .tile, .bench a").count() >= 6
    assert page.locator(".bench img").first.evaluate("image => image.complete && image.naturalWidth > 0")
    assert page.locator("a[href^='tel:']").count() >= 1
    assert page.locator(f"a[href='/{language}/help/']:visible").count() >= 1
    assert page.locator(".strip").count() >= 1
    check_page(page)
    page.locator("header .tools a[hreflang]").click()
    expect(page).to_have_url(re.compile(f"/{OTHER[language]}/$"))


@pytest.mark.parametrize(("language", "size"), EVERYWHERE)
def test_suggestions_find_the_drain_and_the_code_while_typing(someone, language, size):
    page = someone(size=size, language=language)
    page.goto(f"/{language}/")
    for text in DRAINS:
        panel = suggestions(page, text)
        expect(panel.locator("[data-url*='washer-not-draining'], [data-url*='codes/washing-machines/E2']").first).to_be_visible()
        assert re.search(r"\d", page.locator("hearth-search [role=status]").inner_text()), "the count is not read out"
    for text in CODES:
        panel = suggestions(page, text)
        expect(panel.locator("[data-url*='codes/washing-machines/E2/']")).to_be_visible()
        assert panel.locator("[role=option]").first.get_attribute("data-kind") == "code"
    page.locator("#q").press("Escape")
    expect(page.locator("#q-panel")).to_be_hidden()
    assert page.input_value("#q") == "Ｅ２"
    page.locator("#q").press("ArrowDown")
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
    chosen = page.locator("#q").get_attribute("aria-activedescendant")
    option = page.locator(f"#{chosen}")
    expect(option).to_have_attribute("aria-selected", "true")
    page.locator("#q").press("ArrowUp")
    expect(page.locator("#q-panel [role=option].all")).to_have_attribute("aria-selected", "true")
    page.locator("#q").press("ArrowDown")
    address = option.get_attribute("data-url")
    page.locator("#q").press("Enter")
    page.wait_for_url(lambda url: url.endswith(address))


@pytest.mark.parametrize(("language", "size"), EVERYWHERE)
def test_results_are_filtered_and_lead_to_the_guide(someone, check_page, language, size):
    page = someone(size=size, language=language)
    page.goto(f"/{language}/")
    page.fill("#q", {"zh-hans": "洗衣机不排水", "en": "washer won't drain"}[language])
    page.locator("#q").press("Enter")
    page.wait_for_url("**/search/**")
    expect(page.locator(".result").first).to_be_visible()
    check_page(page)
    before = page.locator("main .row p[role=status]").first.inner_text()
    if size == "phone":
        page.locator("details.facet-phone summary").click()
    page.locator(".facet a:visible", has_text=re.compile("洗衣机|Washing")).first.click()
    page.wait_for_url("**product=**")
    expect(page.locator(".plates .chip.on")).to_be_visible()
    assert page.locator("main .row p[role=status]").first.inner_text() != before
    page.locator(".plates .chip.on").first.click()
    page.wait_for_url(lambda url: "product=" not in url)
    page.get_by_role("link", name=GUIDE[language]).first.click()
    expect(page.locator("h1")).to_have_text(GUIDE[language])


@pytest.mark.parametrize(("language", "size"), EVERYWHERE)
def test_a_product_is_found_by_picture_and_by_a_part_of_its_number(someone, check_page, language, size):
    page = someone(size=size, language=language)
    page.goto(f"/{language}/")
    page.locator(".bench a").first.click()
    page.wait_for_url("**/products/washing-machines/")
    check_page(page)
    page.fill("#model-q", "f10 3")
    page.locator("#model-q").press("Enter")
    page.wait_for_url("**q=f10*")
    links = page.locator("main a[href$='/wf10-320/']")
    expect(links.first).to_be_visible()
    expect(page.locator("main a[href$='/wt9-180/']")).to_have_count(0)
    links.first.click()
    page.wait_for_url("**/products/washing-machines/wf10-320/")
    expect(page.locator("h1 + .plates, .plates").first).to_contain_text("WF10-320")
    expect(page.get_by_role("link", name=GUIDE[language]).first).to_be_visible()
    expect(page.locator("main img").first).to_be_visible()
    check_page(page)


@pytest.mark.parametrize(("language", "size"), EVERYWHERE)
def test_a_code_opens_its_own_card(someone, check_page, language, size):
    page = someone(size=size, language=language)
    page.goto(f"/{language}/search/?q={quote('Ｅ２')}&product=washing-machines")
    page.locator(".code-card a").first.click()
    page.wait_for_url("**/codes/washing-machines/**")
    page.goto(f"/{language}/codes/washing-machines/e-02/")
    expect(page.locator("h1")).to_contain_text("E2")
    expect(page.locator(".code-card .first")).to_be_visible()
    assert page.locator("link[rel=canonical]").get_attribute("href").endswith("/codes/washing-machines/E2/")
    check_page(page)
    page.locator(".code-card .first a").first.click()
    expect(page.locator("article#guide h1")).to_be_visible()


@pytest.mark.parametrize(("language", "size"), EVERYWHERE)
def test_a_guide_is_read_jumped_through_printed_and_shared(someone, check_page, language, size):
    page = someone(size=size, language=language, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"/{language}/guides/washer-not-draining/")
    check_page(page)
    expect(page.locator("time").first).to_be_visible()  # last reviewed
    expect(page.locator("#fit ~ .plates a").first).to_be_visible()
    assert page.locator(".step, [class*=step]").count() >= 5
    assert page.locator(".alert[data-kind=warning]").count() >= 1
    if size == "phone":
        page.locator("article details.fold.only-phone summary").click()
    entry = page.locator(".toc:visible a").nth(2)
    target = entry.get_attribute("href")
    entry.click()
    page.wait_for_function(
        "id => { const top = document.querySelector(id).getBoundingClientRect().top; return top > -5 && top < innerHeight }", arg=target
    )
    page.locator("[data-copy]").first.click()
    expect(page.locator("#toasts")).to_contain_text(re.compile("已复制|copied"))
    assert "/guides/washer-not-draining/" in page.evaluate("navigator.clipboard.readText()")
    related = page.locator("aside.rail section a").first
    expect(related).to_be_visible()
    page.emulate_media(media="print")
    for hidden in (".masthead nav", ".tabbar", "#vote", "hearth-share"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator("article#guide h1")).to_be_visible()
    page.emulate_media(media="screen")
    related.click()
    expect(page.locator("h1")).not_to_have_text(GUIDE[language])
    expect(page.locator("hearth-recent a").first).to_have_text(GUIDE[language])


@pytest.mark.parametrize(("language", "size"), [("zh-hans", "phone"), ("en", "desktop")])
def test_no_with_a_reason_is_taken_once_and_the_editor_reads_it(someone, sign_in, language, size):
    slug = {"zh-hans": "washer-drain-hose-height", "en": "washer-door-locked"}[language]
    words = {"zh-hans": "我家的管子在墙里", "en": "My hose is inside the wall"}[language]
    page = someone(size=size, language=language)
    page.goto(f"/{language}/search/?q={quote('排水管 高度' if language == 'zh-hans' else 'door locked')}")
    page.locator(f".result a[href*='{slug}']").first.click()
    page.locator("#vote button[value=no]").click()
    page.locator("#vote input[name=reason]").nth(1).check()
    page.fill("#vote textarea", words)
    page.locator("#vote form button.btn").first.click()
    expect(page.locator("#vote h2.good")).to_be_visible()
    expect(page.locator("#vote a[href*='/help/']")).to_be_visible()
    page.goto(f"/{language}/guides/{slug}/")
    once = re.compile("已经|already")
    expect(page.locator("#vote h2")).to_contain_text(once)
    expect(page.locator("#vote button")).to_have_count(0)
    page.evaluate("localStorage.clear()")  # what the browser has forgotten the server still knows
    page.reload()
    page.locator("#vote button[value=yes]").click()
    expect(page.locator("#vote h2")).to_contain_text(once)
    editor = someone(size="desktop", language="zh-hans")
    sign_in(editor, "tang.yue@heyan.example")
    editor.goto("/cms/reports/unhelpful/")
    expect(editor.locator("main")).to_contain_text(words)


@pytest.mark.parametrize(("language", "size"), [("zh-hans", "phone"), ("en", "desktop")])
def test_nothing_found_helps_on_and_reaches_the_editors(someone, sign_in, check_page, language, size):
    page = someone(size=size, language=language)
    words = {"zh-hans": "魑魅魍魉", "en": "xqzvw kkjjh"}[language]
    page.goto(f"/{language}/search/?q={quote(words)}")
    main = page.locator("main")
    expect(main).to_contain_text(words)
    expect(main.locator(".bench a").first).to_be_visible()
    expect(main.locator(f"a[href^='/{language}/guides/']").first).to_be_visible()
    expect(main.locator(f".callout a[href^='/{language}/help/']")).to_be_visible()
    check_page(page)
    main.locator(f".callout a[href^='/{language}/help/']").click()
    expect(page.locator("#id_subject")).to_have_value(words)
    editor = someone(size="desktop", language="zh-hans")
    sign_in(editor, "tang.yue@heyan.example")
    editor.goto("/cms/search/gaps/")
    expect(editor.locator("main")).to_contain_text(words)


@pytest.mark.parametrize(("language", "size"), [("zh-hans", "phone"), ("en", "desktop")])
def test_a_recall_stays_and_another_announcement_is_closed_for_good(someone, check_page, language, size):
    page = someone(size=size, language=language)
    page.goto(f"/{language}/")
    strip = page.locator(".strip").first
    expect(strip).to_contain_text("GH16-C")
    expect(strip.locator(".close")).to_have_count(0)
    strip.locator("a").click()
    page.wait_for_url("**/announcements/*/")
    expect(page.locator("h1")).to_contain_text("GH16-C")
    check_page(page)
    other = page.locator(".strip", has_text={"zh-hans": "入冬提醒", "en": "Before the frost"}[language])
    other.locator(".close").click()
    page.reload()
    expect(other).to_have_count(0)
    page.goto(f"/{language}/products/")
    expect(page.locator(".strip")).to_contain_text("GH16-C")
    page.goto(f"/{language}/products/water-heaters/gh16-c/")
    expect(page.locator("main")).to_contain_text({"zh-hans": "召回", "en": "Recall"}[language])


@pytest.mark.parametrize(("language", "size"), [("zh-hans", "phone"), ("en", "desktop")])
def test_without_scripts_search_guide_vote_and_request_work(someone, language, size):
    page = someone(size=size, language=language, java_script_enabled=False)
    page.goto(f"/{language}/")
    page.fill("#q", {"zh-hans": "洗衣机不排水", "en": "washer will not drain"}[language])
    page.locator("#q").press("Enter")
    page.get_by_role("link", name=GUIDE[language]).first.click()
    expect(page.locator("h1")).to_have_text(GUIDE[language])
    page.locator("#vote button[value=no]").click()
    page.locator("#vote input[name=reason]").first.check()
    page.locator("#vote form button.btn").first.click()
    expect(page.locator("#vote .good")).to_be_visible()
    page.locator(f"main a[href^='/{language}/help/']").first.click()
    page.fill("#id_subject", {"zh-hans": "清理以后还是不排水", "en": "Still does not drain after cleaning"}[language])
    page.fill("#id_description", {"zh-hans": "过滤器是干净的", "en": "The filter is clean"}[language])
    page.fill("#id_name", "Lee")
    page.fill("#id_email", f"noscript-{size}@example.com")
    page.wait_for_timeout(1100)  # quicker than a second is a robot
    page.locator("main form button.btn:not([formaction])").last.click()
    if page.locator("#asked").count():
        page.locator("#asked button.btn[name=still]").first.click()
    page.wait_for_url("**/help/T-*/")
    expect(page.locator("#arrived")).to_be_visible()
