"""A visitor's chat: nobody there, then a whole conversation that outlives reloads, a second tab and the loss of the network."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys.conftest import ROOT, Portal

AGENT = "lin.tao@heyan.example"
OPEN = """
from datetime import time
from core.models import CalendarPeriod
CalendarPeriod.objects.filter(calendar__key="hotline").update(opens=time(0, 0), closes=time(23, 59, 59))
"""


@pytest.fixture(scope="module")
def open_all_day(portal: Portal) -> None:
    """The hotline is open whenever these journeys run; in the demo it closes at 22:00."""
    if portal.process is None:
        return
    done = subprocess.run([sys.executable, str(ROOT / "manage.py"), "shell", "-c", OPEN], cwd=ROOT, env=portal.environment, timeout=120)
    assert done.returncode == 0


def write(page: Page, text: str) -> None:
    page.locator("[data-composer] textarea").fill(text)
    page.locator("[data-send]").click()


def said(page: Page) -> list[str]:
    """Return the visitor's and the agent's words in their order, without what is not sent yet."""
    rows = page.locator(".msg[data-seq]:not(.told) p.bubble")
    return [text.split(": ", 1)[-1] for text in rows.all_text_contents()]


def photo(folder: Path) -> Path:
    """Return a picture in a file."""
    path = folder / "panel.png"
    Image.new("RGB", (320, 240), "#0b6e69").save(path, "PNG")
    return path


def send(page: Page, goal: str) -> None:
    """Press the form's button until `goal` is there: answers are offered once, and who is too quick for a person sends twice."""
    for _press in range(4):
        page.wait_for_timeout(1100)
        page.locator(".btns-fill button.btn").last.click()
        try:
            expect(page.locator(goal).first).to_be_visible(timeout=4000)
        except AssertionError:
            continue
        return
    expect(page.locator(goal).first).to_be_visible()


@pytest.mark.parametrize(("size", "language", "title"), [("phone", "zh-hans", "留言"), ("desktop", "en", "Leave the message")])
def test_with_nobody_there_a_message_gets_a_number(someone, check_page, open_all_day, size, language, title) -> None:
    page = someone(size=size, language=language)
    page.goto(f"/{language}/products/washing-machines/")
    if size == "desktop":
        page.locator("[data-chat-launcher]").click()
        expect(page.locator(".chat-window textarea").first).to_be_visible()
        check_page(page)
    else:
        page.locator(".tabbar a").last.click()
        expect(page.locator("h1")).to_be_visible()
        check_page(page)
    form = page.locator("form[data-chat-form]")
    form.locator("button.btn", has_text=title).last.click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    form.locator("textarea[name=subject]").fill("WF10-320 leaks" if language == "en" else "洗衣机漏水")
    form.locator("input[name=phone]").fill("138 0013 8199")
    send(page, ".plate-big b")
    expect(page.locator(".plate-big b")).to_contain_text("T-")


def test_a_chat_outlives_reload_second_tab_and_a_lost_network(someone, sign_in, check_page, open_all_day, tmp_path) -> None:
    desk = someone(size="desktop")
    sign_in(desk, AGENT)
    desk.goto("/desk/chat/")
    desk.locator("details:has(button[name=state][value=available]) > summary").first.click()
    desk.locator("button[name=state][value=available]").first.click()
    visitor = someone(size="phone")
    # The console's own socket says that somebody is there; then the form starts a chat.
    for _try in range(30):
        visitor.goto("/zh-hans/chat/?new=1")
        if not visitor.locator("input[name=leave]").count():
            break
        visitor.wait_for_timeout(500)
    check_page(visitor)
    visitor.locator("textarea[name=subject]").fill("洗衣机显示 E2，还是不排水")
    send(visitor, "[data-composer]")
    expect(visitor.locator("[data-place]")).not_to_be_empty()
    check_page(visitor)
    write(visitor, "过滤器清过了")
    expect(visitor.locator(".msg.mine[data-seq]")).to_have_count(2)

    tab = visitor.context.new_page()
    tab.goto(visitor.url)
    visitor.reload()
    assert said(visitor) == said(tab) == ["洗衣机显示 E2，还是不排水", "过滤器清过了"]

    # The network is gone for 20 seconds; then the words go out, but no file gets through yet.
    visitor.context.set_offline(True)
    write(visitor, "网断了也写")
    visitor.set_input_files("#chat-file", photo(tmp_path))
    expect(visitor.locator(".msg.waits")).to_have_count(2)
    expect(visitor.locator("[data-offline]")).to_be_visible()
    visitor.locator("[data-composer] textarea").fill("写到一半")
    visitor.wait_for_timeout(20_000)
    visitor.context.route("**/files/?as=visitor", lambda route: route.abort())
    visitor.context.set_offline(False)
    expect(tab.locator(".msg.mine[data-seq]")).to_have_count(3)
    expect(visitor.locator(".msg.waits")).to_have_count(1)
    # The file outlives the reload and is seen in the second tab; whichever sends it, it is there once.
    visitor.reload()
    tab.reload()
    for page in (visitor, tab):
        expect(page.locator(".msg.waits")).to_contain_text("panel.png")
    expect(visitor.locator("[data-composer] textarea")).to_have_value("写到一半")
    visitor.context.unroute("**/files/?as=visitor")
    for page in (visitor, tab):
        expect(page.locator(".msg.mine[data-seq] img")).to_have_count(1)
        expect(page.locator(".msg.waits")).to_have_count(0)
        assert said(page) == ["洗衣机显示 E2，还是不排水", "过滤器清过了", "网断了也写"]
    visitor.reload()
    expect(visitor.locator(".msg.mine[data-seq]")).to_have_count(4)
    expect(visitor.locator(".msg.waits")).to_have_count(0)

    link = visitor.locator("hearth-share").get_attribute("data-url")
    other = someone(size="desktop")
    other.goto(link)
    expect(other.locator(".msg.mine[data-seq]")).to_have_count(4)
    write(other, "换到电脑上接着写")
    expect(visitor.locator(".msg.mine[data-seq]")).to_have_count(5)

    visitor.locator("form[data-end] button").click()
    visitor.locator("[data-sure] [data-yes]").click()
    expect(visitor.locator("[data-ended]")).to_be_visible()
    expect(other.locator("[data-ended]")).to_be_visible()
    check_page(visitor)
    visitor.locator("input[name=solved][value=yes]").check()
    visitor.locator("input[name=rating][value='5']").check()
    visitor.locator("[data-ended] form button.wide").click()
    expect(visitor.locator("input[name=rating]")).to_have_count(0)
    with visitor.expect_download() as download:
        visitor.locator("a[download]").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert "换到电脑上接着写" in text and text.index("过滤器清过了") < text.index("网断了也写")


def test_it_works_without_scripts(someone, open_all_day) -> None:
    page = someone(size="phone", language="en", java_script_enabled=False)
    page.goto("/en/chat/")
    page.locator("textarea[name=subject]").fill("The washer shows E2")
    leaving = page.locator("input[name=leave]").count()
    if leaving:
        page.locator("input[name=phone]").fill("138 0013 8198")
    send(page, ".plate-big b" if leaving else "[data-composer]")
    if leaving:
        expect(page.locator(".plate-big b")).to_contain_text("T-")
        return
    page.locator("textarea[name=text]").fill("Sent by a plain form")
    page.locator("[data-send]").click()
    expect(page.locator(".msg.mine")).to_have_count(2)
