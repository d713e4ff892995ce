"""The chat on other pages: there with the first look, loaded with the first click."""

import pytest

pytestmark = pytest.mark.django_db


def test_every_public_page_has_the_launcher_and_loads_the_chat_only_on_demand(client, shop) -> None:
    page = client.get("/zh-hans/products/").content.decode()
    assert "data-chat-launcher" in page and "chat/launcher" in page
    assert 'src="/static/chat/widget' not in page and 'src="/static/chat/window' not in page
