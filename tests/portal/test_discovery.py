"""Search engines and shared links: one address a language, the other named beside it; private pages stay out."""

import json
import re
from html import unescape
from xml.etree import ElementTree

import pytest

from tests.factories.diagnosis import make_diagnosis

LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def blocks(html: str) -> list[dict]:
    return [json.loads(found) for found in re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', html, re.S)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_sitemap_of_a_language_names_every_public_page_and_its_other_language(client, guide, language) -> None:
    root = ElementTree.fromstring(client.get(f"/sitemap-{language}.xml").content)
    addresses = [node.text or "" for node in root.iter(f"{LOC}loc")]
    for path in ("/", "/products/washing-machines/wf10-320/", "/codes/washing-machines/E2/", "/guides/clean-filter/"):
        assert any(address.endswith(f"/{language}{path}") for address in addresses), path
    assert not any(word in address for address in addresses for word in ("/help/", "/my/", "/track/", "/search/"))
    others = [node.get("hreflang") for node in root.iter("{http://www.w3.org/1999/xhtml}link")]
    assert others.count("en") == others.count("zh-Hans") == len(addresses)
    assert any(node.text for node in root.iter(f"{LOC}lastmod"))


def test_the_index_and_robots_lead_there(client, db) -> None:
    assert client.get("/sitemap.xml").content.count(b"<loc>") == 2
    assert b"Sitemap: " in client.get("/robots.txt").content
    assert client.get("/sitemap-fr.xml").status_code == 404


@pytest.mark.parametrize("path", ["", "products/washing-machines/wf10-320/", "codes/washing-machines/E2/"])
def test_a_public_page_has_one_address_and_names_its_translation(client, shop, settings, path) -> None:
    html = client.get(f"/en/{path}?utm=x").content.decode()
    assert f'rel="canonical" href="{settings.SITE_ORIGIN}/en/{path}"' in html
    assert re.search(rf'hreflang="zh-Hans" href="[^"]*/zh-hans/{path}"', html)
    assert 'property="og:title"' in html and "noindex" not in html


@pytest.mark.parametrize(
    "path",
    ["", "products/", "codes/", "announcements/", "privacy/", "help/", "track/", "repairs/new/", "certificates/", "chat/", "diagnose/"],
)
def test_every_page_names_itself_by_the_address_of_the_place(client, shop, settings, path) -> None:
    html = client.get(f"/zh-hans/{path}?utm=x").content.decode()
    here = f"{settings.SITE_ORIGIN}/zh-hans/{path}"
    assert re.findall(r'rel="canonical" href="([^"]*)"', html) == re.findall(r'property="og:url" content="([^"]*)"', html) == [here]


def test_a_diagnosis_stands_in_the_sitemap(client, db) -> None:
    page = make_diagnosis()
    english = client.get("/sitemap-en.xml").content.decode()
    chinese = client.get("/sitemap-zh-hans.xml").content.decode()
    assert f"/zh-hans/diagnose/{page.slug}/<" in chinese and f"/diagnose/{page.slug}/" not in english


def test_machines_read_maker_product_and_place(client, shop) -> None:
    home = blocks(client.get("/en/").content.decode())
    assert [block["@type"] for block in home] == ["Organization"]
    page = blocks(client.get("/en/products/washing-machines/wf10-320/").content.decode())
    kinds = {block["@type"]: block for block in page}
    assert kinds["Product"]["mpn"] == "WF10-320" and len(kinds["BreadcrumbList"]["itemListElement"]) == 4


def test_structured_data_cannot_end_its_script(client, shop) -> None:
    shop.wf.name_en = "</script><script>alert(1)</script>"
    shop.wf.save()
    assert "<script>alert(1)" not in client.get("/en/products/washing-machines/wf10-320/").content.decode()


@pytest.mark.parametrize("path", ["help/", "track/", "my/", "help/T-2611-00000/"])
def test_private_pages_stay_out_of_search_engines(client, shop, path) -> None:
    response = client.get(f"/en/{path}")
    assert response["X-Robots-Tag"] == "noindex, nofollow" and "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["", "products/washing-machines/", "codes/washing-machines/E2/", "help/?product=wf10-320", "track/", "privacy/"]
)
def test_the_language_switch_stays_on_the_page(client, shop, path) -> None:
    html = client.get(f"/zh-hans/{path}").content.decode()
    assert f'href="/en/{path}"' in html.replace("&amp;", "&")


def test_the_language_switch_of_a_guide_leads_to_its_translation(client, guide) -> None:
    assert 'href="/en/guides/clean-filter/"' in client.get("/zh-hans/guides/clean-filter/").content.decode()


def test_the_language_chosen_at_the_sign_in_holds_for_the_page_after_it(client, db) -> None:
    page = client.get("/accounts/login/?next=/zh-hans/my/products/%3Fq%3Da%26b").content.decode()
    switch = unescape(re.search(r'href="(/language/en/[^"]+)"', page)[1])
    there = client.get(switch)
    assert there.status_code == 302 and there["Location"] == "/accounts/login/?next=/en/my/products/%3Fq%3Da%26b"
    page = client.get(there["Location"]).content.decode()
    assert '<html lang="en"' in page and "/en/my/products/?q=a&amp;b" in page


@pytest.mark.parametrize("path", ["", "products/", "codes/water-heaters/F9/", "help/", "track/", "my/", "privacy/"])
def test_no_page_needs_an_exception_from_the_content_policy(client, shop, path) -> None:
    response = client.get(f"/zh-hans/{path}")
    html = response.content.decode()
    assert " style=" not in html and " onclick=" not in html and "unsafe-inline" not in response["Content-Security-Policy"]
