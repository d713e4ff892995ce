"""Editors' words in the CMS: kept at once, tried before they are kept, and counted where they helped."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from products.models import ModelAlias
from search import actions, queries
from search.models import DomainWord, PromotedResult, SearchDocument, SearchLog, StopWord, Synonym
from search.tryout import try_out
from search.usage import count, usage
from tests.factories.products import ModelFactory
from tests.search.corpus import bring_in_line, put_all

LISTS = ("search_synonyms", "search_stop_words", "search_promoted", "search_domain")


def _first(question: str, language: str = "zh-hans") -> str:
    hits = queries.search(question, language=language).hits
    return hits[0].key if hits else ""


def _search(words: str, times: int = 1) -> None:
    for _ in range(times):
        SearchLog.objects.create(query=words, language="zh-hans", total=1, engine="embedded", at=timezone.now())


@pytest.mark.parametrize("name", [*(f"{name}:index" for name in LISTS), *(f"{name}:add" for name in LISTS), "search_try:index"])
@pytest.mark.parametrize(("who", "may"), [("editor", True), ("agent", False), ("customer", False), ("", False)])
@pytest.mark.django_db
def test_only_editors_come_in(client: Client, request: pytest.FixtureRequest, name: str, who: str, may: bool) -> None:
    if who:
        client.force_login(request.getfixturevalue(who))
    assert (client.get(reverse(name), {"q": "洗衣机"}).status_code == 200) is may


def test_a_synonym_saved_in_the_cms_is_in_force_at_the_next_question(client: Client, editor: Any, engine: str) -> None:
    put_all()
    bring_in_line()
    client.force_login(editor)
    assert _first("吞金怪") == ""
    assert client.post(reverse("search_synonyms:add"), {"terms": "吞金怪, 洗衣机异味", "active": "on"}).status_code == 302
    assert queries.search("吞金怪", language="zh-hans").engine == engine
    assert _first("吞金怪") == "guide:smell"
    row = Synonym.objects.get(terms__startswith="吞金怪")
    client.post(reverse("search_synonyms:edit", args=[row.pk]), {"terms": "铁疙瘩, 洗衣机异味", "active": "on"})
    assert (_first("吞金怪"), _first("铁疙瘩")) == ("", "guide:smell")
    client.post(reverse("search_synonyms:delete", args=[row.pk]))
    assert _first("铁疙瘩") == ""


def test_pinned_results_and_ignored_words_of_the_cms_are_in_force_at_once(client: Client, editor: Any, engine: str) -> None:
    put_all()
    bring_in_line()
    client.force_login(editor)
    chosen = SearchDocument.objects.get(key="guide:hose:zh-hans")
    client.post(reverse("search_promoted:add"), {"words": "不排水", "document": chosen.pk, "active": "on"})
    assert _first("洗衣机不排水") == "guide:hose"
    client.post(reverse("search_stop_words:add"), {"word": "禾砚", "active": "on"})
    assert "禾砚" in try_out("禾砚洗衣机", language="zh-hans").ignored


def test_a_word_of_ours_is_never_corrected_from_the_next_question_on(client: Client, editor: Any, engine: str) -> None:
    put_all()
    bring_in_line()
    client.force_login(editor)
    asked = {"language": "en"}
    assert "drain" in try_out("my drainn machine", **asked).corrected
    assert client.post(reverse("search_domain:add"), {"word": "Drainn", "role": "own", "active": "on"}).status_code == 302
    tried = try_out("my drainn machine", **asked)
    assert (tried.corrected, tried.own) == ("", ["drainn"])
    assert "drain" in try_out("my drian machine", **asked).corrected
    row = DomainWord.objects.get()
    client.post(reverse("search_domain:edit", args=[row.pk]), {"word": "Drainn", "role": "own"})
    assert "drain" in try_out("my drainn machine", **asked).corrected


def test_no_answer_is_sure_about_what_is_not_ours(client: Client, editor: Any, engine: str) -> None:
    put_all()
    bring_in_line()
    client.force_login(editor)
    question = "洗衣机不排水怎么分期"
    before = try_out(question, language="zh-hans")
    client.post(reverse("search_domain:add"), {"word": "分期", "role": "foreign", "active": "on"})
    after = try_out(question, language="zh-hans")
    assert after.foreign and not before.foreign
    assert after.worth != "sure" and [hit.key for hit in after.panel] == []
    assert try_out("洗衣机不排水", language="zh-hans").worth == "sure"
    client.post(reverse("search_domain:delete", args=[DomainWord.objects.get().pk]))
    assert try_out(question, language="zh-hans").worth == before.worth


@pytest.mark.parametrize("terms", ["", "one", "one, one", "，，", ", ?!*"])
@pytest.mark.django_db
def test_a_synonym_needs_two_words(client: Client, editor: Any, terms: str) -> None:
    client.force_login(editor)
    before = Synonym.objects.count()
    assert client.post(reverse("search_synonyms:add"), {"terms": terms, "active": "on"}).status_code == 200
    assert Synonym.objects.count() == before


def test_another_spelling_of_a_model_finds_its_page(engine: str) -> None:
    model = ModelFactory(number="QX77-100")
    actions.index_subject("product", model.pk)
    bring_in_line()
    assert _first("zz9-plural") == ""
    ModelAlias.objects.create(model=model, text="ZZ9-PLURAL")
    actions.index_subject("product", model.pk)
    bring_in_line()
    assert _first("zz9 plural") == "product:qx77-100"


def test_words_are_tried_without_being_kept_or_written_down(client: Client, editor: Any, indexed: None) -> None:
    client.force_login(editor)
    before = SearchLog.objects.count(), Synonym.objects.count()
    page = client.get(reverse("search_try:index"), {"q": "吞金怪", "trial": "吞金怪, 洗衣机异味", "language": "zh-hans"})
    tried = page.context["tried"]
    assert (tried.worth, tried.rows[0]["hit"].key, tried.rows[0]["was"]) == ("sure", "guide:smell", None)
    assert tried.phrases[0].phrase == "吞金怪"
    assert reverse("search_synonyms:add") in page.content.decode()
    assert client.get(reverse("search_try:index"), {"q": "吞金怪"}).context["tried"].worth == "none"
    assert (SearchLog.objects.count(), Synonym.objects.count()) == before
    assert _first("吞金怪") == ""


def test_what_is_understood_is_shown(indexed: None) -> None:
    load = try_out("washer e-02 wont drian", language="en")
    assert load.codes == ["E2"]
    assert "drain" in load.corrected
    assert [row["place"] for row in load.rows] == list(range(1, len(load.rows) + 1))
    assert all(row["was"] == row["place"] for row in load.rows)
    assert not load.trial


@pytest.mark.parametrize("question", ["", "?!*", '"', "x" * 10_000, "\x00", "<script>alert(1)</script>", "a AND b~2", "🧺"])
def test_any_question_can_be_tried(client: Client, editor: Any, indexed: None, question: str) -> None:
    client.force_login(editor)
    page = client.get(reverse("search_try:index"), {"q": question, "trial": question, "language": "xx", "product": "<b>"})
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_how_often_words_were_at_work_is_counted(indexed: None) -> None:
    busy = Synonym.objects.create(terms="吞金怪, 洗衣机")
    idle = Synonym.objects.create(terms="甲乙丙, 丁戊己")
    one_way = Synonym.objects.create(terms="hoover, vacuum", one_way=True)
    ignored = StopWord.objects.create(word="禾砚")
    pinned = PromotedResult.objects.create(words="不排水", document=SearchDocument.objects.get(key="guide:hose:zh-hans"))
    found = count([("禾砚 洗衣机 不排水", 3), ("vacuum", 5), ("hoover", 2)])
    assert (found.synonyms.get(busy.pk), found.synonyms.get(idle.pk), found.synonyms.get(one_way.pk)) == (3, None, 2)
    assert (found.stop_words, found.promoted) == ({ignored.pk: 3}, {pinned.pk: 3})


def test_lists_show_what_helped_and_what_never_did_at_the_same_cost(client: Client, editor: Any, indexed: None) -> None:
    client.force_login(editor)
    Synonym.objects.all().delete()
    actions.save_entry(Synonym(terms="吞金怪, 洗衣机"))
    _search("洗衣机 有味", 2)
    SearchLog.objects.create(query="洗衣机", language="zh-hans", total=1, engine="x", at=timezone.now() - timezone.timedelta(days=91))
    client.get(reverse("search_synonyms:index"))  # what every page of the CMS looks up once
    costs = []
    for terms in ("甲乙丙, 丁戊己", "子丑寅, 卯辰巳"):
        actions.save_entry(Synonym(terms=terms))
        with CaptureQueriesContext(connection) as captured:
            page = client.get(reverse("search_synonyms:index")).content.decode()
        costs.append(len(captured))
    assert costs[0] == costs[1]
    assert usage().synonyms == {Synonym.objects.get(terms="吞金怪, 洗衣机").pk: 2}
    assert page.count("从未") == 2
