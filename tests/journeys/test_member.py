"""A member: signs up by phone, adds a passkey, keeps addresses, chooses what to hear, takes the data along, and leaves for good."""

import io
import json
import random
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import SIZES, Portal, press

TWO = [("zh-hans", "phone"), ("en", "desktop")]
KNOWN = {"zh-hans": "138 0013 8000", "en": "138 0013 8009"}  # members of the demo; one number is asked at most every half minute
LINE = "欧阳明澈 13900001111 浙江省杭州市西湖区古荡街道文三路508号2单元702室"


def new_number() -> str:
    """Return a mobile number that nobody in the demo has."""
    return f"137{random.randrange(10**8):08d}"


def sign_up(page: Page, language: str, phone: str, *, name: str) -> None:
    """Fill in the sign-up form and send it."""
    page.goto(f"/{language}/")
    page.goto("/accounts/signup/")
    page.locator("input[name=phone]").fill(phone)
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=consent]").check()
    page.wait_for_timeout(1100)  # quicker than a second is a robot
    page.locator("main form:has(input[name=phone]) button[type=submit]").first.click()
    page.locator("input[name=code]").wait_for()


def give_code(page: Page, code: str) -> None:
    """Type six digits and send them."""
    page.locator("input[name=code]").fill(code)
    press(page.locator("main form:has(input[name=code]) button[type=submit]").first)


def code_for(portal: Portal, address: str, *, after: int) -> str:
    """Return the six digits of the next message to an address."""
    return re.findall(r"(?<!\d)\d{6}(?!\d)", portal.wait_for_mail(address, after=after))[-1]


def sign_up_for_good(page: Page, portal: Portal, language: str, *, name: str) -> str:
    """Make a new account and prove its number; return the number in E.164."""
    phone = new_number()
    address = f"+86{phone}"
    sign_up(page, language, phone, name=name)
    give_code(page, code_for(portal, address, after=0))
    page.wait_for_url(re.compile(r"/(zh-hans|en)/my/"))
    return address


@pytest.mark.parametrize(("language", "size"), TWO)
def test_a_number_a_code_pasted_and_three_wrong_ones(someone, portal, check_page, language, size):
    page = someone(size=size, language=language, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"/{language}/")
    page.goto("/accounts/signup/")
    page.wait_for_timeout(1100)
    with page.expect_navigation() as answer:
        page.locator("main form:has(input[name=phone]) button[type=submit]").first.click()
    assert answer.value.status in (200, 422)
    expect(page.locator("[data-error-summary]")).to_be_visible()
    assert page.title().startswith({"zh-hans": "错误", "en": "Error"}[language])

    # Somebody's number and a new one look the same.
    theirs = "+86" + KNOWN[language].replace(" ", "")
    before = len(portal.outbox(theirs))
    sign_up(page, language, KNOWN[language], name="")
    known = (page.url, page.locator("h1").inner_text(), page.locator("main").inner_text().replace(KNOWN[language], ""))
    stranger = someone(size=size, language=language, permissions=["clipboard-read", "clipboard-write"])
    phone = new_number()
    shown = f"{phone[:3]} {phone[3:7]} {phone[7:]}"
    sign_up(stranger, language, shown, name="林晓云")
    check_page(stranger)
    assert known == (stranger.url, stranger.locator("h1").inner_text(), stranger.locator("main").inner_text().replace(shown, ""))
    told = portal.wait_for_mail(theirs, after=before)
    assert not re.search(r"(?<!\d)\d{6}(?!\d)", told)

    # The code goes in by paste.
    code = code_for(portal, f"+86{phone}", after=0)
    field = stranger.locator("input[name=code]")
    expect(field).to_have_attribute("autocomplete", "one-time-code")
    stranger.evaluate("text => navigator.clipboard.writeText(text)", code)
    field.focus()
    stranger.keyboard.press("Control+V")
    expect(field).to_have_value(code)
    stranger.keyboard.press("Enter")
    stranger.wait_for_url(re.compile(r"/(zh-hans|en)/my/"))
    expect(stranger.locator("h1")).to_contain_text("林晓云")
    check_page(stranger)

    # Three wrong codes end the attempt; sending again is limited.
    page = someone(size=size, language=language)
    page.goto(f"/{language}/")
    page.goto("/accounts/login/code/")
    page.locator("input[name=login]").fill(phone)
    page.wait_for_timeout(1100)
    page.locator("main form:has(input[name=login]) button[type=submit]").first.click()
    right = code_for(portal, f"+86{phone}", after=1)
    for step in (1, 2, 3):
        give_code(page, f"{(int(right) + step) % 1_000_000:06d}")
    page.wait_for_url(re.compile(r"/accounts/login/code/$"))
    page.goto("/accounts/login/code/confirm/")
    expect(page.locator("input[name=code]")).to_have_count(0)


@pytest.mark.parametrize(("language", "size"), TWO)
def test_a_passkey_is_added_and_signs_in(browser, portal, check_page, language, size):
    # Browsers give passkeys to names, not to numbers: the same portal under its other name.
    origin = portal.origin.replace("127.0.0.1", "localhost")
    locale = {"zh-hans": "zh-CN", "en": "en-GB"}[language]
    home = f"10.77.{random.randrange(255)}.{random.randrange(255)}"
    context = browser.new_context(viewport=SIZES[size], locale=locale, base_url=origin, extra_http_headers={"X-Forwarded-For": home})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    address = sign_up_for_good(page, portal, language, name="Passkey")
    page.goto(f"/{language}/my/settings/")
    page.locator("main a[href='/accounts/2fa/']").click()
    check_page(page)
    page.locator("main a[href*='webauthn/add']").click()
    page.locator("input[name=name]").fill("Test")
    page.locator("main form:has(input[name=name]) button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/accounts/2fa/(?!webauthn/add)"))
    page.goto(f"/{language}/my/settings/")
    expect(page.locator("main")).to_contain_text(re.compile("1 个通行密钥|1 passkey"))
    page.locator("main form[action='/accounts/logout/'] button").last.click()
    page.wait_for_url(re.compile(r"/(zh-hans|en)/$"))
    page.goto("/accounts/login/")
    page.locator("hearth-passkey button[type=submit]").click()
    page.wait_for_url(re.compile(r"/(zh-hans|en)/my/"))
    expect(page.locator("h1")).to_contain_text("Passkey")
    assert portal.wait_for_mail(address, containing={"zh-hans": "通行密钥", "en": "passkey"}[language], after=1)
    context.close()


@pytest.mark.parametrize(("language", "size"), TWO)
def test_addresses_choices_and_devices(someone, portal, check_page, language, size):
    page = someone(size=size, language=language)
    address = sign_up_for_good(page, portal, language, name="欧阳明澈")
    page.goto(f"/{language}/my/settings/addresses/")
    check_page(page)
    page.goto(f"/{language}/my/settings/addresses/new/")
    page.locator("textarea[name=paste]").fill(LINE)
    page.locator("button[name=split]").click()
    expect(page.locator("input[name=detail]")).to_have_value("文三路508号2单元702室")
    expect(page.locator("#id_district_list")).to_have_value("西湖区")
    page.locator("#id_province_list").select_option("广东省")
    expect(page.locator("#id_city_list")).to_have_value("")
    page.locator("#id_city_list").select_option("深圳市")
    page.locator("#id_district_list").select_option("南山区")
    page.locator("input[name=street]").fill("粤海街道")
    page.locator("input[name=detail]").focus()
    check_page(page)
    page.locator("main form:has(input[name=detail]) .btns-fill button").click()
    page.wait_for_url(re.compile(r"/settings/addresses/$"))
    expect(page.locator("main")).to_contain_text("广东省 深圳市 南山区 粤海街道")

    page.goto(f"/{language}/my/settings/notifications/")
    check_page(page)
    assert page.locator("input[name=requests-mail]").is_disabled()
    page.locator("input[name=chat-sms]").uncheck()
    page.locator("input[name=starts]").fill("23:00")
    press(page.locator("main form:has(input[name=starts]) button").last)
    expect(page.locator("input[name=chat-sms]")).not_to_be_checked()
    expect(page.locator("input[name=starts]")).to_have_value("23:00")

    # A second device signs in, is named, and is a stranger once it is ended here.
    other = someone(size="desktop", language=language)
    other.goto(f"/{language}/")
    other.goto("/accounts/login/code/")
    other.locator("input[name=login]").fill(address)
    other.wait_for_timeout(1100)
    before = len(portal.outbox(address))
    other.locator("main form:has(input[name=login]) button[type=submit]").first.click()
    give_code(other, code_for(portal, address, after=before))
    other.wait_for_url(re.compile(r"/my/"))
    page.goto(f"/{language}/my/settings/devices/")
    check_page(page)
    expect(page.locator("main .settings > li")).to_have_count(2)
    page.locator("main .settings form[action*='/end/'] button").click()
    expect(page.locator("main .settings > li")).to_have_count(1)
    other.goto(f"/{language}/my/settings/")
    other.wait_for_url(re.compile(r"/accounts/login/"))


def set_cool_off(page: Page, hours: int) -> None:
    """Set the cool-off as an administrator does."""
    page.goto("/cms/settings/accounts/privacysettings/")
    page.locator("input[name=cool_off_hours]").fill(str(hours))
    press(
        page.locator(
            "form:has(input[name=cool_off_hours]) button[type=submit], form:has(input[name=cool_off_hours]) input[type=submit]"
        ).last
    )


@pytest.fixture
def short_cool_off(someone, sign_in) -> Iterator[None]:
    """The administrator has set the cool-off to nothing; it is put back afterwards."""
    page = someone(size="desktop", language="en")
    sign_in(page, "admin@heyan.example")
    set_cool_off(page, 0)
    yield
    set_cool_off(page, 168)


def ask_for_help(page: Page, language: str, subject: str) -> None:
    """Send a request as the member."""
    page.goto(f"/{language}/help/")
    page.locator("input[name=subject]").fill(subject)
    page.wait_for_timeout(1100)
    press(page.locator("main form > .btns button.btn").last)
    if page.locator("#asked").count():
        page.locator("#asked button[name=still]").click()
    page.wait_for_url(re.compile(r"/(help|my/tickets)/T-"))


@pytest.mark.parametrize(("language", "size"), TWO)
def test_the_data_go_along_and_nothing_stays(someone, portal, sign_in, check_page, short_cool_off, tmp_path, language, size):
    page = someone(size=size, language=language)
    name = f"欧阳{random.randrange(10**6):06d}"
    address = sign_up_for_good(page, portal, language, name=name)
    subject = f"只有这一次的句子 {address[-8:]}"
    ask_for_help(page, language, subject)

    # The copy: asked for, told, downloaded, opened.
    page.goto(f"/{language}/my/settings/data/")
    check_page(page)
    before = len(portal.outbox(address))
    page.locator("form[action$='/data/copy/'] button").click()
    told = portal.wait_for_mail(address, containing="/my/settings/data/", after=before)
    assert ".zip" not in told
    page.goto(f"/{language}/my/settings/data/")
    with page.expect_download() as download:
        page.locator("a[download]").click()
    target = Path(tmp_path, download.value.suggested_filename)
    download.value.save_as(target)
    with zipfile.ZipFile(io.BytesIO(target.read_bytes())) as archive:
        assert archive.testzip() is None
        account = json.loads(archive.read("account/account.json"))[0]
        requests = json.loads(archive.read("requests/requests.json"))
    assert (account["name"], account["phone"]) == (name, address) and requests[0]["subject"] == subject

    # The way out: what is open is named, a code proves it, the clock does it.
    page.goto(f"/{language}/my/settings/close/")
    check_page(page)
    expect(page.locator("main")).to_contain_text(subject)
    before = len(portal.outbox(address))
    page.locator("form[action$='/close/code/'] button").click()
    code = code_for(portal, address, after=before)
    page.locator("input[name=code]").fill(code)
    page.locator("main form:has(input[name=code]) button.danger").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    page.locator("input[name=code]").fill(code)
    page.locator("input[name=sure]").check()
    page.locator("main form:has(input[name=code]) button.danger").click()
    began = time.monotonic()  # the last code is older than this
    farewell = portal.wait_for_mail(address, containing={"zh-hans": "已注销", "en": "is closed"}[language], after=before, seconds=120)
    assert "http" not in farewell
    page.goto(f"/{language}/my/settings/")
    page.wait_for_url(re.compile(r"/accounts/login/"))

    # Nobody here finds the person any more.
    agent = someone(size="desktop", language="zh-hans")
    sign_in(agent, "lin.tao@heyan.example")
    for words in (address.removeprefix("+86"), subject, name):
        agent.goto(f"/desk/tickets/?q={words}&status=any")
        expect(agent.locator("main [role=status]").first).to_contain_text("0 个工单")

    # The number is free; one number is asked at most every half minute.
    again = someone(size=size, language=language)
    again.wait_for_timeout(max(0, 31 - (time.monotonic() - began)) * 1000)
    before = len(portal.outbox(address))
    sign_up(again, language, address.removeprefix("+86"), name="新人")
    give_code(again, code_for(portal, address, after=before))
    again.wait_for_url(re.compile(r"/my/"))
    again.goto(f"/{language}/my/tickets/")
    expect(again.locator("main")).not_to_contain_text(subject)
