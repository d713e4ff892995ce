"""Splitting one pasted line (name, phone, Chinese address in any order) into the fields of an address. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from accounts.divisions import take_division

LONGEST = 500
_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?(1\d{2}[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}|400[- ]?\d{3}[- ]?\d{4})(?!\d)|\+\d[\d \-]{7,16}\d"
)
_LABEL = re.compile(
    r"(收\s*[件货]\s*人|联系人|姓\s*名|手机号码?|联系电话|电话号码?|电\s*话|手\s*机|所在地区|收货地址|详细地址|地\s*址|邮\s*编|"
    r"name|recipient|phone|mobile|tel|address|postcode)\s*[:：]\s*",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[,，;；|、\n\t]+|\s+")
_STREET = re.compile(r"^([^\d\s]{2,9}?(?:街道|地区办事处|镇|乡|苏木))(?=.)")
_POSTCODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_PLACE_ENDING = re.compile(r"(省|市|区|县|旗|镇|乡|村|街道|街|路|道|巷|弄|号|室|楼|栋|幢|座|层|单元|苑|园|大厦|广场|公司|小区)$")
_HAN = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class AddressLine:
    """What could be read from the line; what could not is empty, and `detail` keeps every remaining word."""

    recipient: str = ""
    phone: str = ""
    region_code: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    detail: str = ""
    postcode: str = ""


def is_chinese(text: str) -> bool:
    """Return whether a text has Chinese characters."""
    return bool(_HAN.search(text))


def _looks_like_a_name(token: str) -> bool:
    if any(ch.isdigit() for ch in token) or _PLACE_ENDING.search(token) or take_division(token)[0]:
        return False
    return 2 <= len(token) <= 6 if is_chinese(token) else False


def _pick_name(tokens: list[str], phone_at: int) -> int | None:
    """Return which token is the recipient: the one beside the phone, else the first, else the last."""
    for index in (phone_at - 1, phone_at, 0, len(tokens) - 1):
        if 0 <= index < len(tokens) and _looks_like_a_name(tokens[index]):
            return index
    return None


def split_line(text: str) -> AddressLine:
    """Return the fields of a pasted line.

    Understands `林晓云 13800138000 上海市浦东新区张江镇科苑路88号` in any order, labels such as 收件人：, separators and line breaks, a
    province left out or shortened. An address without Chinese goes into `detail` whole, without its phone number.
    """
    line = " ".join(_LABEL.sub(" ", unicodedata.normalize("NFKC", text[:LONGEST])).split("\n")).strip()
    found = _PHONE.search(line)
    phone = re.sub(r"[ \-]", "", found.group()) if found else ""
    before, after = (line[: found.start()], line[found.end() :]) if found else (line, "")
    if not is_chinese(line):
        rest = ", ".join(part.strip(" ,;") for part in (before, after) if part.strip(" ,;"))
        return AddressLine(phone=phone, detail=" ".join(rest.split()))
    head = [token for token in _SEPARATOR.split(before) if token]
    tokens = head + [token for token in _SEPARATOR.split(after) if token]
    name_at = _pick_name(tokens, len(head))
    recipient = tokens.pop(name_at) if name_at is not None else ""
    postcode = ""
    for token in tokens:
        if _POSTCODE.fullmatch(token):
            postcode = token
            tokens.remove(token)
            break
    return _read_address(tokens, recipient=recipient, phone=phone, postcode=postcode)


def _joined(tokens: list[str]) -> str:
    """Return the words as one text: Chinese needs no space between them, Latin letters and digits do."""
    text = ""
    for token in tokens:
        text += f" {token}" if text and text[-1].isascii() and token[0].isascii() else token
    return text


def _read_address(tokens: list[str], *, recipient: str, phone: str, postcode: str) -> AddressLine:
    # The address begins at the first word that is a division; what stands before it is kept behind it.
    start = next((index for index, token in enumerate(tokens) if take_division(token)[0]), None)
    if start is None:
        return AddressLine(recipient=recipient, phone=phone, postcode=postcode, detail=" ".join(tokens))
    division, rest = take_division(_joined(tokens[start:]))
    assert division is not None  # the first of these words is one
    street = _STREET.match(rest)
    detail = rest[street.end() :] if street else rest
    return AddressLine(
        recipient=recipient,
        phone=phone,
        region_code=division.code if division.district else "",
        province=division.province,
        city=division.city,
        district=division.district,
        street=street.group(1) if street else "",
        detail=" ".join(part for part in (detail.strip(" ,，"), " ".join(tokens[:start])) if part),
        postcode=postcode,
    )
