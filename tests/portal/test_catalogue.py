"""Home, products and error codes: everybody finds their machine and its code, however they write it."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.kb import AnnouncementFactory
from tests.factories.products import CodeFactory, FamilyFactory, ModelFactory

BOTH = pytest.mark.parametrize("language", ["zh-hans", "en"])


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


@BOTH
def test_home_shows_the_search_first_and_no_dead_door(client, guide, language) -> None:
    html = page(client, f"/{language}/")
    before_search = html[html.index('class="skip"') : html.index('type="search"')]
    assert before_search.count("<a ") == 0 and "<button" not in before_search
    for address in ("help/", "track/", "products/washing-machines/", "codes/"):
        assert f'href="/{language}/{address}' in html or f'action="/{language}/{address}' in html
    assert guide.title in html if language == "zh-hans" else "Clean the pump filter" in html
    assert 'href="#"' not in html
    doors = {door.partition("#")[0] for door in re.findall(r'<a [^>]*href="([^"]*)"', html) if door.startswith("/")}
    assert f"/{language}/chat/" in {door.partition("?")[0] for door in doors}
    answers = {door: client.get(unescape(door)).status_code for door in doors}
    assert {door: status for door, status in answers.items() if status not in {200, 302}} == {}


@BOTH
def test_home_of_an_empty_portal_still_leads_to_a_person(client, db, language) -> None:
    assert f"/{language}/help/" in page(client, f"/{language}/")


@pytest.mark.parametrize("typed", ["WF10-320", "wf10 320", "ＷＦ１０－３２０", "wf1o-320"])
def test_a_full_model_number_opens_its_page_however_it_is_typed(client, shop, typed) -> None:
    response = client.get("/en/products/", {"q": typed})
    assert response.status_code == 302 and response["Location"] == "/en/products/washing-machines/wf10-320/"


def test_a_piece_of_a_number_that_fits_one_model_opens_it(client, shop) -> None:
    assert client.get("/zh-hans/products/", {"q": "wd1"})["Location"].endswith("/wd12-520/")


def test_a_piece_that_fits_several_shows_them_all(client, shop) -> None:
    html = page(client, "/en/products/?q=W")
    assert "WF10-320" in html and "WD12-520" in html and 'name="robots" content="noindex"' in html


@BOTH
def test_the_model_page_names_model_codes_guides_and_prefills_help(client, shop, guide, language) -> None:
    html = page(client, f"/{language}/products/washing-machines/wf10-320/")
    assert "WF10-320" in html and f"/{language}/codes/washing-machines/E2/" in html
    assert f"/{language}/guides/clean-filter/" in html
    assert f"/{language}/help/?product=wf10-320" in html


def test_a_model_under_another_spelling_leads_to_its_page(client, shop) -> None:
    assert client.get("/en/products/washing-machines/WF10320/")["Location"] == "/en/products/washing-machines/wf10-320/"


def test_a_model_under_the_wrong_family_leads_to_its_page(client, shop) -> None:
    assert client.get("/en/products/nope/wf10-320/")["Location"] == "/en/products/washing-machines/wf10-320/"


def test_the_last_products_are_remembered(client, shop) -> None:
    page(client, "/en/products/washing-machines/wf10-320/")
    page(client, "/en/products/water-heaters/gh16-c/")
    html = page(client, "/en/")
    assert html.index("GH16-C") < html.index("WF10-320")


def test_a_forged_list_of_products_harms_nothing(client, shop) -> None:
    client.cookies["hearth_products"] = "nope.<script>.wf10-320." + "x" * 3000
    assert "<script>." not in page(client, "/en/")


@pytest.mark.parametrize("typed", ["e2", "e-02", "E02", "Ｅ２", "E 2"])
def test_a_code_in_any_spelling_leads_to_its_one_address(client, shop, typed) -> None:
    response = client.get(f"/zh-hans/codes/washing-machines/{typed}/")
    assert response.status_code == 301 and response["Location"] == "/zh-hans/codes/washing-machines/E2/"
    assert client.get("/zh-hans/codes/", {"q": typed})["Location"] == "/zh-hans/codes/washing-machines/E2/"


@BOTH
def test_the_code_card_has_meaning_first_action_models_guide_vote_and_help(client, shop, guide, language) -> None:
    html = page(client, f"/{language}/codes/washing-machines/E2/")
    words = (
        ("水没有在规定时间内排完。", "清理排水泵过滤器。")
        if language == "zh-hans"
        else ("The water was not gone in time.", "Clean the pump filter.")
    )
    assert all(word in html for word in words)
    assert "WF10-320" in html and f"/{language}/guides/clean-filter/" in html
    assert "feedback/vote/" in html and f"/{language}/help/?family=washing-machines" in html


@BOTH
def test_a_dangerous_code_stops_the_flow(client, shop, language) -> None:
    html = page(client, f"/{language}/codes/water-heaters/F9/")
    main = html[html.index("<main") :]
    assert main.index('data-kind="danger"') < main.index('class="code-card"')
    assert "feedback/vote/" not in main
    assert ("燃气味" if language == "zh-hans" else "smells of gas") in main


def test_the_same_code_of_two_families_asks_which(client, shop) -> None:
    CodeFactory(family=shop.heaters, code="E2", title_en="Flame failure")
    html = page(client, "/en/codes/?q=e2")
    assert "/en/codes/washing-machines/E2/" in html and "/en/codes/water-heaters/E2/" in html


@BOTH
@pytest.mark.parametrize(
    "path", ["products/nope/", "products/washing-machines/nope/", "codes/washing-machines/ZZ9/", "codes/nope/E2/", "announcements/nope/"]
)
def test_what_does_not_exist_is_404_with_a_way_on(client, shop, language, path) -> None:
    html = page(client, f"/{language}/{path}", 404)
    assert f"/{language}/help/" in html and 'type="search"' in html and 'content="noindex"' in html


def test_hidden_families_models_and_codes_are_not_there(client, shop) -> None:
    hidden = FamilyFactory(slug="ovens", name_en="Ovens", is_active=False)
    ModelFactory(family=hidden, number="OV1-100")
    CodeFactory(family=hidden, code="E1")
    assert "Ovens" not in page(client, "/en/") and "OV1-100" not in page(client, "/en/products/?q=OV1")
    page(client, "/en/products/ovens/", 404)
    page(client, "/en/codes/ovens/E1/", 404)


def test_an_announcement_about_another_product_is_not_on_this_page(client, shop) -> None:
    row = AnnouncementFactory(title_en="Flue joint of GH16-C", live=True)
    row.product_models.set([shop.gh])
    row.save()
    assert "Flue joint of GH16-C" in page(client, "/en/products/water-heaters/gh16-c/").split("<main", 1)[1]
    assert "Flue joint of GH16-C" not in page(client, "/en/products/washing-machines/wf10-320/").split("<main", 1)[1]


@BOTH
def test_announcements_in_force_are_listed_and_read(client, shop, language) -> None:
    row = AnnouncementFactory(title_zh_hans="元旦服务时间", title_en="New Year hours", live=True, starts_at=timezone.now())
    title = row.title_zh_hans if language == "zh-hans" else row.title_en
    assert title in page(client, f"/{language}/announcements/")
    assert title in page(client, f"/{language}/announcements/{row.reference}/")


def test_a_withdrawn_announcement_looks_like_none(client, shop) -> None:
    row = AnnouncementFactory(live=True, withdrawn_at=timezone.now())
    gone = page(client, f"/en/announcements/{row.reference}/", 404)
    assert row.title_en not in gone


@pytest.mark.parametrize("path", ["/en/", "/en/products/", "/en/products/washing-machines/", "/en/codes/"])
def test_lists_ask_the_database_as_often_for_three_rows_as_for_one(client, shop, path, django_assert_max_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
        count = len(few)
    for number in range(3):
        ModelFactory(family=shop.washers, number=f"WX{number}-9", slug=f"wx{number}-9")
        CodeFactory(family=shop.washers, code=f"H{number}")
        FamilyFactory(slug=f"family-{number}", name_en=f"Family {number}")
    client.get(path)
    with django_assert_max_num_queries(count):
        client.get(path)


HOSTILE = [
    "%00",
    "%25%27%22%3Cscript%3E",
    "a" * 10_000,
    "...---!!!",
    "title:(foo AND",
    'NEAR("a" "b")',
    "*",
    "%E2%80%AE%E2%80%8B",
    "🤖" * 50,
    "..%2f..%2fetc%2fpasswd",
]


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize(
    "path",
    [
        "products/?q=",
        "products/washing-machines/?q=",
        "codes/?q=",
        "help/?subject=",
        "help/?product=",
        "help/suggestions/?subject=",
        "track/?number=",
        "announcements/?page=",
        "my/?page=",
    ],
)
def test_hostile_addresses_get_a_page(client, shop, path, typed) -> None:
    response = client.get(f"/zh-hans/{path}{typed}")
    assert response.status_code in {200, 302, 400}
    assert b"<script>" not in response.content


@pytest.mark.parametrize(
    "path",
    [
        "codes/washing-machines/%00/",
        "codes/washing-machines/%E2%80%AE/",
        "products/washing-machines/%00x/",
        "help/%00/",
        "help/..%2f/",
        "codes/washing-machines/" + "A" * 2000 + "/",
    ],
)
def test_hostile_paths_are_not_found(client, shop, path) -> None:
    assert client.get(f"/en/{path}").status_code == 404
