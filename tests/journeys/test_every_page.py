"""Every kind of page, in both languages: no barrier axe knows of, no sideways scroll at any width, no forgotten English."""

import re

import pytest
from playwright.sync_api import Page, expect

PUBLIC = [
    "",
    "search/?q=E2",
    "search/?q=zzzzqqqq",
    "products/",
    "products/washing-machines/",
    "products/washing-machines/wf10-320/",
    "codes/",
    "codes/washing-machines/E2/",
    "codes/water-heaters/E6/",
    "guides/",
    "guides/washer-not-draining/",
    "announcements/",
    "help/",
    "track/",
    "repairs/new/",
    "privacy/",
    "style-guide/",
    "no-such-page/",
]
UNPREFIXED = ["/accounts/login/", "/accounts/login/code/", "/accounts/signup/", "/accounts/password/reset/"]
DESK = ["/desk/", "/desk/queue/", "/desk/tickets/", "/desk/tickets/new/", "/desk/repairs/", "/desk/repairs/new/"]
WIDTHS = (320, 375, 1280)
LANGUAGES = ("zh-hans", "en")
# Words of the interface that would betray a text nobody translated; names of formats, brands and languages are no such words.
FORGOTTEN = re.compile(
    r"\b(?:the|and|your|with|search|results?|help|guide|send|page|request|product|error|no|all|sign|please|track)\b", re.IGNORECASE
)


def dress(page: Page, language: str, look: str, origin: str) -> None:
    """Choose language and looks as a visitor would have done earlier."""
    page.goto(f"/{language}/")
    if look == "dark":
        page.context.add_cookies([{"name": "hearth_theme", "value": "dark", "url": origin}])
    if look == "large":
        page.context.add_cookies([{"name": "hearth_text", "value": "large", "url": origin}])


def look_at(page: Page, address: str, check_page) -> None:
    """Judge one page at every width; axe once."""
    page.goto(address)
    for width in WIDTHS[:-1]:
        page.set_viewport_size({"width": width, "height": 800})
        found = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert found[0] <= found[1], f"{address} scrolls sideways at {width}: {found}"
    page.set_viewport_size({"width": 1280, "height": 800})
    check_page(page)


@pytest.mark.parametrize("look", ["light", "dark", "large"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_public_pages_have_no_barriers(someone, portal, check_page, language, look):
    page = someone(size="desktop", language=language)
    dress(page, language, look, portal.origin)
    addresses = PUBLIC if look == "light" else PUBLIC[:1] + PUBLIC[5:8] + PUBLIC[10:13]
    for address in [f"/{language}/{path}" for path in addresses] + (UNPREFIXED if look == "light" else UNPREFIXED[:1]):
        look_at(page, address, check_page)


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_desk_pages_have_no_barriers(someone, portal, sign_in, check_page, language, look):
    page = someone(size="desktop", language=language)
    sign_in(page, "lin.tao@heyan.example")
    dress(page, language, look, portal.origin)
    for address in DESK:
        look_at(page, address, check_page)
    page.goto("/desk/queue/?view=all")
    look_at(page, page.locator("a.qrow").first.get_attribute("href"), check_page)


def test_chinese_pages_hold_no_forgotten_english(someone, sign_in):
    page = someone(size="desktop", language="zh-hans")
    page.goto("/zh-hans/")
    found: list[str] = []
    sign_in(page, "lin.tao@heyan.example")
    page.goto("/zh-hans/")
    for address in [*[f"/zh-hans/{path}" for path in PUBLIC if path not in {"style-guide/", "search/?q=zzzzqqqq"}], *DESK]:
        page.goto(address)
        text = page.evaluate(
            """() => { const out = [document.title]; const walk = node => { for (const child of node.childNodes) {
                if (child.nodeType === 3) { if (child.textContent.trim()) out.push(child.textContent.trim()) }
                else if (child.nodeType === 1
                    && !/^(SCRIPT|STYLE|TEMPLATE|SVG)$/i.test(child.tagName)
                    && !/^en/.test(child.lang || '') && child.translate !== false) {
                    for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
                        if (child.getAttribute(name)) out.push(child.getAttribute(name)); walk(child) } } };
                walk(document.body); return out }"""
        )
        found += [f"{address}: {line[:120]}" for line in text if FORGOTTEN.search(line) and not re.search(r"[\u4e00-\u9fff]", line)]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_focus_is_seen_wherever_the_tab_key_goes(someone, size):
    page = someone(size=size, language="en")
    page.goto("/en/guides/washer-not-draining/")
    for _step in range(18):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => { const one = document.activeElement; if (!one || one === document.body) return true;
                const style = getComputedStyle(one);
                const box = one.getBoundingClientRect();
                const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
                return ring && box.bottom > 0 && box.top < innerHeight ? true : one.outerHTML.slice(0, 200) }"""
        )
        assert seen is True, seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_switch_stays_on_the_page(someone, language):
    page = someone(size="desktop", language=language)
    other = {"zh-hans": "en", "en": "zh-hans"}[language]
    for path in (
        "products/washing-machines/wf10-320/",
        "codes/washing-machines/E2/",
        "guides/washer-not-draining/",
        "help/",
        "search/?q=E2",
    ):
        page.goto(f"/{language}/{path}")
        page.locator("header .tools a[hreflang]").click()
        expect(page).to_have_url(re.compile(re.escape(f"/{other}/{path}")))
