"""A machine is registered by its label, checked by the desk, and its page says until when: two people, two browsers."""

import io
import re
import zlib

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from warranty.labels import qr_png

MEMBERS = {"zh-hans": "zhou.lan@example.com", "en": "daniel.reyes@example.com"}
WORDS = {
    "zh-hans": {
        "wrong": "序列号的格式不对",
        "meant": "是不是另一个号码？",
        "known": "查到这台机器了，请继续。",
        "review": "审核中",
        "approved": "已通过，会通知客户。",
        "end": "2027年2月28日",
        "told": "登记已通过",
        "certificate": "保修凭证修电机查验",
        "valid": "有效至 2027年2月28日",
        "none": "没有这个编号的凭证",
        "send": "登记",
        "left": "整机还剩",
    },
    "en": {
        "wrong": "No serial number of ours looks like this",
        "meant": "Did you mean another number?",
        "known": "We know this machine. Go on.",
        "review": "under review",
        "approved": "已通过，会通知客户。",
        "end": "28 Feb 2027",
        "told": "Your registration is approved",
        "certificate": "Warranty certificate",
        "valid": "Valid until 28 Feb 2027",
        "none": "There is no certificate with this number",
        "send": "Register",
        "left": "Whole machine:",
    },
}


def picture(content: bytes, name: str) -> dict:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def receipt() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (600, 800), "white").save(buffer, "PNG")
    return buffer.getvalue()


def letters_of(pdf: bytes) -> set[str]:
    """Return the characters a PDF has glyphs for, from the tables that say what its glyphs mean."""
    found: set[str] = set()
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\n?endstream", pdf, re.DOTALL):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            continue
        if b"beginbf" in text:
            for code in re.findall(rb"<[0-9A-Fa-f]{4,}>\s*<([0-9A-Fa-f]{4,})>", text):
                found |= set(bytes.fromhex(code.decode()).decode("utf-16-be"))
    return found


def type_serial(page: Page, serial: str) -> None:
    field = page.locator("input[name=serial]")
    field.fill("")
    field.press_sequentially(serial, delay=5)


@pytest.mark.parametrize(
    ("language", "size", "number"),
    [("zh-hans", "phone", 1), ("en", "desktop", 2)],
)
def test_from_the_label_to_the_certificate(portal, someone, sign_in, check_page, language, size, number):
    words, member = WORDS[language], MEMBERS[language]
    serial = f"HY24 0115 80 100{number}"
    before = len(portal.outbox(member))
    page = someone(size=size, language=language)
    sign_in(page, member)

    # A number that cannot be is explained with the drawing of the label; a look-alike is a question.
    page.goto(f"/{language}/my/products/register/?model=wf10-320")
    type_serial(page, "12345")
    expect(page.get_by_text(words["wrong"])).to_be_visible()
    expect(page.locator("#serial-answer img")).to_be_visible()
    type_serial(page, serial.replace("0115", "O115"))
    expect(page.get_by_text(words["meant"])).to_be_visible()
    check_page(page)
    page.locator("[data-use-serial]").click()
    expect(page.get_by_text(words["known"])).to_be_visible()

    # The photo of the label says it too.
    page.locator("input[name=serial]").fill("")
    page.locator("input[name=label]").set_input_files(picture(qr_png(f"MODEL WF10-320 S/N {serial}"), "label.png"))
    expect(page.locator("input[name=serial]")).to_have_value(serial)
    expect(page.get_by_text(words["known"])).to_be_visible()

    # Bought on 29 February, with a receipt.
    page.locator("input[name=purchased_on]").fill("2024-02-29")
    page.locator("input[name=files]").set_input_files(picture(receipt(), "receipt.png"))
    expect(page.locator("li.file[data-reference]")).to_be_visible()
    page.get_by_role("button", name=words["send"], exact=True).click()
    page.wait_for_url(re.compile(r"/my/registrations/W-"))
    reference = page.url.rstrip("/").rsplit("/", 1)[-1]
    expect(page.locator("header .tag")).to_have_text(words["review"])
    check_page(page)

    # A colleague sees the receipt beside the data and approves.
    desk = someone(size="desktop")
    sign_in(desk, "lin.tao@heyan.example")
    desk.goto("/desk/registrations/")
    check_page(desk)
    desk.get_by_role("link", name=reference).click()
    expect(desk.locator("figure.art img")).to_be_visible()
    check_page(desk)
    desk.locator("form[action$='/approve/'] button").click()
    expect(desk.get_by_text(words["approved"])).to_be_visible()

    # The customer is told; the page says until when, the last day of February.
    assert reference in portal.wait_for_mail(member, containing=words["told"], after=before)
    page.goto(f"/{language}/my/products/")
    check_page(page)
    page.locator("article.unit h2 a").first.click()
    expect(page.locator(".meter b").first).to_contain_text(words["left"])
    expect(page.locator("tbody tr").first).to_contain_text(words["end"])
    page.locator("tbody tr details.why summary").first.click()
    check_page(page)

    # The certificate has Simplified Chinese glyphs; a dealer checks it without an account and sees nobody's name.
    answer = page.request.get(page.locator("a[href$='/certificate/']").first.get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf"
    assert set(words["certificate"].replace(" ", "")) <= letters_of(answer.body())
    code = re.search(r'filename="WF10-320-([A-Z0-9]{12})\.pdf"', answer.headers["content-disposition"]).group(1)
    dealer = someone(size=size, language=language)
    dealer.goto(f"/{language}/certificates/{code}/")
    expect(dealer.get_by_text(words["valid"])).to_be_visible()
    assert serial not in dealer.content()
    assert "周岚" not in dealer.content()
    check_page(dealer)
    dealer.goto(f"/{language}/certificates/AAAABBBBCCCC/")
    expect(dealer.get_by_text(words["none"])).to_be_visible()
