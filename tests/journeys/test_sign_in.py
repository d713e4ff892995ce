"""Signing in as people do: six digits by mail or phone, a password, a forgotten one; strangers learn nothing."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import press

TWO = [("zh-hans", "phone"), ("en", "desktop")]


def choose(page: Page, language: str) -> None:
    """Read the pages without a language prefix in a language."""
    page.goto(f"/{language}/")


def ask_for_code(page: Page, who: str) -> None:
    """Ask for six digits."""
    page.goto("/accounts/login/code/")
    page.locator("input[name=login]").fill(who)
    page.wait_for_timeout(1100)
    press(page.locator("main form:has(input[name=login]) button[type=submit]").first)


@pytest.mark.parametrize(("language", "size"), TWO)
@pytest.mark.parametrize("who", ["138 0013 8000", "daniel.reyes@example.com"])
def test_six_digits_open_the_door_and_wrong_ones_do_not(someone, portal, check_page, language, size, who):
    address = "+8613800138000" if who.startswith("138") else who
    page = someone(size=size, language=language)
    choose(page, language)
    before = len(portal.outbox(address))
    ask_for_code(page, who)
    check_page(page)
    code = re.search(r"(?<!\d)\d{6}(?!\d)", portal.wait_for_mail(address, after=before))[0]
    field = page.locator("input[name=code]")
    expect(field).to_have_attribute("autocomplete", "one-time-code")
    field.fill("000000" if code != "000000" else "111111")
    page.locator("main form:has(input[name=code]) button[type=submit]").first.click()
    expect(page.locator("[data-error-summary], .error").first).to_be_visible()
    page.locator("input[name=code]").fill(code)
    page.locator("main form:has(input[name=code]) button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/(zh-hans|en)/"))
    page.goto(f"/{language}/my/")
    expect(page.locator("main")).to_contain_text(re.compile("周岚|Daniel"))


@pytest.mark.parametrize(("language", "size"), TWO)
def test_a_stranger_and_a_member_see_the_same(someone, language, size):
    seen = []
    for who in ("nobody@example.com", "zhou.lan@example.com"):
        page = someone(size=size, language=language)
        choose(page, language)
        ask_for_code(page, who)
        seen.append((page.url.split("?")[0], page.locator("h1").inner_text(), page.locator("main").inner_text().replace(who, "")))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(("language", "size"), TWO)
@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/login/code/", "/accounts/signup/", "/accounts/password/reset/"])
def test_an_empty_form_is_answered_in_words(someone, check_page, language, size, address):
    page = someone(size=size, language=language)
    choose(page, language)
    page.goto(address)
    check_page(page)
    page.wait_for_timeout(600)
    with page.expect_navigation() as answer:
        page.locator("main form[method=post] button[type=submit]").first.click()
    assert answer.value.status in (200, 422)
    expect(page.locator("[data-error-summary], .error").first).to_be_visible()
    assert page.title().startswith({"zh-hans": "错误", "en": "Error"}[language])


@pytest.mark.parametrize(("language", "size"), TWO)
def test_a_forgotten_password_is_replaced_by_mail(someone, portal, language, size):
    mail = {"zh-hans": "zhou.lan@example.com", "en": "daniel.reyes@example.com"}[language]
    page = someone(size=size, language=language)
    choose(page, language)
    before = len(portal.outbox(mail))
    page.goto("/accounts/password/reset/")
    page.locator("main form[method=post] input:not([type=hidden])").first.fill(mail)
    page.wait_for_timeout(1100)
    press(page.locator("main form[method=post] button[type=submit]").first)
    text = portal.wait_for_mail(mail, after=before)
    code = re.search(r"(?<!\d)\d{6}(?!\d)", text)
    assert code, text
    page.locator("input[name=code]").fill(code[0])
    page.locator("main form:has(input[name=code]) button[type=submit]").first.click()
    page.locator("input[type=password]").first.wait_for()
    for field in page.locator("main input[type=password]").all():
        field.fill("heyan-demo-2026")
    press(page.locator("main form:has(input[type=password]) button[type=submit]").first)
    expect(page.locator("[data-error-summary]")).to_have_count(0)
