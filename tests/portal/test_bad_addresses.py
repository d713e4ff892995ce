"""Whatever stands in a public address of finding the answer, the page is clear and never breaks."""

from urllib.parse import quote, quote_from_bytes

import pytest
from django.test import Client

from tests.factories.diagnosis import make_diagnosis
from tests.portal.diagnosing import begin

pytestmark = pytest.mark.django_db

NONSENSE = {
    "ten thousand characters": quote("排" * 2_500),
    "only signs": quote("……！？?!。。 “” --- ((("),
    "emoji": quote("🧺👩‍🔧🥵"),
    "mixed scripts": quote("洗衣机 washer العربية стиральная ｅ－０２"),
    "query syntax": quote('title:"x" AND (a OR b~2)^4 NOT [a TO *] \\ /re/ {!x}'),
    "SQL": quote("'; DROP TABLE kb_guidepage; --"),
    "HTML": quote('<script>alert("x")</script><img src=x onerror=1>'),
    "template": quote("{{ settings.SECRET_KEY }}{% debug %}"),
    "NUL": "a%00b",
    "lone surrogate": "%ED%A0%80" + quote_from_bytes(b"\xff\xfe"),
    "direction": quote("\u202e\u200b\ufeff"),
    "negative": "-1",
    "huge": "9" * 40,
    "path": quote("../../etc/passwd", safe=""),
}
QUERIES = [
    "/zh-hans/search/?q={x}",
    "/en/search/?q=drain&product={x}&type={x}&page={x}&exact={x}",
    "/zh-hans/search/suggest/?q={x}&product={x}",
    "/zh-hans/codes/?q={x}",
    "/en/products/?q={x}",
    "/zh-hans/products/washing-machines/?q={x}",
    "/zh-hans/guides/?family={x}&kind={x}&page={x}",
    "/en/diagnose/?family={x}&model={x}&product={x}&unit={x}",
    "/zh-hans/diagnose/no-drain/?family={x}&model={x}&unit={x}",
    "/zh-hans/help/?product={x}&family={x}&code={x}&subject={x}&q={x}&run={x}",
    "/en/help/suggestions/?subject={x}&product={x}&family={x}&unit={x}&channel={x}",
    "/zh-hans/chat/?product={x}&family={x}&subject={x}&from={x}&run={x}&leave={x}",
    "/en/repairs/new/?unit={x}&model={x}&product={x}&family={x}&article={x}&ticket={x}&code={x}&run={x}",
    "/zh-hans/announcements/?page={x}",
]
PATHS = [
    "/zh-hans/codes/{x}/{x}/",
    "/en/products/{x}/",
    "/zh-hans/products/washing-machines/{x}/",
    "/zh-hans/diagnose/{x}/",
    "/en/diagnose/run/{x}/",
    "/zh-hans/diagnose/run/{run}/{x}/",
    "/en/announcements/{x}/",
    "/zh-hans/help/{x}/",
    "/en/guides/{x}/",
]


@pytest.fixture
def client(shop):
    page = make_diagnosis(families=[shop.washers], slug="no-drain")
    client = Client()
    client.run = begin(client, page)
    return client


@pytest.mark.parametrize("address", QUERIES)
def test_nonsense_in_a_query_shows_a_page(client, address) -> None:
    for name, typed in NONSENSE.items():
        answer = client.get(address.format(x=typed), follow=True)
        assert answer.status_code == 200, (name, answer.status_code)
        html = answer.content.decode()
        assert "<script>alert" not in html and "onerror=1>" not in html, name


@pytest.mark.parametrize("address", PATHS)
def test_nonsense_in_a_path_is_a_page_that_is_not_there(client, address) -> None:
    for name, typed in NONSENSE.items():
        answer = client.get(address.format(x=typed, run=client.run.key), follow=True)
        assert answer.status_code in {200, 404} if "{run}" in address else answer.status_code == 404, (name, answer.status_code)


def test_nonsense_sent_with_a_form_is_refused_in_words(client) -> None:
    for name, typed in (
        ("NUL", "a\x00b"),
        ("long", "漏" * 10_000),
        ("html", "<b>x</b>"),
        ("surrogate", "\udcff".encode("utf-8", "replace")),
    ):
        for address in (
            "/zh-hans/help/",
            "/zh-hans/repairs/new/",
            "/zh-hans/chat/?leave=1",
            "/zh-hans/help/solved/",
            "/zh-hans/announcements/",
        ):
            fields = (
                "subject",
                "fault",
                "family",
                "product",
                "model",
                "run",
                "code",
                "unit",
                "solved_by",
                "region",
                "submit_key",
                "name",
                "email",
            )
            answer = client.post(address, dict.fromkeys(fields, typed))
            assert answer.status_code in {200, 302, 422}, (name, address, answer.status_code)
