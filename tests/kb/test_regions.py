"""Announcements for a region: read as editors write it, left out for whom it is not, shown by name to whom we cannot place."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.divisions import divisions
from kb.models import Announcement
from kb.regions import EVERYWHERE, REGION_COOKIE, fits, in_region, place_of, places_in, region_of, region_words
from products.models import Market
from search import actions, queries, runtime
from search.markets import Here
from search.models import SearchDocument
from tests.factories.products import FamilyFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ("广东", ("CN-44",)),
        ("广东省、广西", ("CN-44", "CN-45")),
        ("Guangdong and Hainan", ("CN-44", "CN-46")),
        ("上海", ("CN-31",)),
        ("深圳市", ("CN-4403",)),
        ("广州市天河区", ("CN-440106",)),
        ("CN-44", ("CN-44",)),
        ("cn-4403", ("CN-4403",)),
        ("Singapore", ("SG",)),
        ("华南", ("CN-44", "CN-45", "CN-46", "CN-81", "CN-82")),
        ("华中地区、上海", ("CN-41", "CN-42", "CN-43", "CN-31")),
        ("north-east China", ("CN-21", "CN-22", "CN-23")),
        ("Central China and Shenzhen", ("CN-41", "CN-42", "CN-43", "CN-4403")),
        ("Guangzhou, Xi'an", ("CN-4401", "CN-6101")),
        ("Suzhou", ("CN-3205", "CN-3413")),
        ("Urumqi city", ("CN-6501",)),
        ("Shanghai", ("CN-31",)),
        ("Gotham", ()),
        ("华南虎", ()),
        ("广东、火星", ()),
        ("CN-99", ()),
        ("", ()),
        ("、，", ()),
        ("\x00<b>", ()),
    ],
)
def test_a_region_is_read_as_it_is_written(written, places) -> None:
    Market.objects.create(code="SG", name_zh_hans="新加坡", name_en="Singapore")
    assert places_in(written) == places


@given(st.sampled_from(sorted(divisions())))
@settings(max_examples=60, deadline=None)
def test_a_division_fits_what_holds_for_it_and_for_what_it_is_part_of(code) -> None:
    place = place_of(code)
    assert fits([place], place) and fits([place[:5]], place) and fits([place], place[:5]) and fits([place], "CN") and fits([place], "")
    assert not fits([place], "CN-99") and not fits([place], "SG") and fits([], place)


def visitor(user=None, **cookies) -> HttpRequest:
    request = HttpRequest()
    request.user = user or AnonymousUser()
    request.COOKIES.update(cookies)
    return request


def test_a_visitor_is_where_they_chose_else_where_they_live_else_in_the_market_supposed(customer) -> None:
    assert region_of(visitor()) == ""
    Market.objects.create(code="CN", name_zh_hans="中国", name_en="China", is_default=True)
    customer.addresses.create(recipient="林", phone="+8613800138000", region_code="440305", detail="x", is_default=True)
    assert region_of(visitor()) == "CN"
    assert region_of(visitor(customer)) == "CN-440305"
    assert region_of(visitor(customer, **{REGION_COOKIE: "CN-31"})) == "CN-31"
    assert region_of(visitor(customer, **{REGION_COOKIE: EVERYWHERE})) == ""
    assert region_of(visitor(customer, **{REGION_COOKIE: "CN-99"})) == "CN-440305"


def test_who_cannot_be_placed_and_what_cannot_be_read_is_never_left_out() -> None:
    rows = [SimpleNamespace(region=region) for region in ("", "广东", "上海", "火星")]
    assert in_region(rows, visitor()) == rows and in_region(rows, None) == rows
    assert [row.region for row in in_region(rows, visitor(**{REGION_COOKIE: "CN-44"}))] == ["", "广东", "火星"]


def test_the_region_is_named_in_the_reader_s_language() -> None:
    with translation.override("en"):
        assert (region_words("广东、上海"), region_words("华南、上海")) == ("Guangdong, Shanghai", "South China, Shanghai")
        assert (region_words("火星"), region_words("广东、火星"), region_words("Shenzhen")) == ("火星", "广东、火星", "Shenzhen")
    with translation.override("zh-hans"):
        assert (region_words("Guangdong"), region_words("south china")) == ("广东省", "华南")


@pytest.fixture
def family():
    return FamilyFactory()


def announce(**more) -> Announcement:
    fields = {"title_zh_hans": "zzyx 停电检修", "title_en": "zzyx power cut", "body_zh_hans": "<p>x</p>", "body_en": "<p>x</p>"}
    made = Announcement.objects.create(**{**fields, "live": True, "starts_at": timezone.now(), **more})
    actions.index_subject("announcement", made.pk)
    return made


@pytest.mark.parametrize(("place", "seen"), [("", True), ("CN-44", True), ("CN-31", False)])
def test_one_for_another_region_appears_nowhere_and_is_not_counted(settings, family, place, seen) -> None:
    settings.ELASTICSEARCH_URL = []
    runtime.forget()
    row = announce(region="广东", severity="careful")
    row.families.add(family)
    row.save()
    client = Client()
    if place:
        client.cookies[REGION_COOKIE] = place
    for address in (
        "/en/",
        "/en/announcements/",
        f"/en/products/{family.slug}/",
        f"/en/help/?family={family.slug}",
        f"/en/repairs/new/?family={family.slug}",
    ):
        html = client.get(address).content.decode()
        assert ("zzyx power cut (Guangdong)" in html) is seen, address
    answer = client.get("/en/search/", {"q": "zzyx"}).context["answer"]
    assert (answer.total, sum(answer.facets["kind"].values())) == (int(seen), int(seen))
    assert ("power cut" in client.get("/en/search/suggest/", {"q": "zzyx"}).content.decode()) is seen
    here = Here(region=place)
    assert bool(queries.suggest_for_panel("zzyx power cut", language="en", market=lambda: here)) is seen
    assert client.get(f"/en/announcements/{row.reference}/").status_code == 200, "who has the address reads it, with the region named"


def test_the_region_is_chosen_on_the_list_and_kept(family) -> None:
    announce(region="广东")
    client = Client()
    assert 'name="region"' in client.get("/zh-hans/announcements/").content.decode()
    assert client.post("/zh-hans/announcements/", {"region": "CN-31"}).status_code == 302
    assert "停电检修" not in client.get("/zh-hans/announcements/").content.decode()
    client.post("/zh-hans/announcements/", {"region": "<script>"})
    assert "停电检修" in client.get("/zh-hans/announcements/").content.decode()


def test_one_in_a_single_language_is_found_in_that_language_only() -> None:
    row = announce(language="en")
    assert list(SearchDocument.objects.filter(subject__contains="announcement", deleted=False).values_list("language", flat=True)) == ["en"]
    row.language = ""
    row.save()
    actions.index_subject("announcement", row.pk)
    assert SearchDocument.objects.filter(subject__contains="announcement", deleted=False).count() == 2


def test_members_announcements_are_shown_to_members(signed_in, customer) -> None:
    announce(audience="members")
    assert "zzyx" not in Client().get("/en/announcements/").content.decode()
    assert "zzyx" in signed_in(customer).get("/en/announcements/").content.decode()
