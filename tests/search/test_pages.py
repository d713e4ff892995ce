"""The results page and the suggestions as visitors and other systems meet them."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partialmethod
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape

from portal.chat_duty import Duty
from search import logbook, queries
from search.actions import put_document, save_entry
from search.models import PromotedResult, SearchDocument, SearchLog
from search.service import SearchService
from tests.factories.products import FamilyFactory
from tests.search.corpus import FAMILIES, documents

pytestmark = pytest.mark.usefixtures("indexed")


def address(name: str, language: str = "zh-hans") -> str:
    with translation.override(language):
        return reverse(name)


def test_results_are_listed_counted_and_marked(client: Client) -> None:
    response = client.get(address("search:results"), {"q": "洗衣机不排水"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "<mark>洗衣机" in page
    assert "过滤器" in page
    assert response["X-Robots-Tag"].startswith("noindex")


def test_results_in_english(client: Client) -> None:
    page = client.get(address("search:results", "en"), {"q": "won't drain"}).content.decode()
    assert "<mark>drain</mark>" in page
    assert "results</b> for" in page


@pytest.fixture
def shelves(db: None) -> None:
    """The families of the small maker."""
    for slug, (chinese, english) in FAMILIES.items():
        FamilyFactory(slug=slug, name_zh_hans=chinese, name_en=english)


@pytest.mark.usefixtures("shelves")
def test_a_product_and_a_kind_narrow_the_results(client: Client) -> None:
    answer = client.get(address("search:results"), {"q": "E2", "product": "air-conditioners"}).context["answer"]
    assert {family for hit in answer.hits for family in hit.families} == {"air-conditioners"}
    assert answer.facets["product"]["washing-machines"] >= 1
    kinds = client.get(address("search:results"), {"q": "排水", "type": "guide"}).context["answer"]
    assert {hit.kind for hit in kinds.hits} == {"guide"}
    assert kinds.total < sum(kinds.facets["kind"].values())


def _clicks(response: Any) -> list[tuple[str, int, bool]]:
    offered = response.context["product_filters"] + response.context["kind_filters"]
    return [(item["url"], item["count"], item["on"]) for item in offered]


@pytest.mark.usefixtures("shelves")
@pytest.mark.parametrize("query", ["E2", "排水", "滤网", "清洗"])
@pytest.mark.parametrize(
    "chosen", [{}, {"product": "air-conditioners"}, {"type": "guide"}, {"product": "washing-machines", "type": "code"}]
)
def test_every_count_is_what_a_click_on_it_lists(client: Client, query: str, chosen: dict[str, str]) -> None:
    before = client.get(address("search:results"), {"q": query, **chosen})
    for url, count, on in _clicks(before):
        after = client.get(url).context["answer"]
        if not on:
            assert after.total == count > 0, (url, count)
    total = before.context["answer"].total
    assert [count for _, count, on in _clicks(before) if on] == [total] * len(chosen)


@pytest.mark.usefixtures("shelves")
def test_a_filter_keeps_what_is_for_every_product_and_can_be_taken_away(client: Client) -> None:
    put_document(
        subject="guide:7",
        key="guide:warranty:en",
        kind="guide",
        language="en",
        title="Warranty of every washer and aircon",
        url="/en/guides/w/",
    )
    page = client.get(address("search:results", "en"), {"q": "warranty washer", "product": "air-conditioners", "type": "guide"})
    assert [hit.key for hit in page.context["answer"].hits] == ["guide:warranty"]
    first, second = page.context["active_filters"]
    assert (first["label"], second["label"]) == ("Air conditioners", "Guides")
    assert "product=" not in first["url"] and "type=guide" in first["url"]
    assert "type=" not in second["url"] and "product=air-conditioners" in second["url"]
    assert "Remove all filters" in page.content.decode()


@pytest.mark.usefixtures("shelves")
def test_nothing_with_a_filter_leads_to_what_there_is_without(client: Client) -> None:
    page = client.get(address("search:results", "en"), {"q": "won't drain", "product": "robot-vacuums"})
    answer = page.context["answer"]
    assert (answer.total, answer.elsewhere > 0) == (0, True)
    assert "with these filters" in page.content.decode()
    assert client.get(page.context["links"]["everywhere"]).context["answer"].total == answer.elsewhere


@pytest.mark.usefixtures("shelves")
@pytest.mark.parametrize("wrong", [{"product": "toasters"}, {"type": "song"}, {"product": "\x00", "type": "x" * 5000}, {"page": "-3"}])
def test_a_filter_that_does_not_exist_is_no_filter(client: Client, wrong: dict[str, str]) -> None:
    plain = client.get(address("search:results"), {"q": "洗衣机"}).context["answer"]
    page = client.get(address("search:results"), {"q": "洗衣机", **wrong})
    assert [hit.key for hit in page.context["answer"].hits] == [hit.key for hit in plain.hits]
    assert page.context["active_filters"] == []


def test_a_corrected_search_says_so_and_can_be_asked_as_typed(client: Client) -> None:
    page = client.get(address("search:results", "en"), {"q": "washing mashine smells"})
    answer = page.context["answer"]
    assert (answer.did_you_mean, answer.sure) == ("washing machine smells", True)
    assert "Also showing results for" in page.content.decode()
    exact = client.get(page.context["links"]["as_typed"])
    assert exact.context["answer"].exact
    assert "Spelling was not corrected" in exact.content.decode()
    alone = client.get(address("search:results", "en"), {"q": "mashine", "exact": "1"}).context["answer"]
    assert (alone.total, alone.did_you_mean, alone.did_you_mean_total > 0) == (0, "machine", True)
    assert client.get(page.context["links"]["corrected"]).context["answer"].did_you_mean == ""


@pytest.mark.parametrize("query", ["洗衣机不排谁", "washing mashine", "drainpump"])
def test_asked_as_typed_nothing_is_corrected(query: str) -> None:
    find = queries.service().find
    exact, helped = find(query, language="zh-hans", exact=True).plan, find(query, language="zh-hans").plan
    assert exact.corrected == ""
    assert helped.corrected or len(helped.groups) > len(exact.groups)


def test_words_further_away_are_offered_with_the_number_of_results(client: Client) -> None:
    page = client.get(address("search:results", "en"), {"q": "conditonner"})
    answer = page.context["answer"]
    assert not (answer.total and answer.sure)
    assert "conditioner" in answer.did_you_mean
    assert "Did you mean" in page.content.decode()
    assert client.get(page.context["links"]["corrected"]).context["answer"].total == answer.did_you_mean_total > 0


def test_a_promoted_result_is_marked(client: Client) -> None:
    chosen = SearchDocument.objects.get(key="guide:hose:zh-hans")
    save_entry(PromotedResult(words="不排水", document=chosen))
    page = client.get(address("search:results"), {"q": "洗衣机不排水"})
    assert page.context["rows"][0]["key"] == "guide:hose:zh-hans"
    assert page.content.decode().count("推荐") == 1


@pytest.mark.parametrize("on_duty", [True, False])
def test_nothing_found_offers_the_chat_only_while_somebody_is_there(client: Client, monkeypatch: pytest.MonkeyPatch, on_duty: bool) -> None:
    monkeypatch.setattr("portal.templatetags.duty.duty_at_a_glance", lambda request: Duty(on_duty, "" if on_duty else "hours", "有人在"))
    page = client.get(address("search:results"), {"q": "qqzzxx"}).content.decode()
    assert f"{address('portal:get_help')}?subject=qqzzxx" in page
    assert (f"{address('chat:start')}?subject=qqzzxx" in page) is on_duty


@pytest.mark.usefixtures("shelves")
def test_a_code_with_a_product_opens_as_a_card(client: Client) -> None:
    response = client.get(address("search:results"), {"q": "e-02", "product": "washing-machines"})
    assert response.context["answer"].direct_code.code == "E2"
    assert "code-card" in response.content.decode()


def test_a_code_of_several_products_is_listed_for_each(client: Client) -> None:
    response = client.get(address("search:results"), {"q": "E2"})
    assert response.context["answer"].direct_code is None
    assert [hit.kind for hit in response.context["answer"].hits[:2]] == ["code", "code"]


def test_nothing_found_still_helps(client: Client) -> None:
    FamilyFactory()
    response = client.get(address("search:results"), {"q": "qqzzxx"})
    page = response.content.decode()
    assert response.status_code == 200
    assert address("portal:get_help") in page
    assert "/products/washing-machines/" in page
    assert response.context["popular"]


def test_an_answer_that_is_not_sure_says_so_shows_few_and_leads_on(client: Client) -> None:
    FamilyFactory()
    response = client.get(address("search:results", "en"), {"q": "noisy piano pedal"})
    page = response.content.decode()
    answer = response.context["answer"]
    assert not answer.sure
    assert 1 <= len(answer.hits) <= 3
    assert "We are not sure" in page
    assert f"{answer.total} result" not in page
    assert address("portal:get_help", "en") in page
    assert "/products/washing-machines/" in page
    assert response.context["popular"]
    assert SearchLog.objects.get().total == 0  # editors see it among the searches with no answer


@pytest.mark.parametrize(("query", "language"), [("明天天气怎么样", "zh-hans"), ("的了是在", "zh-hans"), ("the the the", "en")])
def test_a_question_from_elsewhere_gets_no_list_and_is_kept_for_editors(client: Client, query: str, language: str) -> None:
    from search import reports

    response = client.get(address("search:results", language), {"q": query})
    assert response.context["answer"].hits == []
    assert response.context["answer"].facets["kind"] == {}
    assert response.context["popular"]
    assert address("portal:get_help", language) in response.content.decode()
    assert [row["query"] for row in reports.unanswered()] == [query]


BAD = [
    "",
    " ",
    "?!*",
    '"',
    '"排水',
    "*",
    "排水*",
    "drain AND NOT (pump OR",
    "drain~2 ^5 [a TO b]",
    "title:(a AND b)~2",
    "x' OR 1=1 --",
    "'; DROP TABLE search_searchdocument; --",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "🧺🧺🧺",
    "洗衣机 стиральная غسالة washer 세탁기",
    "\x00\x01",
    "排\x00水",
    "\u202edrain\u200b",
    "%00%ff",
    "a" * 10_000,
    "排" * 10_000,
    "排水 E2 " * 1_500,
]


@pytest.mark.usefixtures("shelves")
@pytest.mark.parametrize("query", BAD)
def test_no_input_breaks_a_page_and_what_was_typed_stays_in_the_field(client: Client, query: str) -> None:
    response = client.get(address("search:results"), {"q": query, "product": "<b>", "type": "<i>", "page": "-1; x", "exact": "1"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "<script>alert" not in page and "<img src=x" not in page
    kept = query.replace("\x00", "").strip()[:200]
    assert f'value="{escape(kept)}"' in page or not kept
    assert SearchDocument.objects.exists()
    asked = {"q": query, "product": "<b>"}
    panel = client.get(address("search:suggest"), asked)
    assert (panel.status_code, "<script>alert" in panel.content.decode()) == (200, False)
    told = client.get(address("search:suggest"), asked, headers={"Accept": "application/json"})
    assert told.status_code == 200
    assert set(json.loads(told.content)) == {"query", "engine", "took_ms", "groups"}
    assert len(told.content) < 40_000


@pytest.mark.parametrize("page", ["0", "-1", "1.5", "②", "9" * 400, "x", "", "1\x00"])
def test_a_page_that_is_none_is_the_first_or_the_last(client: Client, page: str) -> None:
    answer = client.get(address("search:results"), {"q": "洗衣机", "page": page}).context["answer"]
    assert 1 <= answer.page <= answer.pages


def test_pages_beyond_the_last_show_the_last(client: Client) -> None:
    answer = client.get(address("search:results"), {"q": "洗衣机", "page": "9999"}).context["answer"]
    assert answer.page == answer.pages


def test_suggestions_are_grouped_html(client: Client) -> None:
    page = client.get(address("search:suggest"), {"q": "排水"}).content.decode()
    assert 'role="listbox"' in page
    assert 'data-kind="code"' in page
    assert 'data-kind="guide"' in page
    assert address("search:results") in page


def test_suggestions_as_json_keep_the_contract(client: Client) -> None:
    response = client.get(address("search:suggest"), {"q": "e2"}, headers={"Accept": "application/json"})
    data = json.loads(response.content)
    assert set(data) == {"query", "engine", "took_ms", "groups"}
    assert (data["query"], data["engine"]) == ("e2", "embedded")
    assert data["groups"][0]["kind"] == "code"
    assert set(data["groups"][0]["items"][0]) == {"title", "url", "score", "snippet"}
    scores = [item["score"] for group in data["groups"] for item in group["items"]]
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize(
    ("typed", "enough"),
    [("排", False), ("排水", True), ("wa", False), ("was", True), ("E2", True), ("e", False), ("", False), ("E", False)],
)
def test_when_suggestions_begin(typed: str, enough: bool) -> None:
    assert queries.long_enough(typed) is enough


def test_questions_are_written_down_with_what_was_opened(client: Client) -> None:
    response = client.get(address("search:results"), {"q": "洗衣机 不排水"})
    row = SearchLog.objects.get()
    assert (row.query, row.engine, row.language) == ("洗衣机 不排水", "embedded", "zh-hans")
    assert row.total == response.context["answer"].total
    assert str(row.reference) in response.content.decode()
    assert 'data-key="guide:drain:zh-hans"' in response.content.decode()
    sent = {"search": str(row.reference), "key": "guide:drain:zh-hans", "rank": "2"}
    assert client.post(address("search:click"), sent).status_code == 204
    client.post(address("search:click"), {**sent, "key": "guide:hose:zh-hans", "rank": "1"})
    row.refresh_from_db()
    assert (row.clicked_key, row.clicked_rank, row.clicks) == ("guide:drain:zh-hans", 2, 2)


@pytest.mark.parametrize("rank", ["", "0", "-1", "201", "1e3", "②", "9" * 5000])
def test_a_place_that_cannot_be_is_not_kept(client: Client, rank: str) -> None:
    client.get(address("search:results"), {"q": "洗衣机"})
    row = SearchLog.objects.get()
    client.post(address("search:click"), {"search": str(row.reference), "key": "guide:drain:zh-hans", "rank": rank})
    row.refresh_from_db()
    assert (row.clicked_rank, row.clicks) == (None, 1)


def test_narrowing_repeating_and_going_back_are_one_search_with_the_better_outcome(client: Client) -> None:
    nothing = client.get(address("search:results"), {"q": "洗衣机", "type": "video"})
    assert nothing.context["answer"].total == 0 == SearchLog.objects.get().total
    whole = client.get(address("search:results"), {"q": "洗衣机"})
    client.get(address("search:results"), {"q": "洗衣机", "type": "guide"})
    client.get(address("search:results"), {"q": "洗衣机", "page": "2"})
    row = SearchLog.objects.get()
    assert row.total == row.shown == whole.context["answer"].total > 0
    assert str(row.reference) in whole.content.decode()
    Client().get(address("search:results"), {"q": "洗衣机"})
    client.get(address("search:results", "en"), {"q": "洗衣机"})
    assert SearchLog.objects.count() == 3
    SearchLog.objects.update(at=timezone.now() - logbook.SAME_SEARCH - timedelta(minutes=1))
    client.get(address("search:results"), {"q": "洗衣机"})
    assert SearchLog.objects.count() == 4


@pytest.mark.parametrize("sent", [{}, {"search": "x"}, {"search": "00000000-0000-4000-8000-000000000000", "key": "a"}])
def test_a_forged_click_is_ignored(client: Client, sent: dict[str, str]) -> None:
    assert client.post(address("search:click"), sent).status_code == 204


def test_a_click_needs_the_token() -> None:
    assert Client(enforce_csrf_checks=True).post(address("search:click"), {"search": "x"}).status_code == 403


def test_the_list_costs_the_same_queries_for_one_and_for_three_results(client: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for question in ("扫地机器人连不上网", "洗衣机"):
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address("search:results"), {"q": question})
        counts.append((response.context["answer"].total, len(captured)))
    (one, first), (several, second) = counts
    assert (one, several >= 3) == (1, True)
    assert second <= first  # the first also makes the attempt of a new visitor


def test_search_that_is_broken_does_not_break_the_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.service.SearchService.find", lambda *args, **kwargs: 1 / 0)
    response = client.get(address("search:results"), {"q": "洗衣机"})
    assert response.status_code == 200
    assert address("portal:get_help") in response.content.decode()
    assert client.get(address("search:suggest"), {"q": "洗衣机"}).status_code == 200
    assert queries.suggest_for_panel("洗衣机不排水", language="zh-hans") == []


def test_every_document_can_be_found_by_its_title() -> None:
    for document in documents():
        answer = queries.search(document.title, language=document.language)
        assert document.key in [hit.document_key for hit in answer.hits[:3]], document.title


@pytest.mark.usefixtures("shelves")
def test_a_list_that_was_cut_off_says_so_and_what_a_click_lists_is_no_less(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        family = ("washing-machines", "air-conditioners")[number % 2]
        put_document(
            subject=f"guide:{number}",
            key=f"guide:many{number}:en",
            kind=("guide", "faq")[number % 3 == 0],
            language="en",
            title="Quokka bracket",
            families=[family],
            url=f"/en/guides/many{number}/",
        )
    whole = client.get(address("search:results", "en"), {"q": "quokka bracket"})
    assert whole.context["answer"].total == 12 and not any(item["more"] for item in whole.context["kind_filters"])
    assert "12+" not in whole.content.decode()
    monkeypatch.setattr("search.queries.SearchService.find", partialmethod(SearchService.find, limit=5))
    cut = client.get(address("search:results", "en"), {"q": "quokka bracket"})
    assert "<b>5+ results</b>" in cut.content.decode()
    offered = [*cut.context["product_filters"], *cut.context["kind_filters"]]
    assert offered and all(item["more"] for item in offered)
    for item in offered:
        assert client.get(item["url"]).context["answer"].total >= item["count"] > 0


@pytest.mark.usefixtures("shelves")
@pytest.mark.parametrize(("query", "card"), [("E2", ""), ("E2 洗衣机", "washing-machines"), ("空调显示E2", "air-conditioners")])
def test_a_code_of_several_families_has_the_card_of_the_one_named_and_none_is_left_out(client: Client, query: str, card: str) -> None:
    page = client.get(address("search:results"), {"q": query})
    answer, cards = page.context["answer"], page.context["code_cards"]
    assert [hit.families for hit in answer.codes if hit.document_key in {row["key"] for row in cards}] == ([[card]] if card else [])
    shown = [row["key"] for row in [*cards, *page.context["rows"]]]
    assert sorted(shown) == sorted(hit.document_key for hit in answer.hits)
