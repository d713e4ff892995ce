"""Somebody narrows what they found, mistypes, finds nothing, and is led on; on a phone in Chinese and at a desk in English."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

PLACES = [("zh-hans", "phone"), ("en", "desktop")]
EARLY = {"zh-hans": "排水", "en": "drain"}
LATE = {"zh-hans": "排水管", "en": "drain hose"}
GENERAL = {"zh-hans": "排水", "en": "drain"}
MISTYPED = {"zh-hans": "drian pump", "en": "washing mashine smells"}
NOWHERE = {"zh-hans": "微波炉转盘zzz", "en": "qqzzxx sourdough"}


def _total(page: Page) -> int:
    found = re.search(r"\d+", page.locator("main p[role=status] b").inner_text())
    assert found
    return int(found.group())


@pytest.mark.parametrize(("language", "size"), PLACES)
def test_a_late_answer_never_replaces_a_newer_one(someone, check_page, language, size):
    page = someone(size=size, language=language)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if parse_qs(urlsplit(route.request.url).query)["q"] == [EARLY[language]]:
            held.append(route)  # answered when it is too late
        else:
            route.continue_()

    page.route("**/search/suggest/**", hold_the_first)
    page.goto(f"/{language}/")
    field, panel = page.locator("#q"), page.locator("#q-panel")
    field.press_sequentially(EARLY[language], delay=15)
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    assert held, "the first question was never asked"
    field.press_sequentially(LATE[language].removeprefix(EARLY[language]), delay=15)
    newest = panel.locator(".all", has_text=LATE[language])
    expect(newest).to_be_visible()
    said = page.locator("hearth-search [role=status]").inner_text()
    assert re.search(r"\d", said)
    for route in held:
        try:
            route.fulfill(
                status=200, content_type="text/html", body='<ul role="listbox"><li role="option" data-url="/stale/">stale</li></ul>'
            )
        except Exception:  # the page has let go of it already: as it should
            continue
    page.wait_for_timeout(400)
    expect(newest).to_be_visible()
    assert panel.locator("[data-url='/stale/']").count() == 0
    assert page.locator("hearth-search [role=status]").inner_text() == said
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("q-panel-0"))
    check_page(page)
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.fill("")
    field.press_sequentially("Ub", delay=15)  # a code of two letters
    expect(panel.locator("[data-url*='/codes/washing-machines/Ub/']")).to_be_visible()
    field.fill("")
    field.press_sequentially("zq", delay=15)  # no code: silence
    page.wait_for_timeout(600)
    expect(panel).to_be_hidden()
    assert page.locator("hearth-search [role=status]").inner_text() == ""


@pytest.mark.parametrize(("language", "size", "scripts"), [*((*place, True) for place in PLACES), ("en", "desktop", False)])
def test_results_are_narrowed_corrected_and_nothing_found_leads_on(someone, check_page, language, size, scripts):
    page = someone(size=size, language=language, java_script_enabled=scripts)
    page.goto(f"/{language}/search/?q={GENERAL[language]}")
    whole = _total(page)
    narrow = page.locator(".facet a.check:visible")
    if size == "phone":
        page.locator("details.facet-phone summary").click()
    count = int(narrow.first.locator(".n").inner_text())
    narrow.first.click()
    page.wait_for_url("**product=**")
    assert _total(page) == count <= whole
    if size == "phone":
        page.locator("details.facet-phone summary").click()
    kind = page.locator(".facet:visible").nth(1).locator("a.check").first
    count = int(kind.locator(".n").inner_text())
    kind.click()
    page.wait_for_url("**type=**")
    assert _total(page) == count
    assert "product=" in page.url
    expect(page.locator(".plates .chip.on")).to_have_count(2)
    if scripts:
        check_page(page)
    page.locator(".plates .chip").last.click()  # takes all away
    page.wait_for_url(lambda url: "product=" not in url and "type=" not in url)
    assert _total(page) == whole

    page.fill("#q", MISTYPED[language])
    page.locator("#q").press("Enter")
    page.wait_for_url("**q=**")
    page.locator("main a[href*='exact=1']").click()
    page.wait_for_url("**exact=1**")
    assert page.input_value("#q") == MISTYPED[language]

    page.fill("#q", NOWHERE[language])
    page.locator("#q").press("Enter")
    expect(page.locator("h2#none")).to_contain_text(NOWHERE[language])
    expect(page.locator(".bench a")).to_have_count(6)
    if scripts:
        check_page(page)
    page.locator("section.callout a[href*='/help/']").click()
    page.wait_for_url("**/help/**")
    expect(page.locator("input[name=subject]")).to_have_value(NOWHERE[language])
