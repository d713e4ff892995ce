"""Journey: somebody helps themselves and comes back; the manager finds it in the report, with the way to the request."""

import csv
import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_consumer_asks import PLAIN, fill_request, send

MANAGER = "he.jing@heyan.example"
TWO = [("zh-hans", "phone"), ("en", "desktop")]
WORDS = {"zh-hans": ("自助解决率", "怎么算的"), "en": ("Self-service rate", "What it means")}


def came_back(someone, language: str, size: str) -> str:
    """A visitor says a guide solved it, and then asks a person after all; returns the number of the request."""
    page = someone(size=size, language=language)
    page.goto(f"/{language}/guides/washer-not-draining/?q=E2")
    page.wait_for_timeout(1500)  # opened is what was looked at for a second
    page.locator("#vote button[value=yes]").click()
    expect(page.locator("#vote h2")).to_be_visible()
    page.wait_for_load_state("networkidle")
    fill_request(page, language, subject=PLAIN[language], email=f"back-{language}-{size}@example.com", name="Ada Qin")
    return send(page)


def row_of(page: Page, number: str) -> None:
    """Open the list of failed deflections until the request is in it: the ledger hears of it a moment later."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page.goto("/desk/reports/attempts/?days=7&outcome=failed")
        if page.locator("main", has_text=number).count():
            return
        page.wait_for_timeout(700)
    raise AssertionError(f"{number} never arrived among the failed deflections")


@pytest.mark.parametrize(("language", "size"), TWO)
def test_who_comes_back_is_in_the_manager_s_report_with_the_way_to_the_request(someone, sign_in, check_page, language, size):
    number = came_back(someone, language, size)
    page = someone(size=size, language=language)
    sign_in(page, MANAGER)
    page.goto(f"/language/{language}/?next=/desk/reports/")
    name, meaning = WORDS[language]
    card = page.locator(".rfigure", has_text=name).first
    expect(card).to_be_visible()
    check_page(page)
    card.locator("summary", has_text=meaning).click()
    expect(card.locator("details p").first).to_be_visible()
    # A number is as many rows as it says.
    link = card.locator(".muted a").first
    count = link.inner_text().strip()
    link.click()
    assert re.sub(r"\D", "", page.locator("[data-count]").inner_text()) == re.sub(r"\D", "", count)
    check_page(page)
    row_of(page, number)
    page.locator("a", has_text=number).first.click()
    expect(page.locator("h1")).to_have_text(PLAIN[language])
    expect(page.locator("#tried")).to_be_visible()
    # What the table says in total, its CSV says too.
    page.goto("/desk/reports/tables/drivers/?days=30")
    check_page(page)
    total = re.sub(r"\D", "", page.locator("tfoot td.n").first.inner_text())
    with page.expect_download() as download:
        page.locator("a", has_text="CSV").first.click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[-1][3] == total == str(sum(int(row[3]) for row in rows[1:-1]))
