"""What is not for a visitor is in no result, suggestion, count, panel or list of popular pages, on either engine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from kb.models import Announcement
from products.models import Market
from search import actions, queries, runtime
from search.models import PromotedResult, SearchDocument
from tests.search.corpus import bring_in_line

pytestmark = pytest.mark.django_db
WORD = "quibblefish"


def _put(number: int, audience: str, **more: Any) -> SearchDocument:
    fields: dict[str, Any] = {
        "subject": f"guide:{number}",
        "key": f"guide:g{number}:en",
        "kind": "guide",
        "language": "en",
        "title": f"{WORD} number {number}",
        "body": f"{WORD} {WORD}",
        "url": f"/en/guides/g{number}/",
        "families": ["washing-machines"],
        "audience": audience,
        "popularity": 900.0,
    }
    return actions.put_document(**{**fields, **more})


def _everything_public(word: str) -> dict[str, list[str]]:
    found = queries.search(word, language="en")
    return {
        "results": [hit.key for hit in found.hits],
        "in a product": [hit.key for hit in queries.search(word, language="en", product="washing-machines").hits],
        "of a kind": [hit.key for hit in queries.search(word, language="en", kind="guide").hits],
        "other language": [hit.key for hit in queries.search(word, language="zh-hans").hits],
        "suggestions": [hit.key for hit in queries.suggest(word[:8], language="en").items],
        "panel": [hit.key for hit in queries.suggest_for_panel(word, language="en")],
        "popular": [hit.key for hit in queries.popular(language="en")],
    }


def _counts(word: str, audience: str = "public") -> list[int]:
    found = queries.search(word, language="en", audience=audience)
    return [found.total, sum(found.facets["kind"].values()), found.facets["product"].get("washing-machines", 0)]


def test_staff_only_pages_are_for_staff(engine: str) -> None:
    _put(1, "public")
    _put(2, "staff")
    _put(3, "staff", kind="announcement", key="announcement:A-3:en")
    actions.save_entry(PromotedResult(words=WORD, document=SearchDocument.objects.get(key="guide:g2:en")))
    bring_in_line()
    assert queries.search(WORD, language="en").engine == engine
    for place, keys in _everything_public(WORD).items():
        assert keys == ["guide:g1"], place
    assert _counts(WORD) == [1, 1, 1]
    assert _counts(WORD, "staff") == [3, 3, 3]
    staff = queries.search(WORD, language="en", audience="staff")
    assert {hit.key for hit in staff.hits} == {"guide:g1", "guide:g2", "announcement:A-3"}


def test_a_page_that_changes_hands_is_gone_at_once_whatever_the_index_still_says(engine: str) -> None:
    _put(1, "public")
    _put(2, "public")
    bring_in_line()
    assert _counts(WORD) == [2, 2, 2]
    SearchDocument.objects.filter(key="guide:g2:en").update(audience="staff")  # the index has not heard of it
    assert _everything_public(WORD)["results"] == ["guide:g1"] == _everything_public(WORD)["suggestions"]
    assert _counts(WORD) == [1, 1, 1]
    SearchDocument.objects.filter(key="guide:g1:en").update(deleted=True)
    assert not any(_everything_public(WORD).values())
    assert _counts(WORD) == [0, 0, 0]


@pytest.mark.parametrize("who", ["nobody", "customer", "agent"])
def test_the_pages_show_each_visitor_their_own(client: Client, who: str, request: pytest.FixtureRequest, settings: Any) -> None:
    settings.ELASTICSEARCH_URL = []
    runtime.forget()
    _put(1, "public")
    _put(2, "staff")
    user = AnonymousUser() if who == "nobody" else request.getfixturevalue(who)
    if user.is_authenticated:
        client.force_login(user)
    with translation.override("en"):
        results, suggest = reverse("search:results"), reverse("search:suggest")
    page = client.get(results, {"q": WORD})
    assert page.context["answer"].total == (2 if who == "agent" else 1)
    assert ("number 2" in page.content.decode()) is (who == "agent")
    assert "number 2" not in client.get(suggest, {"q": WORD}).content.decode()
    assert "number 2" not in client.get(suggest, {"q": WORD}, headers={"Accept": "application/json"}).content.decode()


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [("", {1, 2, 4}), ("CN", {1, 2, 4}), ("SG", {1, 3}), ("CN-44", {1, 2, 4}), ("XX", {1, 2, 4})],
)
def test_what_is_only_for_another_market_is_not_shown(client: Client, settings: Any, chosen: str, seen: set[int]) -> None:
    from portal.guide_reader import MARKET_COOKIE

    settings.ELASTICSEARCH_URL = []
    runtime.forget()
    for code in ("CN", "SG", "CN-44"):
        Market.objects.update_or_create(code=code, defaults={"name_zh_hans": code, "name_en": code, "is_default": code == "CN"})
    for number, codes in {1: [], 2: ["CN"], 3: ["SG"], 4: ["CN-44"]}.items():
        _put(number, "public", extra={"markets": codes} if codes else {})
    client.cookies[MARKET_COOKIE] = chosen
    with translation.override("en"):
        results, suggest = reverse("search:results"), reverse("search:suggest")
    wanted = {f"guide:g{number}" for number in seen}
    answer = client.get(results, {"q": WORD}).context["answer"]
    assert ({hit.key for hit in answer.hits}, answer.total) == (wanted, len(seen))
    assert answer.facets == {"kind": {"guide": len(seen)}, "product": {"washing-machines": len(seen)}}
    shown = client.get(suggest, {"q": WORD}).content.decode()
    assert {number for number in range(1, 5) if f"/g{number}/" in shown} == seen
    helped = client.get(results, {"q": "zzqq"}).context["popular"]
    assert {hit.key for hit in helped} == wanted


def _announce(**more: Any) -> Announcement:
    fields = {"title_zh_hans": "测试", "title_en": f"{WORD} notice", "body_zh_hans": "<p>测试</p>", "body_en": "<p>x</p>", "live": True}
    made = Announcement.objects.create(**{**fields, **more})
    actions.index_subject("announcement", made.pk)
    return made


@pytest.mark.parametrize(
    ("state", "public", "staff"),
    [
        ({}, True, True),
        ({"audience": "members"}, False, True),
        ({"audience": "staff"}, False, True),
        ({"live": False}, False, False),
        ({"starts_at": timezone.now() + timedelta(days=1)}, False, False),
        ({"ends_at": timezone.now() - timedelta(days=1)}, False, False),
        ({"withdrawn_at": timezone.now()}, False, True),
        ({"archived_at": timezone.now()}, False, True),
    ],
)
def test_announcements_are_found_by_their_audience_only(settings: Any, state: dict[str, Any], public: bool, staff: bool) -> None:
    settings.ELASTICSEARCH_URL = []
    runtime.forget()
    _announce(**state)
    assert bool(_everything_public(WORD)["results"]) is bool(_everything_public(WORD)["suggestions"]) is public
    assert bool(queries.search(WORD, language="en", audience="staff").total) is staff


def test_guides_that_are_drafts_expired_or_behind_a_login_are_found_by_nobody(settings: Any) -> None:
    from wagtail.models import PageViewRestriction

    from tests.factories.kb import make_guide

    settings.ELASTICSEARCH_URL = []
    runtime.forget()
    pages = [make_guide(title=f"{WORD} guide {number}") for number in range(4)]
    draft, expired, locked, plain = pages
    draft.unpublish()
    type(expired).objects.filter(pk=expired.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    PageViewRestriction.objects.create(page=locked, restriction_type=PageViewRestriction.LOGIN)
    plain.markets.set([Market.objects.get_or_create(code="SG", defaults={"name_zh_hans": "新加坡", "name_en": "Singapore"})[0]])
    plain.save()
    for page in pages:
        actions.index_subject("guide", page.pk)
    assert SearchDocument.objects.get(title=plain.title).extra["markets"] == ["SG"]
    titles = {hit.title for hit in queries.search(WORD, language="zh-hans", audience="staff").hits}
    assert titles == {plain.title}
