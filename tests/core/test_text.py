"""Text of people put on a page: addresses become links, on the server as in the browser; sentences stand beside each other."""

from pathlib import Path

import pytest
from django.conf import settings

from core.text import LINK, linked, sentences


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("看 https://heyan.example/x。谢谢", "https://heyan.example/x"),
        ("打开https://heyan.example/zh-hans/guides/a/，再试", "https://heyan.example/zh-hans/guides/a/"),
        ("（见https://heyan.example/a?b=1&c=2）", "https://heyan.example/a?b=1&amp;c=2"),
        ("see https://heyan.example/a_(b)/c.", "https://heyan.example/a_(b)/c"),
        ("https://heyan.example/你好", "https://heyan.example/你好"),
    ],
)
def test_punctuation_behind_an_address_is_not_part_of_it(text, address) -> None:
    assert f'href="{address}"' in linked(text)


def test_what_was_typed_stays_text() -> None:
    made = linked('<img src=x onerror=alert(1)> javascript:alert(1) https://a.example/"onclick=x <b>')
    assert "<img" not in made and "<b>" not in made and 'href="javascript' not in made
    assert 'href="https://a.example/"' in made  # the quotation mark ends the address


def test_browser_and_server_find_the_same_addresses() -> None:
    script = Path(settings.BASE_DIR, "chat/static/chat/drawing.js").read_text()
    assert f"/{LINK.pattern}/g".replace("//", r"\/\/", 1) in script


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("排水泵不转", "工程师：陈力。"), "排水泵不转。工程师：陈力。"),
        (("合计 ¥220。", "", "我要修"), "合计 ¥220。我要修"),
        (("The pump is stuck", "Engineer: Chen Li."), "The pump is stuck. Engineer: Chen Li."),
        (("Total ¥220.", "Please do"), "Total ¥220. Please do"),
        (("", ""), ""),
    ],
)
def test_sentences_are_put_together_as_each_language_writes(parts, text) -> None:
    assert sentences(*parts) == text
