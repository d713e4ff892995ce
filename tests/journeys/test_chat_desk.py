"""Live chat between two browsers: places, words, pictures, a cut line, a second tab, rating and transcript; the agent by keys alone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import press

ADMIN = "admin@heyan.example"
FIRST = "lin.tao@heyan.example"
SECOND = "xu.xiaowen@heyan.example"
SECRET = "怀疑是水泵，先别告诉客户"
# What has the focus and lies under something else (WCAG 2.4.11): each control is focused, and what is seen at its middle is looked at.
COVERED = """() => [...document.querySelectorAll("main a, main button, main input, main select, .desk-keys a")].filter((control) => {
  if (!control.checkVisibility() || !control.getClientRects().length) return false;
  control.focus();
  const box = control.getClientRects()[0], seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !seen || !(control.contains(seen) || seen.contains(control) || seen.closest("label")?.contains(control));
}).map((control) => control.outerHTML.slice(0, 120))"""
# A browser whose sounds and notices can be counted, and that is out of sight when it is told so.
CALLS = """
window.calls = { rung: 0, asked: 0, notices: [] };
const gain = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
const note = () => ({ frequency: {}, gain, connect: (next) => next, start() {}, stop() {} });
window.AudioContext = class {
  constructor() { calls.rung += 1; this.currentTime = 0; }
  createOscillator() { return note(); }
  createGain() { return note(); }
  close() {}
};
window.Notification = class {
  constructor(words) { calls.notices.push(words); }
  static permission = "default";
  static async requestPermission() { calls.asked += 1; return (Notification.permission = "granted"); }
};
"""
QUESTION = {"zh-hans": "洗衣机显示 E2，还是不排水", "en": "The washer shows E2 and does not drain"}


@pytest.fixture
def round_the_clock(someone, sign_in) -> Iterator[None]:
    """An administrator lets the service be open at any hour, and puts the old hours back afterwards."""
    page = someone(size="desktop", language="zh-hans")
    sign_in(page, ADMIN)
    page.goto("/cms/calendars/new/")
    if page.locator("#id_key").count():
        page.fill("#id_key", "any-hour")
        page.fill("#id_name_zh_hans", "随时")
        page.fill("#id_name_en", "Any hour")
        press(page.locator("main form[method=post] button[type=submit]:visible").first)
    before = choose_hours(page, label="随时")
    yield
    choose_hours(page, value=before)


def choose_hours(page: Page, **choice: str) -> str:
    """Choose the service hours in the brand's settings; return what was chosen before."""
    page.goto("/cms/settings/core/brandsettings/")
    page.wait_for_load_state()
    field = page.locator("#id_calendar")
    before = field.input_value()
    field.select_option(**choice)
    press(page.locator("main form[method=post] button[type=submit]:visible").first)
    return before


def available(page: Page) -> None:
    """Go to the console and take chats."""
    page.goto("/desk/chat/")
    if page.locator(".chat-me .tag.good").count() == 0:
        page.locator(".chat-me > form button[value=available]").click()
    expect(page.locator(".chat-me .tag.good")).to_be_visible()


def away(page: Page) -> None:
    """Take no more chats."""
    page.goto("/desk/chat/")
    page.locator(".chat-state summary").click()
    page.locator(".chat-state button[value=away]").click()
    expect(page.locator(".chat-me .tag.care")).to_be_visible()


def ask(page: Page, language: str, words: str, name: str) -> None:
    """Start a chat on the visitor's page."""
    page.goto(f"/{language}/chat/?new=1")
    page.locator("form[data-chat-form] textarea").first.fill(words)
    page.locator("form[data-chat-form] [name=name]").fill(name)
    page.wait_for_timeout(1100)  # quicker than a second is a robot
    press(page.locator("form[data-chat-form] button.btn:not(.text)").last)
    still = page.locator("form[data-chat-form] button.btn[name=still]")
    if still.count():
        still.click()
    page.wait_for_selector("hearth-chat")


def accept_first(page: Page) -> None:
    """Accept the first offer by its key."""
    expect(page.locator("[data-offers-here] .offer").first).to_be_visible()
    page.locator("h1").first.click()
    before = page.url
    page.keyboard.press("a")
    page.wait_for_url(lambda url: url != before and "/desk/chat/C-" in url)
    page.wait_for_load_state()


def write(page: Page, words: str) -> None:
    """Write as the visitor."""
    page.fill("#chat-text", words)
    page.keyboard.press("Enter")


def reply(page: Page, words: str) -> None:
    """Write as the agent."""
    page.fill("#id_reply_body", words)
    page.locator("#id_reply_body").press("Enter")


def count(page: Page, log: str, words: str) -> int:
    """Return how often words stand in a log."""
    return page.locator(f"{log} .bubble", has_text=words).count()


@pytest.mark.parametrize(("language", "size"), [("zh-hans", "phone"), ("en", "desktop")])
def test_a_visitor_and_an_agent_talk_and_nothing_is_lost_or_doubled(
    someone, sign_in, check_page, portal, round_the_clock, tmp_path, language, size
):
    agent = someone(size="desktop", language="zh-hans")
    sign_in(agent, FIRST)
    available(agent)
    check_page(agent)

    other = someone(size="phone", language=language)
    ask(other, language, QUESTION[language], "Vera")
    visitor = someone(size=size, language=language)
    visitor.add_init_script(CALLS)
    ask(visitor, language, QUESTION[language], "Zhou Lan")
    expect(visitor.locator("[data-place]")).to_contain_text("2")
    check_page(visitor)

    accept_first(agent)
    expect(visitor.locator("[data-place]")).not_to_contain_text("2")
    accept_first(agent)
    expect(visitor.locator("[data-log]")).to_contain_text("林涛")
    check_page(agent)

    # Typing both ways.
    visitor.locator("#chat-text").press_sequentially("在吗")
    expect(agent.locator("[data-typing]")).not_to_be_empty()
    agent.locator("#id_reply_body").press_sequentially("您好")
    expect(visitor.locator("[data-typing]")).not_to_be_empty()
    write(visitor, "VISITOR-1")
    expect(agent.locator("#stream")).to_contain_text("VISITOR-1")
    reply(agent, "AGENT-1")
    expect(visitor.locator("[data-log]")).to_contain_text("AGENT-1")
    expect(agent.locator(".said.me .mark").last).to_contain_text("已读")

    # Who looks elsewhere sees it in the title; a sound and a notice of the browser come only once they are wanted.
    visitor.evaluate("document.hasFocus = () => false")
    reply(agent, "AGENT-ELSEWHERE")
    expect(visitor).to_have_title(re.compile(r"^\(1\) "))
    expect(visitor.locator("[data-log] .day.new")).to_have_count(1)
    assert visitor.evaluate("[calls.rung, calls.asked, calls.notices.length]") == [0, 0, 0]
    visitor.locator(".chat-more > summary").click()
    visitor.locator("[data-sound]").check()
    visitor.locator("[data-ask-notices]").click()
    expect(visitor.locator("[data-ask-notices]")).to_be_hidden()
    assert visitor.evaluate("[calls.rung, calls.asked]") == [1, 1], "one hears what one has chosen"
    visitor.wait_for_timeout(1600)  # sounds close together are one
    reply(agent, "AGENT-CALLS")
    expect(visitor).to_have_title(re.compile(r"^\(2\) "))
    assert visitor.evaluate("calls.rung") == 2
    assert [words.endswith("AGENT-CALLS") for words in visitor.evaluate("calls.notices")] == [True]
    visitor.evaluate("delete document.hasFocus; dispatchEvent(new Event('focus'))")
    expect(visitor).not_to_have_title(re.compile(r"^\("))

    # A picture both ways.
    picture = tmp_path / "label.png"
    picture.write_bytes(png())
    visitor.set_input_files("#chat-file", picture)
    expect(agent.locator("#stream .said:not(.me) .bubble.pic img")).to_be_visible()
    agent.locator(".writer-files:has(hearth-upload) > summary").click()
    agent.set_input_files("#id_files", picture)
    expect(agent.locator(".upload-list input[name=attachments]")).to_have_count(1)
    reply(agent, "")
    expect(visitor.locator("[data-log] img").last).to_be_visible()

    # An internal note stays inside.
    agent.locator("#tab-note").click()
    agent.fill("#id_chatnote_note", SECRET)
    agent.locator("#id_chatnote_note").press("Control+Enter")
    expect(agent.locator("#stream .bubble.note")).to_contain_text(SECRET)

    # The line is cut on both sides: what is written meanwhile arrives once, in order.
    visitor.context.set_offline(True)
    agent.context.set_offline(True)
    write(visitor, "VISITOR-2")
    write(visitor, "VISITOR-3")
    agent.locator("#tab-reply").click()
    reply(agent, "AGENT-2")
    expect(agent.locator(".said.pending, .said.me .mark", has_text="还没发出")).not_to_have_count(0)
    visitor.context.set_offline(False)
    agent.context.set_offline(False)
    for page, log in ((agent, "#stream"), (visitor, "[data-log]")):
        for words in ("VISITOR-2", "VISITOR-3", "AGENT-2"):
            expect(page.locator(log)).to_contain_text(words)
    visitor.reload()
    agent.reload()
    tab = visitor.context.new_page()
    tab.goto(visitor.url)
    write(tab, "VISITOR-4")
    for page, log in ((agent, "#stream"), (visitor, "[data-log]"), (tab, "[data-log]")):
        expect(page.locator(log)).to_contain_text("VISITOR-4")
        for words in ("VISITOR-1", "VISITOR-2", "VISITOR-3", "VISITOR-4", "AGENT-1", "AGENT-2"):
            assert count(page, log, words) == 1, (page.url, words)
        assert order(page, log) == ["VISITOR-1", "VISITOR-2", "VISITOR-3", "VISITOR-4"]
    assert SECRET not in visitor.content()
    tab.close()

    # It ends: rating, and the transcript without the note.
    agent.locator("h1").first.click()
    agent.keyboard.press("e")
    agent.locator("#form-end input[value=yes]").check()
    agent.locator("#form-end button.btn").click()
    expect(agent.locator("[data-chat-head] .alert-line", has_text=re.compile("结束"))).to_be_visible()
    expect(visitor.locator("#chat-text")).to_have_count(0)
    check_page(visitor)
    mail = f"chat-{language}@example.com"
    visitor.locator("input[name=rating][value='5']").check(force=True)
    press(visitor.locator("form:has(input[name=rating]) button.btn").last)
    visitor.locator("input[name=email]").first.fill(mail)
    visitor.locator("form:has(input[name=email]) button").first.click()
    text = portal.wait_for_mail(mail)
    assert "VISITOR-4" in text
    assert "AGENT-2" in text
    assert SECRET not in text
    end_all(agent)


def order(page: Page, log: str) -> list[str]:
    """Return the visitor's numbered words as they stand."""
    return re.findall(r"VISITOR-\d", page.locator(log).inner_text())


def end_all(page: Page) -> None:
    """End what is left and go home."""
    page.goto("/desk/chat/")
    for address in page.locator("[data-chat-list] .qrow[href*='/desk/chat/C-']").evaluate_all("rows => rows.map(row => row.href)"):
        page.goto(address)
        if page.locator("#form-end").count():
            page.locator("#form-end summary").click()
            page.locator("#form-end input[value=yes]").check()
            page.locator("#form-end button.btn").click()
            expect(page.locator("#form-end")).to_have_count(0)
    away(page)


def png() -> bytes:
    """Return a small picture."""
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), "#0b6e69").save(buffer, "PNG")
    return buffer.getvalue()


def focused(page: Page) -> str:
    """Return the id of what has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def test_the_agent_works_by_keys_alone_and_a_colleague_is_seen(someone, sign_in, check_page, portal, round_the_clock):
    agent, colleague = someone(size="desktop", language="zh-hans"), someone(size="desktop", language="zh-hans")
    sign_in(agent, FIRST)
    sign_in(colleague, SECOND)
    available(agent)
    visitor = someone(size="phone", language="zh-hans")
    ask(visitor, "zh-hans", QUESTION["zh-hans"], "马秀英")
    expect(agent.locator("[data-offers-here] .offer")).to_be_visible()
    expect(agent).to_have_title(re.compile(r"^\(1\) "))
    agent.keyboard.press("?")
    expect(agent.locator("#keys")).to_be_visible()
    agent.keyboard.press("Escape")
    agent.keyboard.press("a")
    agent.wait_for_url(re.compile(r"/desk/chat/C-"))

    # The second agent is seen: looking, then writing, then gone.
    available(colleague)
    colleague.goto(agent.url)
    expect(agent.locator(".viewers")).to_contain_text("在看")
    colleague.locator("#id_chatnote_note").press_sequentially("我也在看")
    expect(agent.locator(".viewers")).to_contain_text("正在写")
    check_page(agent)
    colleague.goto("/desk/chat/")
    expect(agent.locator(".viewers")).to_have_count(0)

    agent.keyboard.press("r")
    assert focused(agent) == "id_reply_body"
    agent.keyboard.type("/")
    expect(agent.locator("[data-canned-panel]")).to_be_visible()
    agent.keyboard.press("ArrowDown")
    agent.keyboard.press("Enter")
    expect(agent.locator("#id_reply_body")).not_to_have_value("/")
    agent.keyboard.press("Enter")
    expect(visitor.locator("[data-log] .bubble")).to_have_count(4)
    agent.locator("body").press("Escape")
    agent.evaluate("document.activeElement.blur()")
    agent.keyboard.press("i")
    expect(agent.locator("#articles")).to_be_visible()
    agent.keyboard.type("排水")
    agent.locator("#article-hits [data-insert-article]").first.wait_for()
    agent.keyboard.press("Tab")
    agent.keyboard.press("Tab")
    agent.keyboard.press("Enter")
    expect(agent.locator("[data-articles] li")).to_have_count(1)
    agent.keyboard.press("Enter")
    expect(visitor.locator("[data-log] a.mini")).to_be_visible()
    agent.evaluate("document.activeElement.blur()")
    agent.keyboard.press("c")
    assert focused(agent) == "id_chatnote_note"
    agent.keyboard.type(SECRET)
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("#stream .bubble.note")).to_contain_text(SECRET)
    agent.wait_for_load_state()

    # Handed to the colleague, who has to accept, and back by ending it. Wherever the colleague works, the offer covers nothing.
    colleague.goto("/desk/tickets/")
    agent.keyboard.press("t")
    assert focused(agent) == "id_transfer_to"
    agent.locator("#id_transfer_to").press("ArrowDown")
    agent.keyboard.press("Tab")
    agent.keyboard.type("您更熟悉这款")
    agent.keyboard.press("Control+Enter")
    expect(colleague.locator("#chat-offers .offer")).to_contain_text("您更熟悉这款")
    check_page(colleague)
    assert colleague.evaluate(COVERED) == []
    colleague.set_viewport_size({"width": 320, "height": 640})
    assert colleague.evaluate(COVERED) == []
    colleague.set_viewport_size({"width": 1280, "height": 800})
    colleague.locator("h1").first.click()
    colleague.keyboard.press("a")
    colleague.wait_for_url(re.compile(r"/desk/chat/C-"))
    expect(visitor.locator("[data-log]")).to_contain_text("许晓雯")
    expect(agent.locator("#id_reply_body")).to_have_count(0)
    colleague.keyboard.press("e")
    colleague.keyboard.press("Space")
    colleague.keyboard.press("Control+Enter")
    expect(colleague.locator("#form-end")).to_have_count(0)
    expect(visitor.locator("#chat-text")).to_have_count(0)
    assert SECRET not in visitor.content()
    # Single keys can be switched off.
    colleague.wait_for_load_state()  # the page of the ended chat has its keys once it is there
    colleague.keyboard.press("?")
    expect(colleague.locator("#keys")).to_be_visible()
    colleague.locator("[data-keys-switch]").uncheck()
    colleague.keyboard.press("Escape")
    colleague.keyboard.press("c")
    assert focused(colleague) != "id_chatnote_note"
    # … and stay off in another browser of the same person.
    elsewhere = someone(size="desktop", language="zh-hans")
    sign_in(elsewhere, SECOND)
    elsewhere.goto("/desk/chat/")
    elsewhere.keyboard.press("?")
    expect(elsewhere.locator("[data-keys-state]")).not_to_be_empty()
    expect(elsewhere.locator("#keys")).to_be_hidden()
    elsewhere.locator("[data-open-dialog=keys]").click()
    with elsewhere.expect_response("**/desk/keys/"):
        elsewhere.locator("[data-keys-switch]").check()
    elsewhere.keyboard.press("Escape")
    elsewhere.keyboard.press("?")
    expect(elsewhere.locator("#keys")).to_be_visible()
    for page in (agent, colleague):
        away(page)


def test_two_agents_at_one_ticket_see_each_other(someone, sign_in):
    agent, colleague = someone(size="desktop", language="zh-hans"), someone(size="desktop", language="zh-hans")
    sign_in(agent, FIRST)
    sign_in(colleague, SECOND)
    agent.goto("/desk/tickets/?status=any")
    agent.locator("a[href*='/desk/tickets/T-']").first.click()
    agent.wait_for_url(re.compile(r"/desk/tickets/T-"))
    tab = colleague.context.new_page()
    tab.goto(agent.url)
    expect(agent.locator("[data-viewers]")).to_contain_text("在看")
    tab.locator("#tab-note").click()
    tab.locator("#id_note_note").press_sequentially("我来写")
    expect(agent.locator("[data-viewers]")).to_contain_text("正在写")
    tab.close()
    expect(agent.locator("[data-viewers] .viewers")).to_have_count(0)


def test_a_menu_that_was_opened_and_a_field_that_was_begun_outlive_a_refresh_of_the_list(someone, sign_in, portal):
    agent = someone(size="desktop", language="zh-hans")
    sign_in(agent, FIRST)
    agent.goto("/desk/chat/")
    held: list = []
    agent.route("**/desk/chat/list/**", lambda route: held.append(route))
    agent.evaluate("document.dispatchEvent(new CustomEvent('hearth:desk-chat', {detail: {type: 'crew'}}))")
    for _look in range(100):
        if held:
            break
        agent.wait_for_timeout(50)
    # The list is being fetched; only now the menu is opened and a reason chosen.
    agent.locator(".chat-state summary").click()
    agent.locator("#id_away_reason").select_option(index=2)
    agent.locator(".chat-state button[value=away]").focus()
    chosen = agent.locator("#id_away_reason").input_value()
    answer = held[0].fetch()
    fresh = re.sub(r'data-waiting="\d+"', 'data-waiting="77"', answer.text()).replace("</ul>", "<li>LATER</li></ul>")
    held[0].fulfill(response=answer, body=fresh + "<p>LATER</p>")
    expect(agent.locator('.desk-top a[href="/desk/chat/"] .count')).to_have_text("77")
    expect(agent.locator("[data-chat-list]")).to_contain_text("LATER")
    expect(agent.locator(".chat-state[open] button[value=away]")).to_be_focused()
    assert agent.locator("#id_away_reason").input_value() == chosen != ""
    agent.unroute("**/desk/chat/list/**")
    agent.keyboard.press("Enter")
    expect(agent.locator(".chat-me .tag.care")).to_be_visible()
