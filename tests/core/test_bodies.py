"""One request cannot fill the disk: what is too long gets a page with words, and the application never keeps it."""

import asyncio
from typing import Any

import pytest

from core import bodies, file_checks, files
from core.bodies import BodyLimit
from portal.views.errors import too_long_page


def send(pieces: list[bytes], *, path: str = "/en/help/", declared: int | None = None) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Send a body in pieces; return what was answered and what the application had kept."""
    sent: list[dict[str, Any]] = []
    kept: list[bytes] = []
    waiting = [{"type": "http.request", "body": piece, "more_body": number < len(pieces)} for number, piece in enumerate(pieces, 1)]

    async def application(scope: Any, receive: Any, answer: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                kept.clear()
                return
            kept.append(message["body"])
            if not message["more_body"]:
                break
        await answer({"type": "http.response.start", "status": 200, "headers": []})
        await answer({"type": "http.response.body", "body": b"taken"})

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def answer(message: dict[str, Any]) -> None:
        sent.append(message)

    length = str(sum(map(len, pieces)) if declared is None else declared).encode()
    headers = [] if declared == -1 else [(b"content-length", length)]
    asyncio.run(BodyLimit(application, answer=too_long_page)({"type": "http", "path": path, "headers": headers}, receive, answer))
    return sent, kept


@pytest.fixture
def small(monkeypatch) -> None:
    monkeypatch.setattr(bodies, "MOST", 100)
    monkeypatch.setattr(bodies, "MOST_OF_CMS", 1000)


@pytest.mark.usefixtures("small")
def test_what_is_allowed_arrives_whole() -> None:
    sent, kept = send([b"x" * 60, b"y" * 40])
    assert sent[0]["status"] == 200 and b"".join(kept) == b"x" * 60 + b"y" * 40


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("declared", [None, -1, 10], ids=["declared", "in chunks", "declared too small"])
def test_what_is_too_long_is_refused_in_both_languages_and_kept_nowhere(declared) -> None:
    sent, kept = send([b"x" * 60, b"y" * 60, b"z" * 10], declared=declared)
    page = sent[1]["body"].decode()
    assert sent[0]["status"] == 413 and kept == []
    assert "一次发送的内容太大" in page and "That was too much at once" in page


@pytest.mark.usefixtures("small")
def test_editors_may_send_films() -> None:
    assert send([b"x" * 900], path="/cms/documents/add/")[0][0]["status"] == 200
    assert send([b"x" * 1100], path="/cms/documents/add/")[0][0]["status"] == 413


@pytest.mark.usefixtures("small")
def test_an_endless_sender_is_answered_before_the_end() -> None:
    sent, _kept = send([b"x" * 50] * 50, declared=2500)
    assert sent[0]["status"] == 413 and (b"connection", b"close") in sent[0]["headers"]


def test_a_form_without_scripts_can_carry_all_the_files_it_offers() -> None:
    assert files.MAX_FILES * file_checks.MAX_VIDEO_BYTES + 4 * file_checks.MEGABYTE <= bodies.MOST
