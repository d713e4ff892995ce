"""Draws the demo's receipts: our own pictures, plainly invented."""

import io
from datetime import date

from PIL import Image, ImageDraw, ImageFont

from warranty.certificate import font_folder

SIZE = (620, 780)


def receipt_png(*, shop: str, model: str, name: str, serial: str, day: date, number: str, blurred: bool = False) -> bytes:
    """Return a receipt as a PNG; `blurred` hides the date as a bad photo does."""
    picture = Image.new("L", SIZE, 250)
    draw = ImageDraw.Draw(picture)
    font = str(next(font_folder().glob("*.otf")))
    large, text, small = (ImageFont.truetype(font, size) for size in (34, 24, 18))
    draw.rectangle((24, 24, SIZE[0] - 24, SIZE[1] - 24), outline=120, width=2)
    draw.text((SIZE[0] / 2, 70), shop, font=large, fill=20, anchor="mm")
    draw.text((SIZE[0] / 2, 116), "收据  RECEIPT", font=text, fill=60, anchor="mm")
    draw.line((48, 150, SIZE[0] - 48, 150), fill=120, width=2)
    rows = [
        ("日期 Date", "" if blurred else f"{day:%Y-%m-%d}"),
        ("品名 Item", name),
        ("型号 Model", model),
        ("序列号 S/N", serial),
        ("数量 Qty", "1"),
        ("单号 No.", number),
    ]
    for place, (label, value) in enumerate(rows):
        top = 190 + place * 62
        draw.text((52, top), label, font=small, fill=90)
        draw.text((220, top - 6), value[:26], font=text, fill=20)
        draw.line((48, top + 40, SIZE[0] - 48, top + 40), fill=210, width=1)
    if blurred:
        for left in range(220, 400, 6):
            draw.line((left, 186, left + 14, 210), fill=150, width=5)
    draw.ellipse((420, 600, 560, 740), outline=110, width=4)
    draw.text((490, 670), "演示\nDEMO", font=text, fill=110, anchor="mm", align="center")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
