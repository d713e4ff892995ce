"""The results page and the suggestions as visitors and other systems meet them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from search import logbook, queries
from search.models import SearchLog
from tests.search.corpus import documents

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


def test_a_product_and_a_kind_narrow_the_results(client: Client) -> None:
    answer = client.get(address("search:results"), {"q": "E2", "product": "air-conditioners"}).context["answer"]
    assert {family for hit in answer.hits for family in hit.families} == {"air-conditioners"}
    assert answer.facets["product"]["washing-machines"] >= 1
    kinds = client.get(address("search:results"), {"q": "排水", "type": "guide"}).context["answer"]
    assert {hit.kind for hit in kinds.hits} == {"guide"}
    assert kinds.total < sum(kinds.facets["kind"].values())


def test_a_code_with_a_product_opens_as_a_card(client: Client) -> None:
    response = client.get(address("search:results"), {"q": "e-02", "product": "washing-machines"})
    assert response.context["answer"].direct_code.code == "E2"
    assert "code-card" in response.content.decode()


def test_a_code_of_several_products_is_listed_for_each(client: Client) -> None:
    response = client.get(address("search:results"), {"q": "E2"})
    assert response.context["answer"].direct_code is None
    assert [hit.kind for hit in response.context["answer"].hits[:2]] == ["code", "code"]


def test_nothing_found_still_helps(client: Client) -> None:
    from tests.factories.products import FamilyFactory

    FamilyFactory()
    response = client.get(address("search:results"), {"q": "qqzzxx"})
    page = response.content.decode()
    assert response.status_code == 200
    assert address("portal:get_help") in page
    assert "/products/washing-machines/" in page
    assert response.context["popular"]


def test_an_answer_that_is_not_sure_says_so_shows_few_and_leads_on(client: Client) -> None:
    from tests.factories.products import FamilyFactory

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


@pytest.mark.parametrize(
    "query",
    ["", " ", "?!*", '"', "a" * 10_000, "排" * 10_000, "<script>alert(1)</script>", "x' OR 1=1 --", "title:(a AND b)~2", "🧺", "\x00\x01"],
)
@pytest.mark.parametrize("name", ["search:results", "search:suggest"])
def test_no_input_breaks_a_page(client: Client, name: str, query: str) -> None:
    response = client.get(address(name), {"q": query, "product": "<b>", "type": "<i>", "page": "-1; x"})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


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
    nothing = client.get(address("search:results"), {"q": "洗衣机", "product": "no-such-family"})
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
