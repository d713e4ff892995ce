"""Amounts in whole fen, as they are written and read. Pure."""

import re
import unicodedata

AMOUNT = re.compile(r"^([+-]?)(\d{1,7})(?:\.(\d{1,2}))?$")


def shown(fen: int) -> str:
    """Return an amount as people read it: `¥220`, `¥80.50`, `−¥80`."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'−' if fen < 0 else ''}¥{yuan:,}{f'.{rest:02d}' if rest else ''}"


def typed(text: str) -> int | None:
    """Return the fen of an amount in yuan as typed (`80`, `80.5`, `¥1,200`, `-80`, full width too); None when it is none."""
    plain = unicodedata.normalize("NFKC", text or "").strip().replace("−", "-").replace("¥", "").replace("￥", "")
    plain = plain.replace("元", "").replace(",", "").replace(" ", "")
    found = AMOUNT.fullmatch(plain)
    if found is None or not plain.isascii():
        return None
    sign, yuan, fen = found.groups()
    value = int(yuan) * 100 + int((fen or "0").ljust(2, "0"))
    return -value if sign == "-" else value
