"""Journey 2: no answer helps, a person is asked; the request has a number, a page of its own and never loses what was typed."""

import io
import re
import zlib
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys.conftest import LANGUAGES, SIZES, press

EVERYWHERE = [(language, size) for language in LANGUAGES for size in SIZES]
TWO = [("zh-hans", "phone"), ("en", "desktop")]
SUBJECT = {"zh-hans": "洗衣机不排水，停在脱水前", "en": "washer won't drain and stops before the spin"}
PLAIN = {"zh-hans": "想问一下木星紫色外壳", "en": "zorblax purple casing wanted"}
NUMBER = re.compile(r"/help/(T-\d{4}-[0-9A-Z]+)/")


def fill_request(page: Page, language: str, *, subject: str, email: str = "", phone: str = "", name: str = "林晓云") -> None:
    """Fill the form as a guest."""
    page.goto(f"/{language}/help/")
    page.fill("#id_subject", subject)
    page.fill("#id_description", {"zh-hans": "昨晚开始的。", "en": "Since last night."}[language])
    page.fill("#id_name", name)
    page.fill("#id_email", email)
    page.fill("#id_phone", phone)
    page.wait_for_timeout(1100)  # quicker than a second is a robot


def send(page: Page) -> str:
    """Send the form, past the answers it may offer, and return the number."""
    press(page.locator("main form > .btns button.btn").last)
    if page.locator("#asked").count():
        page.locator("#asked button[name=still]").click()
    page.wait_for_url(NUMBER)
    return NUMBER.search(page.url)[1]


@pytest.mark.parametrize(("language", "size"), EVERYWHERE)
def test_a_guest_asks_gets_a_number_and_comes_back_by_the_link(someone, portal, check_page, language, size):
    page = someone(size=size, language=language)
    mail = f"guest-{language}-{size}@example.com"
    page.goto(f"/{language}/help/?product=wf10-320")
    expect(page.locator("main")).to_contain_text("WF10-320")
    check_page(page)
    page.locator("#id_subject").press_sequentially(SUBJECT[language], delay=5)
    answers = page.locator("#answers a[data-suggested]")
    expect(answers.first).to_be_visible()
    assert answers.count() <= 3
    page.fill("#id_name", "Lin")
    page.fill("#id_email", mail)
    number = send(page)
    expect(page.locator("#arrived")).to_be_visible()
    expect(page.locator("main")).to_contain_text(number)
    check_page(page)
    page.reload()
    expect(page.locator("main")).to_contain_text(number)
    text = portal.wait_for_mail(mail, containing=number)
    link = re.search(rf"{re.escape(portal.origin)}\S*/help/{number}/\S*", text)[0].rstrip(").>")
    other = someone(size="desktop", language=language)
    bare = other.goto(f"/{language}/help/{number}/")
    assert bare.status == 404
    expect(other.locator("body")).not_to_contain_text(SUBJECT[language])
    other.goto(link)
    expect(other.locator("h1")).to_have_text(SUBJECT[language])


@pytest.mark.parametrize(("language", "size"), TWO)
def test_this_solved_it_sends_nothing(someone, language, size):
    page = someone(size=size, language=language)
    page.goto(f"/{language}/help/")
    page.locator("#id_subject").press_sequentially(SUBJECT[language], delay=5)
    page.locator("#answers button[name=solved_by]").click()
    page.wait_for_url("**/help/solved/")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main a[href$='/help/']").first).to_be_visible()


@pytest.mark.parametrize(("language", "size"), TWO)
def test_an_empty_form_says_what_is_missing_and_keeps_what_was_typed(someone, check_page, language, size):
    page = someone(size=size, language=language)
    page.goto(f"/{language}/help/")
    page.fill("#id_description", "只写了这里")
    page.fill("#id_phone", "12345")
    page.wait_for_timeout(1100)
    page.locator("main form > .btns button.btn").last.click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    assert page.title().startswith({"zh-hans": "错误", "en": "Error"}[language])
    expect(page.locator("#id_description")).to_have_value("只写了这里")
    expect(page.locator("#id_phone")).to_have_value("12345")
    check_page(page)
    summary.locator("a[href='#id_subject']").click()
    expect(page.locator("#id_subject")).to_be_focused()


def heic() -> bytes:
    """A real HEIC photo."""
    from pillow_heif import register_heif_opener

    register_heif_opener()
    made = io.BytesIO()
    Image.effect_noise((320, 240), 40).convert("RGB").save(made, "HEIF")
    return made.getvalue()


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it is 30 000 × 30 000 points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (30000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(2_000_000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("language", "size"), TWO)
def test_photos_are_taken_and_what_is_no_photo_is_refused_in_words(someone, language, size, tmp_path: Path):
    page = someone(size=size, language=language)
    fill_request(page, language, subject=PLAIN[language], email=f"photo-{language}@example.com")
    files = {
        "label.heic": heic(),
        "bomb.png": bomb(),
        "photo.jpg": b"MZ\x90\x00" + b"\x00" * 4000,
        "broken.heic": b"\x00\x00\x00\x18ftypheic" + b"\x00" * 400,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    picker = page.locator("input[type=file]")
    picker.set_input_files(tmp_path / "label.heic")
    taken = page.locator("li.file[data-reference]")
    expect(taken).to_have_count(1)
    for name in ("bomb.png", "photo.jpg", "broken.heic"):
        picker.set_input_files(tmp_path / name)
        row = page.locator("li.file", has_text=name)
        expect(row.locator(".error, .bad-ink, [role=alert]").first).to_have_text(re.compile(r"\S{4,}"))
        row.locator("button").first.click()
        expect(row).to_have_count(0)
    with (tmp_path / "film.mp4").open("wb") as film:
        film.write(b"\x00\x00\x00\x18ftypmp42")
        film.truncate(30 * 1024 * 1024)
    picker.set_input_files(tmp_path / "film.mp4")
    row = page.locator("li.file", has_text="film.mp4")
    expect(row).to_contain_text("25 MB")
    row.locator("button").first.click()
    expect(page.locator("#id_subject")).to_have_value(PLAIN[language])
    send(page)
    picture = page.locator(".thread img").first
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.thread img').naturalWidth > 0")
    address = picture.get_attribute("src")
    stranger = someone(size=size, language=language)
    assert stranger.goto(address).status == 404


@pytest.mark.parametrize(("language", "size"), TWO)
def test_files_without_scripts_are_refused_in_words_and_nothing_typed_is_lost(someone, language, size, tmp_path: Path):
    page = someone(size=size, language=language, java_script_enabled=False)
    fill_request(page, language, subject=PLAIN[language], email="noscript@example.com")
    (tmp_path / "photo.jpg").write_bytes(b"MZ\x90\x00" + b"\x00" * 4000)
    page.locator("input[type=file]").set_input_files(tmp_path / "photo.jpg")
    page.locator("main form > .btns button.btn").last.click()
    expect(page.locator("[data-error-summary]")).to_contain_text("photo.jpg")
    expect(page.locator("#id_subject")).to_have_value(PLAIN[language])


@pytest.mark.parametrize(("language", "size"), TWO)
def test_number_and_phone_open_the_request_with_a_code(someone, portal, check_page, language, size):
    digits = {"zh-hans": "13900139001", "en": "13900139002"}[language]
    page = someone(size=size, language=language)
    fill_request(page, language, subject=PLAIN[language], phone=f"{digits[:3]} {digits[3:7]} {digits[7:]}")
    number = send(page)
    portal.wait_for_mail(f"+86{digits}", containing=number)
    before = len(portal.outbox(f"+86{digits}"))
    other = someone(size=size, language=language)
    said = []
    for reference, phone in (("T-2611-00001", digits), (number, digits)):
        other.goto(f"/{language}/track/")
        other.fill("#id_reference", reference.lower())
        other.fill("#id_address", phone)
        other.wait_for_timeout(1100)
        other.locator("main form button.btn").click()
        other.wait_for_url("**/track/code/")
        said.append(other.locator("main .alert").inner_text().replace(reference, "").replace(reference.lower(), ""))
    assert said[0] == said[1], "a wrong number and a right one must sound alike"
    check_page(other)
    code = re.search(r"\b\d{6}\b", portal.wait_for_mail(f"+86{digits}", after=before))[0]
    wrong = "000000" if code != "000000" else "111111"
    other.fill("#id_code", wrong)
    other.locator("main form button.btn").click()
    expect(other.locator("[data-error-summary]")).to_be_visible()
    other.fill("#id_code", code)
    other.locator("main form button.btn").click()
    expect(other.locator("h1")).to_have_text(PLAIN[language])


def test_pressing_twice_and_two_windows_make_one_request(someone, portal):
    page = someone(size="phone", language="zh-hans")
    mail = "twice@example.com"
    fill_request(page, "zh-hans", subject=PLAIN["zh-hans"], email=mail)
    twin = page.context.new_page()
    fields = page.locator("main form:has(#id_subject)").evaluate(
        "form => Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === 'string'))"
    )
    twin.goto("/zh-hans/privacy/")
    answers = twin.evaluate(
        """async fields => Promise.all([1, 2, 3].map(async () => {
            const body = new FormData(); for (const [name, value] of Object.entries(fields)) body.set(name, value); body.set('still', '1');
            return (await fetch('/zh-hans/help/', {method: 'POST', body})).url }))""",
        fields,
    )
    page.locator("main form > .btns button.btn").last.dblclick()
    page.wait_for_url(NUMBER)
    assert {NUMBER.search(address)[1] for address in answers} == {NUMBER.search(page.url)[1]}
    portal.wait_for_mail(mail)
    page.wait_for_timeout(500)
    assert len(portal.outbox(mail)) == 1


@pytest.mark.parametrize(("language", "size"), TWO)
def test_a_member_is_not_asked_for_an_address_and_finds_the_request_in_the_list(someone, sign_in, check_page, language, size):
    page = someone(size=size, language=language)
    sign_in(page, {"zh-hans": "zhou.lan@example.com", "en": "daniel.reyes@example.com"}[language])
    page.goto(f"/{language}/help/")
    expect(page.locator("#id_email")).to_have_count(0)
    page.fill("#id_subject", PLAIN[language])
    page.wait_for_timeout(1100)
    number = send(page)
    page.goto(f"/{language}/my/")
    check_page(page)
    page.locator(f"a[href*='{number}']").first.click()
    expect(page.locator("h1")).to_have_text(PLAIN[language])
    stranger = someone(size=size, language=language)
    stranger.goto(page.url)
    expect(stranger.locator("body")).not_to_contain_text(PLAIN[language])
