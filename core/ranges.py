"""Parts of a file (HTTP ranges): Safari plays no video without them, and nobody can seek in one."""

import re
from collections.abc import Iterator
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_PIECE = 65536


def part_asked_for(header: str, size: int) -> tuple[int, int] | None:
    """Return first and last byte of the one range a `Range` header asks for; None where the whole file is the answer.

    Several ranges and malformed headers are ignored, as the standard allows. Raises ValueError for a range outside the file.
    """
    found = _ONE_RANGE.fullmatch(header.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:  # the last so many bytes
        start, end = max(size - int(last), 0), size - 1
        if int(last) == 0 or size == 0:
            raise ValueError(header)
        return start, end
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    if start >= size:
        raise ValueError(header)
    return (start, end) if not last or int(last) >= start else None


def file_response(request: HttpRequest, opened: IO[bytes], *, size: int, content_type: str) -> HttpResponseBase:
    """Answer with a file or the part of it that was asked for (206, or 416 outside the file). Closes `opened` in the end."""
    response: HttpResponseBase
    header = request.headers.get("Range", "") if "If-Range" not in request.headers else ""
    try:
        part = part_asked_for(header, size)
    except ValueError:
        opened.close()
        response = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    if part is None:
        response = FileResponse(opened, content_type=content_type)
        response.headers["Content-Length"] = str(size)
    else:
        start, end = part
        response = StreamingHttpResponse(_pieces(opened, start, end - start + 1), status=206, content_type=content_type)
        response._resource_closers.append(opened.close)  # type: ignore[attr-defined]
        response.headers["Content-Range"] = f"bytes {start}-{end}/{size}"
        response.headers["Content-Length"] = str(end - start + 1)
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _pieces(opened: IO[bytes], start: int, length: int) -> Iterator[bytes]:
    opened.seek(start)
    while length > 0 and (piece := opened.read(min(_PIECE, length))):
        length -= len(piece)
        yield piece
