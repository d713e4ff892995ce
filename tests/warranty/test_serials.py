"""Serial numbers as people type them; labels as they photograph them; PDFs as they come."""

import io
import zlib
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import InvalidUpload
from core.pdf_checks import look_inside
from warranty import labels, serials

RULE = serials.Rule(pattern=r"HY(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})8\d{5}")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("hy24 0331-80·0652", "HY240331800652"),
        ("ＨＹ２４０３３１８００６５２", "HY240331800652"),
        ("HY二四〇三三一八〇〇六五二", "HY240331800652"),
        ("HY24\u200b0331 800652", "HY240331800652"),
        ("", ""),
    ],
)
def test_width_case_spaces_and_chinese_digits_do_not_matter(typed, read):
    assert serials.normal(typed) == read


@pytest.mark.parametrize(
    ("serial", "shown"),
    [
        ("HY24 0331 80 0652", "HY24 **** ** 0652"),
        ("HY240331800652", "HY24******0652"),
        ("AB12345", "AB***45"),
        ("AB123", "*****"),
        ("", ""),
    ],
)
def test_a_masked_number_shows_its_ends_only(serial, shown):
    assert serials.masked(serial) == shown


@pytest.mark.parametrize(
    ("serial", "made"),
    [
        ("HY24 0331 80 0652", date(2024, 3, 31)),
        ("HY24 0229 80 0652", date(2024, 2, 29)),
        ("HY23 0229 80 0652", None),
        ("HY24 1331 80 0652", None),
    ],
)
def test_the_day_of_production_is_read_and_must_exist(serial, made):
    fit = RULE.match(serial)
    assert (fit.produced_on if fit else None) == made


@pytest.mark.parametrize(
    ("coded", "day"),
    [
        ({"year": "24", "month": "C"}, date(2024, 12, 1)),
        ({"year": "2024", "month": "9", "day": "5"}, date(2024, 9, 5)),
        ({"year": "24", "week": "09"}, date(2024, 2, 26)),
        ({"year": "24", "week": "54"}, None),
        ({"month": "5"}, None),
    ],
)
def test_days_are_coded_in_many_ways(coded, day):
    assert serials.production_day(coded) == day


def test_a_machine_made_in_the_future_fits_no_rule():
    assert serials.fits("HY30 0101 80 0001", [RULE], today=date(2026, 1, 1)) == []
    assert len(serials.fits("HY25 0101 80 0001", [RULE], today=date(2026, 1, 1))) == 1


def test_look_alikes_are_offered_nearest_first_and_never_the_number_itself():
    found = serials.corrections("HY24 O331 80 I001")
    assert "HY240331801001" in found
    assert "HY24O33180I001" not in found
    assert sum(a != b for a, b in zip(found[0], "HY24O33180I001", strict=True)) == 1


@settings(max_examples=60, deadline=None)
@example("A´")
@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_without_an_error(typed):
    once = serials.normal(typed)
    assert serials.normal(once) == once
    assert len(once) <= serials.LONGEST
    serials.masked(typed)
    assert len(serials.corrections(typed)) <= serials.MOST_CORRECTIONS
    RULE.match(typed)


# --- labels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("https://service.example/p/AbC-1_x/", {"code": "AbC-1_x"}),
        ("https://service.example/zh-hans/p/HY240331800652", {"code": "HY240331800652"}),
        ("https://elsewhere.example/other", {}),
        ("MODEL: WF10-320 S/N: HY24 0331 80 0652", {"model": "WF10-320", "serial": "HY24 0331 80 0652"}),
        ("型号 RC452 序列号 HY230518120277", {"model": "RC452", "serial": "HY230518120277"}),
        ("HY240331800652", {"serial": "HY240331800652"}),
        ("12", {}),
    ],
)
def test_the_text_of_a_code_is_understood(text, reading):
    found = labels.reading_of(text)
    assert {name: value for name in ("code", "serial", "model") if (value := getattr(found, name))} == reading


def test_a_photographed_code_is_read_even_when_turned():
    content = labels.qr_png("HY240331800652")
    turned = io.BytesIO()
    Image.open(io.BytesIO(content)).convert("RGB").rotate(30, expand=True, fillcolor="white").save(turned, "JPEG")
    turned.seek(0)
    assert [reading.serial for reading in labels.read_label(turned, name="a.jpg", size=len(turned.getvalue()))] == ["HY240331800652"]


def test_a_pdf_is_no_photo_of_a_label():
    content = b"%PDF-1.4\n%%EOF"
    with pytest.raises(InvalidUpload):
        labels.read_label(io.BytesIO(content), name="a.pdf", size=len(content))


def test_a_qr_code_is_drawn_as_svg_without_styles_or_scripts():
    drawn = labels.qr_svg("https://service.example/p/abc/")
    assert drawn.startswith("<svg")
    assert "style" not in drawn
    assert "<script" not in drawn


# --- PDFs --------------------------------------------------------------------------------------------------------------


def packed(text: bytes) -> bytes:
    return b"%PDF-1.5\n9 0 obj<</Type /ObjStm /Filter /FlateDecode>>\nstream\n" + zlib.compress(text) + b"\nendstream\nendobj\n%%EOF"


def test_a_script_packed_into_an_object_stream_is_seen():
    assert look_inside(packed(b"<</S /JavaScript /JS (app.alert(1))>>")).active
    assert not look_inside(packed(b"<</Type /Catalog>>")).active


def test_pages_packed_into_an_object_stream_are_counted():
    assert look_inside(packed(b"<</Type /Page>> " * 40)).pages == 40
    assert look_inside(b"%PDF-1.4 <</Type /Pages /Count 3>> %%EOF").pages == 3


def test_the_bytes_of_a_picture_are_not_taken_for_a_script():
    assert not look_inside(b"%PDF-1.4\n<</Length 12>>stream\n/JS /Launch \nendstream %%EOF").active
