"""The camera reads a label on the page of registration, with the browser's own reader or without one; refused, it is said in words."""

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import FLAGS, PHONE
from warranty.labels import qr_png

SERIAL = "HY24 0115 80 1009"
REFUSED = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
# A browser with a reader of its own, as on Android: it sees the shop's barcode first.
READER = """window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code", "ean_13"]; }
  async detect(video) { return video.videoWidth ? [{ rawValue: "6901234567892" }, { rawValue: "SN: %s" }] : []; }
}"""


def film(path: Path) -> Path:
    """Make a film of a label that is held still before the camera."""
    frame, code = Image.new("RGB", (640, 480), "#d8d8d8"), Image.open(io.BytesIO(qr_png(f"MODEL WF10-320 S/N {SERIAL}"))).convert("RGB")
    frame.paste(code.resize((360, 360)), (140, 60))
    buffer = io.BytesIO()
    frame.save(buffer, "JPEG", quality=90)
    path.write_bytes(buffer.getvalue() * 10)
    return path


@pytest.fixture
def with_camera(browser, tmp_path) -> Iterator[Browser]:
    """A Chromium whose camera shows the film."""
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags.append(f"--use-file-for-fake-video-capture={film(tmp_path / 'label.mjpeg')}")
    path = os.environ.get("HEARTH_CHROMIUM", "/usr/bin/chromium")
    chromium = browser.browser_type.launch(executable_path=path, args=[*FLAGS, *flags])
    yield chromium
    chromium.close()


def look(page: Page, script: str = "") -> Page:
    """Open the page of registration in a tab of its own and press the button of the camera."""
    tab = page.context.new_page()
    if script:
        tab.add_init_script(script)
    tab.goto("/zh-hans/my/products/register/")
    tab.get_by_role("button", name="用摄像头").click()
    return tab


def test_the_camera_reads_the_label_and_a_refusal_is_said_in_words(portal, with_camera, sign_in, check_page):
    context = with_camera.new_context(viewport=PHONE, locale="zh-CN", base_url=portal.origin)
    complaints: list[str] = []
    context.on("console", lambda line: complaints.append(line.text) if line.type == "error" and "status of 400" not in line.text else None)
    page = context.new_page()
    sign_in(page, "zhou.lan@example.com")
    for script in ("", READER % SERIAL):
        tab = look(page, script)
        expect(tab.locator("input[name=serial]")).to_have_value(SERIAL)
        expect(tab.locator("[data-scan-status]")).to_contain_text(SERIAL)
        expect(tab.locator("video")).to_have_count(0)
        assert tab.evaluate("document.querySelector('hearth-label-scan').stream") is None
    check_page(tab)
    # What has not been seen yet can be stopped; what is refused leaves the photo and the field.
    tab = look(page, "window.fetch = () => new Promise(() => {})")
    expect(tab.locator("video")).to_be_visible()
    check_page(tab)
    tab.get_by_role("button", name="关掉摄像头").click()
    expect(tab.locator("video")).to_have_count(0)
    tab = look(page, REFUSED)
    expect(tab.locator("[data-scan-status]")).to_have_text(re.compile("不能使用摄像头"))
    expect(tab.locator("[data-scan-pick]")).to_be_visible()
    assert complaints == []
    context.close()
