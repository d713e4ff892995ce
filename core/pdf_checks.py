"""A look inside a PDF without opening it: how many pages, does it carry anything that acts. Pure; bounded in time and memory."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MAX_PAGES = 30
MOST_INFLATED = 24 * 1024 * 1024
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_COUNT = re.compile(rb"/Count\s+(\d{1,6})")
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE)(?![A-Za-z])")
_OBJECT_STREAM = re.compile(rb"/Type\s*/ObjStm")
_DICTIONARY_BEFORE = 600


@dataclass(frozen=True)
class PdfFacts:
    """What was seen: `pages` (0: unknown), `active` (scripts, programs, embedded files, forms that send), `locked` (encrypted)."""

    pages: int
    active: bool
    locked: bool


def look_inside(content: bytes) -> PdfFacts:
    """Return the facts of a PDF; objects packed into compressed streams are unpacked, up to a limit, before they are read."""
    pieces = [_plain(piece) for piece in _texts(content)]
    pages = sum(len(_PAGE.findall(piece)) for piece in pieces)
    counts = [int(number) for piece in pieces for number in _COUNT.findall(piece)]
    return PdfFacts(
        pages=pages or max(counts, default=0),
        active=any(_ACTIVE.search(piece) for piece in pieces),
        locked=any(b"/Encrypt" in piece for piece in pieces[:1]),
    )


def _texts(content: bytes) -> Iterator[bytes]:
    """Yield the file without the bodies of its streams, then each unpacked object stream."""
    yield _STREAM.sub(b"stream endstream", content)
    left = MOST_INFLATED
    for found in _STREAM.finditer(content):
        before = content[max(0, found.start() - _DICTIONARY_BEFORE) : found.start()]
        if left <= 0 or not _OBJECT_STREAM.search(_plain(before[before.rfind(b"obj") :])):
            continue
        try:
            text = zlib.decompressobj().decompress(found.group(1), left)
        except zlib.error:
            continue
        left -= len(text)
        yield text


def _plain(text: bytes) -> bytes:
    """Return names without their #xx escapes."""
    return _ESCAPE.sub(lambda found: bytes([int(found.group(1), 16)]), text)
