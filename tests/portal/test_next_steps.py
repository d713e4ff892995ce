"""After “No, not yet”: what fits the article and the machine, a chat only while somebody is there, a form that knows what was read."""

from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import RequestFactory

from kb.subjects import code_key, guide_key
from portal.next_steps import about, next_steps
from tests.factories.chat import on_duty
from tests.factories.diagnosis import make_diagnosis
from tests.portal.chatting import MORNING

pytestmark = pytest.mark.django_db
VOTE = "/zh-hans/feedback/vote/"
SWAP = {"HX-Request": "true"}


def query_of(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def said_no(client, key: str, **fields: str) -> str:
    return client.post(f"{VOTE}?subject={key}", {"vote": "no", **fields}, headers=SWAP).content.decode()


def test_the_article_tells_its_machine_and_its_code(guide, shop) -> None:
    subject = about(guide_key(guide))
    assert (subject.title, subject.code, subject.model, subject.family) == (guide.title, shop.e2, None, shop.washers)
    card = about(code_key(shop.e2))
    assert (card.code, card.family, card.url) == (shop.e2, shop.washers, "/zh-hans/codes/washing-machines/E2/")
    for foreign in ("guide:11111111-1111-1111-1111-111111111111", "code:washing-machines:E99", "nonsense", "guide:x"):
        assert about(foreign).title == ""


def test_the_help_form_is_offered_with_the_product_the_code_and_what_did_not_help(client, guide) -> None:
    steps = next_steps(RequestFactory().get("/"), key=guide_key(guide))
    assert [step.kind for step in steps] == ["help"]
    asked = query_of(steps[0].url)
    words = "看了“清理排水泵过滤器”，没解决"
    assert asked == {"family": ["washing-machines"], "code": ["E2"], "subject": [words], "from": [guide_key(guide)]}
    form = client.get(steps[0].url).context["form"]
    assert (form["subject"].value(), form["family"].value()) == (words, "washing-machines")
    searched = next_steps(RequestFactory().get("/"), key=guide_key(guide), query="洗衣机不排水")
    assert query_of(searched[-1].url)["subject"] == ["洗衣机不排水"]


def test_the_diagnosis_that_fits_comes_first_and_opens(client, guide, shop) -> None:
    page = make_diagnosis(families=[shop.washers], codes=[shop.e2])
    steps = next_steps(RequestFactory().get("/"), key=guide_key(guide))
    assert [(step.kind, step.url) for step in steps[:1]] == [("diagnosis", f"/zh-hans/diagnose/{page.slug}/")]
    assert client.get(steps[0].url).status_code in (200, 302)
    assert f'href="/zh-hans/diagnose/{page.slug}/"' in said_no(client, guide_key(guide))
    page.unpublish()
    assert [step.kind for step in next_steps(RequestFactory().get("/"), key=guide_key(guide))] == ["help"]


def test_no_chat_is_offered_while_nobody_is_there(client, guide, agent) -> None:
    with time_machine.travel(MORNING, tick=True):
        assert 'data-way="chat"' not in said_no(client, guide_key(guide))


def test_a_chat_is_offered_while_somebody_is_there(guide, agent) -> None:
    with time_machine.travel(MORNING, tick=True):
        on_duty(agent)
        steps = next_steps(RequestFactory().get("/"), key=guide_key(guide), query="不排水")
    assert [step.kind for step in steps] == ["chat", "help"]
    asked = query_of(steps[0].url)
    assert (asked["subject"], asked["family"], asked["from"]) == (["不排水"], ["washing-machines"], [guide.url])


def test_the_steps_stand_in_the_box_at_once_after_the_reason_and_without_script(client, guide) -> None:
    key = guide_key(guide)
    first = said_no(client, key, q="不排水")
    assert 'name="reason"' in first and 'data-way="help"' in first
    done = said_no(client, key, stage="reason", reason="unclear", q="不排水")
    assert 'name="reason"' not in done and 'data-way="help"' in done
    plain = client.get(f"{guide.url}?voted=reason").content.decode()
    assert 'data-way="help"' in plain
    assert "data-way" not in client.get(guide.url).content.decode()
    assert "data-way" not in client.get(f"{guide.url}?voted=yes").content.decode()
