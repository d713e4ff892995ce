"""One way to suggestions before a contact: at most three, the ledger hears the same everywhere, and a share of visitors sees none."""

from unittest import mock

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from wagtail.models import Site

from fieldservice.models import RepairOrder
from kb.holdout import held_back
from kb.models import HelpEvent, HelpSession, SelfServiceSettings
from search.answers import Hit
from tests.factories.chat import on_duty
from tests.factories.diagnosis import make_diagnosis
from tests.portal.conftest import help_data
from tickets.models import Ticket

SALT = "spring"


def hit(key, kind="guide", title="清理过滤器"):
    return Hit(key=key, document_key=f"{key}:zh-hans", kind=kind, title=title, url=f"/zh-hans/{key}/", language="zh-hans", score=0.9)


GUIDES = [hit("guide:a"), hit("guide:b", title="排水管高度"), hit("guide:c", title="脱水时停住"), hit("guide:d", title="多出来的一条")]


@pytest.fixture
def answers():
    with mock.patch("search.queries.suggest_for_panel", return_value=GUIDES) as panel:
        yield panel


def compare(percent):
    SelfServiceSettings.objects.update_or_create(
        site=Site.objects.get(is_default_site=True), defaults={"holdout_percent": percent, "holdout_salt": SALT}
    )


def visit(held):
    """A browser whose visitor the draw puts into the group, and its key."""
    from django.core import signing

    key = next(f"v{n}" for n in range(500) if held_back(f"v{n}", percent=50, salt=SALT) is held)
    client = Client()
    client.cookies["hearth_visitor"] = signing.Signer(salt="hearth.visitor").sign(key)
    return client


def doors(client):
    """Ask at every door: while typing in the help form, sending it, before a chat, in the repair form, at the end of a diagnosis."""
    yield "help", client.get("/zh-hans/help/suggestions/", {"subject": "不排水"})
    yield "help", client.post("/zh-hans/help/", help_data(still=""))
    yield "chat", client.get("/zh-hans/help/suggestions/", {"subject": "不排水怎么办", "channel": "chat"})
    yield "repair", client.get("/zh-hans/help/suggestions/", {"fault": "不排水\n一直这样", "channel": "repair"})
    yield "diagnosis", client.get("/zh-hans/help/suggestions/", {"subject": "水泵不响", "channel": "diagnosis"})


@pytest.mark.django_db
def test_every_door_shows_the_same_at_most_three_and_writes_them_down(shop, answers) -> None:
    client = Client()
    for channel, page in doors(client):
        html = page.content.decode()
        assert "清理过滤器" in html and "脱水时停住" in html and "多出来的一条" not in html, channel
        assert HelpSession.objects.get().channel == channel
    session = HelpSession.objects.get()
    shown = session.events.filter(kind="shown")
    assert sorted(shown.values_list("document_key", flat=True)) == ["guide:a", "guide:b", "guide:c"]
    assert set(shown.values_list("place", flat=True)) == {"help"} and session.offered_at and session.group == ""
    assert not Ticket.objects.exists()


@pytest.mark.django_db
def test_the_form_before_a_chat_asks_the_same_way(shop, answers, agent) -> None:
    on_duty(agent)
    client = Client()
    page = client.post("/zh-hans/chat/", {**help_data(still=""), "subject": "不排水"})
    assert page.status_code == 200 and "清理过滤器" in page.content.decode()
    assert HelpSession.objects.get().channel == "chat" and HelpEvent.objects.filter(kind="shown", place="chat").count() == 3


@pytest.mark.django_db
def test_a_visitor_of_the_comparison_group_sees_none_and_is_not_held_up(shop, answers) -> None:
    compare(50)
    client = visit(held=True)
    for _channel, page in doors(client):
        assert "清理过滤器" not in page.content.decode()
    ticket = Ticket.objects.get()
    session = ticket.help_session
    assert (session.group, session.outcome) == ("held", "escalated") and session.offered_at
    assert not session.events.filter(kind="shown").exists() and session.events.filter(kind="held").count() == 3


@pytest.mark.django_db
def test_a_visitor_of_the_other_group_sees_them_and_is_marked(shop, answers) -> None:
    compare(50)
    client = visit(held=False)
    assert "清理过滤器" in client.get("/zh-hans/help/suggestions/", {"subject": "不排水"}).content.decode()
    assert HelpSession.objects.get().group == "shown"


@pytest.mark.django_db
def test_codes_announcements_and_search_are_never_held_back(shop) -> None:
    compare(50)
    client = visit(held=True)
    kinds = [hit("code:washers:E2", "code", "E2 排水超时"), hit("announcement:1", "announcement", "召回"), hit("guide:a")]
    with mock.patch("search.queries.suggest_for_panel", return_value=kinds):
        html = client.get("/zh-hans/help/suggestions/", {"subject": "E2"}).content.decode()
    assert "E2 排水超时" in html and "召回" in html and "清理过滤器" not in html
    assert client.get("/zh-hans/search/", {"q": "不排水"}).status_code == 200
    session = HelpSession.objects.get()
    assert session.events.filter(kind="shown").count() == 2 and session.events.get(kind="held").document_key == "guide:a"


@pytest.mark.django_db
def test_staff_take_no_part_and_nobody_does_while_it_is_off(shop, answers, signed_in, agent) -> None:
    compare(50)
    client = signed_in(agent)
    assert "清理过滤器" in client.get("/zh-hans/help/suggestions/", {"subject": "不排水"}).content.decode()
    compare(0)
    assert "清理过滤器" in visit(held=True).get("/zh-hans/help/suggestions/", {"subject": "不排水"}).content.decode()
    assert set(HelpSession.objects.values_list("group", flat=True)) == {""}


@pytest.mark.django_db
def test_nothing_good_is_nothing_shown_and_nothing_counted(shop) -> None:
    compare(50)
    with mock.patch("search.queries.suggest_for_panel", side_effect=RuntimeError("down")):
        page = visit(held=False).get("/zh-hans/help/suggestions/", {"subject": "不排水", "channel": "nonsense"})
    assert page.status_code == 200 and not HelpSession.objects.filter(offered_at__isnull=False).exists()


def repair_data(client, **changes):
    """A good post of the repair form."""
    import re

    html = client.get("/zh-hans/repairs/new/").content.decode()
    wishes = re.findall(r'name="wishes" value="([^"]+)"', html)[:2]
    data = {
        "fault": "洗完衣服桶里有水",
        "wishes": wishes,
        "detail": "延安路 1 号",
        "name": "周岚",
        "phone": "13800138001",
        "submit_key": "r" * 24,
    }
    return {**data, **changes}


@pytest.mark.django_db
def test_a_repair_is_offered_answers_once_before_it_is_booked(shop, answers) -> None:
    client = Client()
    page = client.post("/zh-hans/repairs/new/", repair_data(client, product="wf10-320"))
    html = page.content.decode()
    assert page.status_code == 200 and "清理过滤器" in html and "延安路 1 号" in html and 'name="still" value="1"' in html
    session = HelpSession.objects.get()
    assert (session.channel, session.model, RepairOrder.objects.count()) == ("repair", shop.wf, 0)
    assert client.post("/zh-hans/repairs/new/", repair_data(client, product="wf10-320", still="1")).status_code == 302
    order = RepairOrder.objects.get()
    session.refresh_from_db()
    assert order.help_session == session and session.outcome == "escalated"


@pytest.mark.django_db
@pytest.mark.parametrize("about", ["?code=water-heaters:F9", "?family=water-heaters&code=F9"])
def test_before_a_danger_nothing_is_offered(shop, answers, about) -> None:
    client = Client()
    assert "清理过滤器" not in client.get(f"/zh-hans/repairs/new/{about}").content.decode()
    assert client.post("/zh-hans/repairs/new/", repair_data(client, code="water-heaters:F9")).status_code == 302
    assert RepairOrder.objects.count() == 1 and not HelpEvent.objects.filter(kind="shown").exists()


@pytest.mark.django_db
def test_a_known_fault_has_its_answers_at_once_and_nobody_is_said_to_have_typed_it(shop, answers, guide) -> None:
    client = Client()
    html = client.get(f"/zh-hans/repairs/new/?article=guide:{guide.translation_key}").content.decode()
    assert "清理过滤器" in html and HelpEvent.objects.filter(kind="shown", place="repair").count() == 3
    assert not HelpEvent.objects.filter(kind="query").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/zh-hans/repairs/new/", "/zh-hans/help/", "/zh-hans/chat/"])
def test_a_code_among_the_answers_leads_to_its_diagnosis_at_every_door(shop, agent, address) -> None:
    on_duty(agent)
    page = make_diagnosis(families=[shop.washers], codes=[shop.e2])
    client = Client()
    with mock.patch("search.queries.suggest_for_panel", return_value=[hit("code:washing-machines:E2", "code", "E2 排水超时")]):
        first = client.get(f"{address}?code=washing-machines:E2&family=washing-machines").content.decode()
        data = {**repair_data(client), "subject": "E2", "family": "washing-machines", "name": "周岚", "phone": "13800138001"}
        sent = client.post(address, data).content.decode()
    assert "repairs" not in address or f"{page.url}?family=washing-machines" in first
    assert f"{page.url}?family=washing-machines" in sent


@pytest.mark.django_db
def test_the_comparison_group_books_without_a_stop(shop, answers) -> None:
    compare(50)
    client = visit(held=True)
    assert client.post("/zh-hans/repairs/new/", repair_data(client)).status_code == 302
    assert RepairOrder.objects.get().help_session.group == "held"


@pytest.mark.django_db
def test_solved_is_said_once_whatever_is_pressed(shop, answers) -> None:
    client = Client()
    client.get("/zh-hans/help/suggestions/", {"subject": "不排水"})
    for _press in range(3):
        assert client.post("/zh-hans/help/solved/", {"solved_by": "guide:a"}).status_code == 200
    assert list(HelpSession.objects.values_list("outcome", flat=True)) == ["solved"]
    assert Client().post("/zh-hans/help/solved/", {"solved_by": "guide:a"}).status_code == 200
    assert HelpSession.objects.count() == 1, "who was shown nothing has solved nothing"


@pytest.mark.django_db
def test_the_enter_key_sends_the_form_and_never_says_solved(shop, answers, agent) -> None:
    on_duty(agent)
    client = Client()
    for address, data in (
        ("/zh-hans/help/", help_data(still="")),
        ("/zh-hans/repairs/new/", repair_data(client)),
        ("/zh-hans/chat/", {**help_data(still=""), "subject": "不排水"}),
    ):
        form = BeautifulSoup(client.post(address, data).content, "html.parser").find("input", {"name": "submit_key"}).find_parent("form")
        first = form.find("button")
        assert first.get("formaction") is None and first.get("name") == "still", address
