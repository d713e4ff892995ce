"""Every address answers in every role without a server error, the desk opens to staff alone, and page slugs shadow no route."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

OURS = ("site", "portal", "chat", "diagnosis", "kb", "search", "tickets", "repairs", "chatdesk", "desk_registrations", "accounts")
DESK = ("tickets:", "repairs:", "chatdesk:", "desk_registrations:")
# What stands in for an argument of an address: well-formed where the converter asks for it, and belonging to nothing.
SAMPLES = {
    "int": 999_999,
    "slug": "nothing-here",
    "str": "NOTHING-0000",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "path": "no/such.png",
}
HOSTILE = ["'\"><script>alert(1)</script>", "%00", "../../etc/passwd", "排水" * 200, "a" * 3000]


def _patterns(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, str]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _patterns(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name and namespaces and namespaces[0] in OURS:
            converters = getattr(pattern.pattern, "converters", {})
            kinds = {name: type(converter).__name__.removesuffix("Converter").lower() for name, converter in converters.items()}
            yield ":".join((*namespaces, pattern.name)), kinds


ADDRESSES = sorted({(name, tuple(sorted(kinds.items()))) for name, kinds in _patterns(get_resolver())})
IDS = [name for name, _kinds in ADDRESSES]


def _address(name: str, kinds: tuple[tuple[str, str], ...], language: str = "en") -> str:
    with translation.override(language):
        return reverse(name, kwargs={argument: SAMPLES.get(kind, SAMPLES["str"]) for argument, kind in kinds})


def test_every_address_of_ours_has_a_name_and_can_be_made() -> None:
    assert len(ADDRESSES) > 20
    for name, kinds in ADDRESSES:
        try:
            _address(name, kinds)
        except NoReverseMatch as error:
            raise AssertionError(f"{name}: no sample argument fits {dict(kinds)}") from error


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("name", "kinds"), ADDRESSES, ids=IDS)
def test_address_answers_strangers_without_a_server_error(client: Client, name: str, kinds, language: str) -> None:
    address = _address(name, kinds, language)
    assert client.get(address).status_code < 500 or name == "site:health_ready"
    assert client.post(address, {"any": "thing"}).status_code < 500
    assert client.get(address, {"q": HOSTILE[0], "page": "-1", "product": HOSTILE[2]}).status_code < 500 or name == "site:health_ready"


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "kinds"), ADDRESSES, ids=IDS)
def test_address_answers_agents_without_a_server_error(client: Client, agent, name: str, kinds) -> None:
    client.force_login(agent)
    assert client.get(_address(name, kinds)).status_code < 500 or name == "site:health_ready"


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "kinds"), [row for row in ADDRESSES if row[0].startswith(DESK)], ids=lambda value: str(value))
def test_desk_is_closed_to_strangers_and_customers(client: Client, customer, name: str, kinds) -> None:
    address = _address(name, kinds)
    refused = {302, 403, 404, 405}
    assert client.get(address).status_code in refused
    assert client.post(address).status_code in refused
    client.force_login(customer)
    response = client.get(address)
    assert response.status_code in {403, 404, 405}


@pytest.mark.django_db
@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_addresses_are_not_found(client: Client, query: str) -> None:
    for address in ("/en/help/", "/en/products/", "/en/codes/", "/media/private/", "/en/announcements/"):
        assert client.get(address + quote(query, safe="%") + "/").status_code in {302, 400, 404}


def test_page_slugs_cannot_shadow_a_route() -> None:
    from kb.slugs import reserved_slugs

    routes = set()
    for name, kinds in ADDRESSES:
        parts = [part for part in _address(name, kinds).split("/") if part]
        if parts and parts[0] == "en" and len(parts) > 1:
            routes.add(parts[1])
    wagtail_pages = {"guides", "diagnose"}
    assert routes - set(reserved_slugs()) - wagtail_pages - set(SAMPLES.values()) == set()


def test_addresses_without_a_language_are_known_as_such() -> None:
    from portal.middleware import WITHOUT_LANGUAGE

    firsts = {_address(name, kinds).split("/")[1] for name, kinds in ADDRESSES} - {"", "en"}
    assert {first for first in firsts if not first.endswith((".xml", ".txt"))} <= WITHOUT_LANGUAGE


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/desk/nothing/", "/api/v1/nothing/", "/health/nothing", "/media/nothing"])
def test_what_is_missing_is_missing_here_and_not_below_a_language(client: Client, address: str) -> None:
    client.cookies["hearth_language"] = "en"
    answer = client.get(address)
    assert answer.status_code == 404 and '<html lang="en"' in answer.content.decode()[:300]


def test_names_of_addresses_are_unique() -> None:
    names = [name for name, _kinds in ADDRESSES]
    assert len(names) == len(set(names))


@pytest.mark.django_db
def test_links_of_templates_name_addresses_that_exist() -> None:
    from tests.house.sources import name_of, templates, text

    known = {name for name, _kinds in _all_names(get_resolver())}
    missing = []
    for path in templates():
        for named in re.findall(r"{%\s*url\s+[\"']([\w:-]+)[\"']", text(path)):
            if named not in known:
                missing.append(f"{name_of(path)}: {named}")
    assert missing == []


def _all_names(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, None]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _all_names(pattern, (*namespaces, pattern.namespace) if pattern.namespace else namespaces)
        elif pattern.name:
            yield ":".join((*namespaces, pattern.name)), None
