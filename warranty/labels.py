"""Labels: reading a photographed one (QR code or barcode), and drawing a QR code as SVG."""

import io
import re
from dataclasses import dataclass
from typing import IO
from urllib.parse import unquote, urlsplit

import qrcode
import zxingcpp
from django.utils.translation import gettext_lazy as _
from PIL import Image
from qrcode.image.svg import SvgPathImage

from core import file_checks
from core.errors import InvalidUpload

NOT_A_PICTURE = _("Send a photo of the label: JPG, PNG, WebP or HEIC.")
NOTHING_READ = _("No code could be read in the photo. Go closer, avoid glare, or type the number instead.")
MOST_CODES = 8
_OWN_ADDRESS = re.compile(r"^/(?:(?:zh-hans|en)/)?p/([^/]{1,60})/?$")
_SERIAL_FIELD = re.compile(r"(?:S/?N|SERIAL|序列号|机号)\s*[:：=]?\s*([0-9A-Z][0-9A-Z \-]{5,39})", re.IGNORECASE)
_MODEL_FIELD = re.compile(r"(?:MODEL|MOD|型号)\s*[:：=]?\s*([0-9A-Z][0-9A-Z\-/]{2,39})", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """What one code of a label says: the code of our own address, or a serial number, or a model. Several may be empty."""

    code: str = ""
    serial: str = ""
    model: str = ""
    text: str = ""


def read_label(stream: IO[bytes], *, name: str, size: int) -> list[Reading]:
    """Return what the codes in a photo say, QR codes first. The photo is checked like every upload and kept nowhere.

    Args:
        stream, name, size: the upload.
    Raises:
        InvalidUpload: no picture, damaged, too many pixels, or no code in it.
    """
    checked = file_checks.check_file(stream, name=name, size=size)
    if checked.kind != "image" or checked.content is None:
        raise InvalidUpload(NOT_A_PICTURE, code="wrong_type", field="label")
    texts = decode(checked.content)
    if not texts:
        raise InvalidUpload(NOTHING_READ, code="nothing_read", field="label")
    return [reading_of(text) for text in texts]


def decode(content: bytes) -> list[str]:
    """Return the texts of the codes in a picture, the more telling (QR) first."""
    with Image.open(io.BytesIO(content)) as picture:
        found = zxingcpp.read_barcodes(picture.convert("L"))
    codes = sorted(found, key=lambda code: (code.format != zxingcpp.BarcodeFormat.QRCode, -len(code.text)))
    return list(dict.fromkeys(code.text.strip() for code in codes if code.text.strip()))[:MOST_CODES]


def reading_of(text: str) -> Reading:
    """Return what the text of a code means: our short address, fields named on the label, or a bare number."""
    parts = urlsplit(text) if "://" in text[:12] else None
    if parts is not None:
        own = _OWN_ADDRESS.match(unquote(parts.path))
        return Reading(code=own.group(1), text=text) if own else Reading(text=text)
    serial, model = _SERIAL_FIELD.search(text), _MODEL_FIELD.search(text)
    if serial or model:
        return Reading(serial=serial.group(1).strip() if serial else "", model=model.group(1).strip() if model else "", text=text)
    bare = text.strip()
    return Reading(serial=bare if 4 <= len(bare) <= 60 else "", text=text)


def qr_svg(text: str) -> str:
    """Return a QR code as one SVG element without colours of its own but black on white."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, image_factory=SvgPathImage)
    code.add_data(text)
    code.make(fit=True)
    return str(code.make_image(attrib={"class": "qr"}).to_string(encoding="unicode"))


def qr_png(text: str, *, box: int = 8) -> bytes:
    """Return a QR code as a PNG picture, `box` pixels a module."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, box_size=box)
    code.add_data(text)
    code.make(fit=True)
    buffer = io.BytesIO()
    code.make_image().save(buffer)
    return buffer.getvalue()
