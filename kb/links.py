"""Links inside guides: those that lead nowhere any more. Our own are looked up; others are judged by their form alone, nothing is asked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlsplit

ANCHOR = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.IGNORECASE | re.DOTALL)
ATTRIBUTE = re.compile(r"([a-z-]+)\s*=\s*\"([^\"]*)\"", re.IGNORECASE)
TAGS = re.compile(r"<[^>]+>")
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}|\d{1,3}(?:\.\d{1,3}){3}", re.IGNORECASE)
SCHEMES = frozenset({"http", "https", "mailto", "tel"})


@dataclass(frozen=True)
class LinkFound:
    """A link as it stands in a guide: `page` or `document` with a number, or `url` with an address; `text` is what readers see."""

    kind: str
    target: str
    text: str


def texts_in(raw: Any) -> Iterator[str]:
    """Yield every text of a StreamField's raw content."""
    if isinstance(raw, str):
        yield raw
    elif isinstance(raw, dict):
        for value in raw.values():
            yield from texts_in(value)
    elif isinstance(raw, list | tuple):
        for value in raw:
            yield from texts_in(value)


def links_in(raw: Any) -> list[LinkFound]:
    """Return the links of a StreamField's raw content, in order."""
    found = []
    for text in texts_in(raw):
        if "<a" not in text:
            continue
        for match in ANCHOR.finditer(text):
            attributes = {name.lower(): unescape(value) for name, value in ATTRIBUTE.findall(match[1])}
            words = unescape(TAGS.sub("", match[2])).strip()
            kind = attributes.get("linktype", "")
            if kind in {"page", "document"}:
                found.append(LinkFound(kind, attributes.get("id", ""), words))
            else:
                found.append(LinkFound("url", attributes.get("href", "").strip(), words))
    return found


def is_well_formed(address: str) -> bool:
    """Tell whether an address can lead anywhere: a known scheme, a host with a name, no spaces. `/…` and `#…` are ours and fine."""
    if not address or re.search(r"\s", address):
        return False
    if address.startswith("#") or (address.startswith("/") and not address.startswith("//")):
        return True
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme.lower() not in SCHEMES:
        return False
    if parts.scheme.lower() == "mailto":
        name, at, host = parts.path.partition("@")
        return bool(name and at and HOST.fullmatch(host))
    if parts.scheme.lower() == "tel":
        return sum(ch.isdigit() for ch in parts.path) >= 3
    return HOST.fullmatch(parts.hostname or "") is not None
