"""The journeys once more, short, on real servers: two web processes, a worker, a clock; and a search server that dies under them."""

import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import test_chat_desk as chat
from tests.journeys import test_repair as repair
from tests.journeys.conftest import ROOT, Portal, press
from tests.journeys.test_agent_works import FIRST, SECOND, asked, switch_desk_language
from tests.journeys.test_consumer_finds_it import GUIDE, suggestions
from tests.journeys.test_editor_publishes import EDITOR, REVIEWER, approve, hand_in, search_finds, write_guide

pytestmark = [pytest.mark.services, pytest.mark.faults]  # in one process: the last one breaks the search server
round_the_clock = chat.round_the_clock
SOON = 30  # seconds: two cores carry all servers and a browser here; the ten seconds of the promise are measured in test_editor_publishes
PATIENCE = 1.5  # seconds a visitor may wait for results when the search server has just gone


def search_state(portal: Portal) -> dict:
    """Return what the portal says about its search."""
    return portal.health()["parts"]["search"]


def indexed(portal: Portal, words: str) -> bool:
    """Tell whether the search server itself has a document with all these characters in its title."""
    environment = portal.environment
    address = f"{environment['ELASTICSEARCH_URL']}/{environment['ELASTICSEARCH_INDEX_PREFIX']}-read/_search"
    body = json.dumps({"query": {"match": {"title": {"query": words, "operator": "and"}}}}).encode()
    request = urllib.request.Request(address, data=body, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["hits"]["total"]["value"] > 0


def wait_for(what: Callable[[], bool], *, seconds: float, message: str) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, message
        time.sleep(0.3)


def control(verb: str, *, must_work: bool = True) -> None:
    """Do something to the search server."""
    subprocess.run([str(ROOT / ".ci" / "services"), verb], check=must_work, capture_output=True, timeout=180, env=os.environ)


@pytest.fixture
def search_server() -> Iterator[None]:
    """The search server works again afterwards, whatever happened to it."""
    yield
    control("thaw-es", must_work=False)
    control("up-search")


def test_all_processes_are_there(portal):
    parts = portal.health()["parts"]
    assert (parts["database"]["engine"], parts["cache"]["engine"], parts["search"]["engine"]) == ("postgresql", "redis", "elasticsearch")
    assert (parts["background"]["workers"], parts["background"]["clocks"]) == (1, 1)


def test_the_consumer_finds_it(someone):
    page = someone(size="phone", language="zh-hans")
    page.goto("/zh-hans/")
    panel = suggestions(page, "洗衣机不排水")
    expect(panel.locator("[data-url*='washer-not-draining']").first).to_be_visible()
    page.locator("#q").press("Escape")
    page.locator("#q").press("Enter")
    page.wait_for_url("**/search/**")
    page.get_by_role("link", name=GUIDE["zh-hans"]).first.click()
    expect(page.locator("h1")).to_have_text(GUIDE["zh-hans"])


def test_the_consumer_asks_and_the_agent_answers(someone, sign_in, portal):
    mail = "services@example.com"
    agent, rival = someone(size="desktop", language="zh-hans"), someone(size="desktop", language="zh-hans")
    for page, who in ((agent, FIRST), (rival, SECOND)):
        sign_in(page, who)
        switch_desk_language(page, "zh-hans")
    customer, number = asked(someone, "zh-hans", mail)
    portal.wait_for_mail(mail, containing=number)  # by the worker's process
    for page in (agent, rival):
        page.goto(f"/desk/tickets/{number}/")
    expect(agent.locator(".pane-side")).to_contain_text("E2")  # what the customer had tried
    press(agent.locator(".ticket-head form button"))
    rival.locator(".ticket-head form button").click()
    expect(rival.locator("main")).to_contain_text("林涛")
    agent.goto("/desk/")
    customer.reload()
    customer.fill("#id_body", "补充：型号是 WF10-320")
    customer.locator("form:has(#id_body) button.btn").last.click()
    expect(agent.locator("#notices")).to_contain_text(re.compile(r"\S"))  # from another process, without a reload
    agent.goto(f"/desk/tickets/{number}/")
    before = len(portal.outbox(mail))
    agent.locator("#id_reply_body").fill("请先看这份步骤。")
    agent.locator(".writer button[name=then][value=wait]").click()
    portal.wait_for_mail(mail, after=before)
    customer.reload()
    expect(customer.locator(".thread")).to_contain_text("请先看这份步骤")


def test_a_chat_goes_through_two_processes_and_ends_with_the_session(someone, sign_in, portal, round_the_clock):
    agent, visitor = someone(size="desktop", language="zh-hans"), someone(size="phone", language="zh-hans")
    sign_in(agent, FIRST)
    chat.available(agent)
    chat.ask(visitor, "zh-hans", chat.QUESTION["zh-hans"], "周女士")
    chat.accept_first(agent)
    expect(visitor.locator("[data-log]")).to_contain_text("林涛")
    # A second tab lands on the other process; the word is there once everywhere, in order.
    tab = visitor.context.new_page()
    tab.goto(visitor.url)
    for number in range(4):
        chat.write(tab if number % 2 else visitor, f"VISITOR-{number}")
        expect(agent.locator("#stream")).to_contain_text(f"VISITOR-{number}")
    chat.reply(agent, "AGENT-1")
    for page in (visitor, tab):
        expect(page.locator("[data-log]")).to_contain_text("AGENT-1")
        assert chat.order(page, "[data-log]") == [f"VISITOR-{number}" for number in range(4)]
    agent.locator("#id_reply_body").fill("写到一半的回复")
    away = agent.context.new_page()
    away.goto("/accounts/logout/")
    away.locator("main form button").first.click()
    expect(agent.locator("[data-signed-out]")).to_be_visible()
    expect(agent.locator("#id_reply_body")).to_have_value("写到一半的回复")
    visitor.locator("form[data-end] button").click()
    visitor.locator("[data-sure] [data-yes]").click()
    expect(tab.locator("[data-ended]")).to_be_visible()


def test_a_repair_is_booked_from_a_pasted_line_moved_by_the_desk_and_told_by_the_worker(someone, sign_in, portal):
    guest, desk = someone(size="phone", language="zh-hans"), someone(size="desktop", language="zh-hans")
    guest.goto("/zh-hans/repairs/new/")
    guest.fill("#id_fault", repair.FAULT["zh-hans"])
    guest.locator("#repair-address details > summary").first.click()
    guest.fill("#id_paste", "林晓云 139 0013 8079 上海市浦东新区张江镇科苑路88号")
    guest.locator("button[name=split]").click()
    expect(guest.locator("#repair-address select").nth(2)).to_have_value("浦东新区")
    expect(guest.locator("#id_fault")).to_have_value(repair.FAULT["zh-hans"])
    expect(guest.locator("#id_phone")).to_have_value("13900138079")
    guest.locator("input[name=wishes]").nth(0).check()
    guest.locator("input[name=wishes]").nth(3).check()
    guest.wait_for_timeout(1100)  # quicker than a second is a robot
    number = repair.book(guest)
    portal.wait_for_mail("+8613900138079", containing=number)
    sign_in(desk, FIRST)
    repair.step(desk, number, "check", finding="排水泵卡死")
    guest.reload()
    expect(guest.locator("ol.timeline")).to_be_visible()
    expect(guest.locator("main")).to_contain_text("张江镇科苑路88号")


def publish(author: Page, reviewer: Page, title: str) -> int:
    """Write a guide, have it approved and return its number."""
    write_guide(author, title=title, summary=f"{title}：一擦就掉。")
    number = hand_in(author)
    approve(reviewer, number)
    return number


def test_what_an_editor_publishes_is_found_and_the_search_server_may_die_meanwhile(someone, sign_in, portal, search_server):
    author, reviewer = someone(size="desktop", language="zh-hans"), someone(size="desktop", language="zh-hans")
    reader = someone(size="phone", language="zh-hans")
    sign_in(author, EDITOR)
    sign_in(reviewer, REVIEWER)
    first, second = "门封条上有荔枝渍", "抽屉里有榴莲味"
    publish(author, reviewer, first)
    assert search_finds(reader, first, words="荔枝渍", seconds=SOON), "not found"
    wait_for(lambda: indexed(portal, first), seconds=SOON, message="the search server has not got it")

    control("kill-es")
    began = time.monotonic()
    reader.goto("/zh-hans/search/?q=洗衣机不排水")
    took = time.monotonic() - began
    expect(reader.get_by_role("link", name=GUIDE["zh-hans"]).first).to_be_visible()
    assert took < PATIENCE, f"{took:.1f} s"
    number = publish(author, reviewer, second)
    assert search_finds(reader, second, words="榴莲味", seconds=SOON), "not found without the search server"

    control("up-search")
    wait_for(lambda: indexed(portal, second), seconds=90, message="it was not handed on when the search server came back")
    for _process in range(2):
        wait_for(lambda: search_state(portal)["engine"] == "elasticsearch", seconds=30, message="it is not used again")
    reviewer.goto(f"/cms/pages/{number}/unpublish/")
    press(reviewer.locator("main form button[type=submit], main form input[type=submit]").first)
    wait_for(lambda: not indexed(portal, second), seconds=SOON, message="it is still in the search server")
    assert not search_finds(reader, second, words="榴莲味", seconds=0.1)
