"""A guide's page is built once for all readers, and still each reader's own: never old, never another's."""

import re

import pytest
from django.contrib import messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path
from wagtail.models import PageViewRestriction, Site

from core.models import BrandSettings
from portal.urls import *  # noqa: F403
from portal.urls import urlpatterns as product
from tests.factories.kb import AnnouncementFactory

ADDRESS = "/zh-hans/guides/clean-filter/"


def leave_a_message(request):
    from django.http import HttpResponse

    messages.success(request, "已经收到您的回执。")
    return HttpResponse()


urlpatterns = [path("leave-a-message/", leave_a_message), *product]


def read(client: Client, address: str = ADDRESS, **headers: str) -> str:
    response = client.get(address, **headers)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def built(monkeypatch) -> list[str]:
    """Which templates were rendered whole for the cache, in order."""
    from portal import guide_cache

    names: list[str] = []
    original = guide_cache.render_to_string

    def counted(name, *args, **kwargs):
        names.append(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(guide_cache, "render_to_string", counted)
    return names


def test_the_second_reader_gets_the_same_page_without_its_being_built_again(guide, built) -> None:
    pages = [read(Client()) for _ in range(3)]
    assert len(built) == 1
    assert guide.title in pages[2]
    assert len({re.sub(r'(value|content|nonce)="[^"]{20,}"', "", page) for page in pages}) == 1


def test_the_kept_page_is_the_one_that_is_built_for_a_single_reader(guide, settings) -> None:
    def plain(html: str) -> str:
        return re.sub(r'(nonce="|csrf-token" content="|csrfmiddlewaretoken" value=")[^"]*"', r'\1"', html)

    read(Client())
    kept = plain(read(Client()))
    settings.DEBUG = True
    assert plain(read(Client())) == kept


def test_every_reader_has_a_form_token_and_nonce_of_their_own(guide) -> None:
    seen = []
    for _ in range(2):
        strict = Client(enforce_csrf_checks=True)
        response = strict.get(ADDRESS)
        html = response.content.decode()
        nonce = re.search(r'<script type="application/ld\+json" nonce="([^"]+)"', html)[1]
        assert f"'nonce-{nonce}'" in response["Content-Security-Policy"]
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', html)[1]
        assert strict.post("/site/display/", {"theme": "dark", "next": ADDRESS, "csrfmiddlewaretoken": token}).status_code == 302
        seen += [nonce, token]
    assert len(set(seen)) == 4


def test_a_reader_writes_nothing_and_gets_no_session(guide) -> None:
    read(Client())
    client = Client()
    with CaptureQueriesContext(connection) as asked:
        read(client)
    assert [row["sql"] for row in asked.captured_queries if not row["sql"].startswith("SELECT")] == []
    assert "hearth_session" not in client.cookies and "hearth_visitor" not in client.cookies


def test_what_the_maker_changes_is_there_at_once(guide, shop) -> None:
    read(Client())
    brand = BrandSettings.for_site(Site.objects.get())
    BrandSettings.objects.filter(pk=brand.pk).update(hotline="400-123-9876", service_name_zh_hans="暖家服务")
    html = read(Client())
    assert "400-123-9876" in html and "暖家服务" in html


def test_a_new_and_a_withdrawn_announcement_show_at_once(guide, django_capture_on_commit_callbacks) -> None:
    from kb.caching import forget

    assert "停电通知" not in read(Client())
    row = AnnouncementFactory(title_zh_hans="停电通知", live=True)
    forget()
    assert "停电通知" in read(Client())
    row.delete()
    forget()
    assert "停电通知" not in read(Client())


def test_display_choices_are_each_readers(guide) -> None:
    read(Client())
    large = Client()
    large.cookies["hearth_text"] = "large"
    large.cookies["hearth_theme"] = "dark"
    html = read(large)
    assert 'data-text="large"' in html and 'data-theme="dark"' in html
    assert 'data-text="large"' not in read(Client())


@pytest.mark.urls(__name__)
def test_a_message_is_shown_to_its_reader_alone_and_once(guide, built) -> None:
    told = Client()
    told.get("/leave-a-message/")
    assert "已经收到您的回执。" in read(told)
    assert built == []
    assert "已经收到您的回执。" not in read(Client())
    assert "已经收到您的回执。" not in read(told)


def test_a_search_or_vote_in_the_address_is_not_kept(guide, built) -> None:
    assert "不排水" in read(Client(), f"{ADDRESS}?q=不排水")
    assert built == []
    assert 'data-query="不排水"' not in read(Client())


def test_a_page_behind_a_login_is_not_given_out_of_the_cache(guide) -> None:
    read(Client())
    PageViewRestriction.objects.create(page=guide, restriction_type=PageViewRestriction.LOGIN)
    assert Client().get(ADDRESS).status_code == 302


def test_another_host_name_does_not_get_into_anybodys_page(guide, settings, built) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    read(Client(), headers={"host": "evil.example"})
    assert "evil.example" not in read(Client()) and len(built) == 1
