"""The pages of the desk: who gets in, what they show, the same number of queries for one row and for three."""

import pytest
from django.urls import reverse

from core.history import history_of
from kb.models import HelpEvent, HelpSession
from tests.factories.accounts import ContactFactory
from tests.factories.tickets import CannedReplyFactory, open_ticket
from tickets.actions import claim_escalation, resolve
from tickets.models import DeskNotice, Escalation, Queue, Ticket, TicketMessage, TicketNote

GUIDE = '{"key": "guide:7", "title": "清理排水泵", "url": "/zh-hans/guides/pump/"}'
PAGES = ("tickets:desk", "tickets:queue", "tickets:list", "tickets:new", "tickets:notices")


@pytest.fixture
def at_desk(desk, agent, signed_in):
    """Zhao Min's browser."""
    return signed_in(agent)


@pytest.mark.parametrize("name", PAGES)
def test_strangers_sign_in_first_and_customers_stay_out(client, desk, customer, signed_in, name) -> None:
    assert client.get(reverse(name)).url.startswith(reverse("account_login"))
    assert signed_in(customer).get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_answer_in_both_languages(at_desk, name, language) -> None:
    open_ticket()
    at_desk.cookies["hearth_language"] = language
    assert at_desk.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["tickets:desk", "tickets:queue", "tickets:list"])
def test_lists_take_as_many_queries_for_three_rows_as_for_one(at_desk, agent, django_assert_num_queries, name) -> None:
    def row() -> None:
        session = HelpSession.objects.create()
        HelpEvent.objects.create(session=session, kind="query", query="不排水")
        ticket = open_ticket(contact=ContactFactory(), help_session=session)
        DeskNotice.objects.create(user=agent, kind="opened", ticket=ticket)
        Ticket.objects.filter(pk=ticket.pk).update(assignee=agent)

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for rows in (1, 2):
        for _number in range(rows):
            row()
        at_desk.get(reverse(name))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert at_desk.get(reverse(name)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_ticket_page_takes_as_many_queries_for_a_long_thread(at_desk, agent, ticket) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert at_desk.get(reverse("tickets:detail", args=[ticket.reference])).status_code == 200
        return len(queries)

    for seq in (1, 2):
        TicketMessage.objects.create(ticket=ticket, seq=seq, author_kind="customer", author_name="x", body="y")
        TicketNote.objects.create(ticket=ticket, author=agent, body="z")
    count()
    before = count()
    for seq in (3, 4, 5):
        TicketMessage.objects.create(ticket=ticket, seq=seq, author_kind="agent", author_name="x", body="y")
        TicketNote.objects.create(ticket=ticket, author=agent, body="z")
        open_ticket(contact=ticket.contact)
    assert count() == before


def test_the_queue_is_in_due_order_and_says_why(at_desk) -> None:
    session = HelpSession.objects.create()
    HelpEvent.objects.create(session=session, kind="query", query="不排水")
    HelpEvent.objects.create(session=session, kind="opened", document_key="guide:1", title="清理")
    open_ticket(subject="不急", impact=3, urgency=3)
    open_ticket(subject="很急", impact=1, urgency=1, help_session=session)
    page = at_desk.get(reverse("tickets:queue")).content.decode()
    assert page.index("很急") < page.index("不急")
    assert "不排水" in page


def test_lists_mask_the_phone_number(at_desk) -> None:
    ticket = open_ticket(contact=ContactFactory(phone="+8613800138000"))
    for name in ("tickets:queue", "tickets:list"):
        page = at_desk.get(reverse(name)).content.decode()
        assert "138****8000" in page and "13800138000" not in page
    page = at_desk.get(reverse("tickets:detail", args=[ticket.reference])).content.decode()
    assert "13800138000" not in page


def test_showing_the_number_is_recorded(at_desk, agent) -> None:
    ticket = open_ticket(contact=ContactFactory(phone="+8613800138000"))
    page = at_desk.post(reverse("tickets:reveal", args=[ticket.reference]), follow=True).content.decode()
    assert "+8613800138000" in page
    assert history_of(ticket).get(verb="contact_revealed").actor == agent


@pytest.mark.parametrize(
    "query", ["{reference}", "{digits}", "13800138000", "8000", "138 0013 8000", "王小波", "E2 排水", "bo@example.com"]
)
def test_search_finds_by_number_phone_name_and_words(at_desk, query) -> None:
    contact = ContactFactory(phone="+8613800138000", name="王小波", email="bo@example.com")
    ticket = open_ticket(contact=contact, subject="E2 不排水")
    open_ticket(subject="别的", description="别的")
    resolve(ticket, by=at_desk_user(at_desk), summary="好了")
    query = query.format(reference=ticket.reference.lower(), digits=ticket.reference[-5:])
    page = at_desk.get(reverse("tickets:list"), {"q": query})
    assert [row.pk for row in page.context["page_obj"]] == [ticket.pk]


def at_desk_user(client):
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(pk=client.session["_auth_user_id"])


@pytest.mark.parametrize("query", ["%", "_", "'", '"', "\\", "x" * 10000, "NEAR(", "*", "\x00", "🙈"])
def test_hostile_searches_answer(at_desk, query) -> None:
    open_ticket()
    assert at_desk.get(reverse("tickets:list"), {"q": query}).status_code == 200


def test_claiming_leads_to_the_ticket_and_the_loser_is_told(at_desk, second_agent, signed_in) -> None:
    ticket = open_ticket()
    data = {"escalation": ticket.escalations.get().pk}
    url = reverse("tickets:claim", args=[ticket.reference])
    assert at_desk.post(url, data).url == reverse("tickets:detail", args=[ticket.reference])
    page = signed_in(second_agent).post(url, data, follow=True).content.decode()
    assert "赵敏" in page and Escalation.objects.get().claimed_by.name == "赵敏"


def test_a_reply_with_article_and_canned_text_goes_out_once(at_desk, agent) -> None:
    ticket, canned = open_ticket(), CannedReplyFactory()
    data = {"body": "请看这篇", "article": GUIDE, "canned": canned.pk, "then": "wait", "client_key": "k1"}
    for _time in range(2):
        assert at_desk.post(reverse("tickets:reply", args=[ticket.reference]), data).status_code == 302
    message = TicketMessage.objects.get()
    assert message.articles[0]["title"] == "清理排水泵" and message.author == agent
    ticket.refresh_from_db()
    assert ticket.status == "pending"


def test_an_empty_reply_keeps_the_page_and_sends_nothing(at_desk) -> None:
    ticket = open_ticket()
    answer = at_desk.post(reverse("tickets:reply", args=[ticket.reference]), {"body": " ", "article": GUIDE, "then": "wait"})
    assert answer.status_code == 400 and "清理排水泵" in answer.content.decode()
    assert not TicketMessage.objects.exists()


def test_a_note_is_a_form_of_its_own_and_cannot_be_sent(at_desk) -> None:
    ticket = open_ticket()
    at_desk.post(reverse("tickets:reply", args=[ticket.reference]), {"note": "内部的话", "then": "wait"})
    assert not TicketMessage.objects.exists()
    at_desk.post(reverse("tickets:note", args=[ticket.reference]), {"note": "内部的话"})
    assert TicketNote.objects.get().body == "内部的话" and not TicketMessage.objects.exists()


@pytest.mark.parametrize(
    ("name", "data", "field", "value"),
    [
        ("status", {"status": "on_hold", "reason": "parts"}, "status", "on_hold"),
        ("priority", {"impact": 1, "urgency": 1, "reason": "老人"}, "impact", 1),
        ("resolve", {"summary": "好了"}, "status", "resolved"),
    ],
)
def test_forms_change_the_ticket(at_desk, name, data, field, value) -> None:
    ticket = open_ticket()
    assert at_desk.post(reverse(f"tickets:{name}", args=[ticket.reference]), data).status_code == 302
    ticket.refresh_from_db()
    assert getattr(ticket, field) == value


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("status", {"status": "on_hold"}),
        ("status", {"status": "closed"}),
        ("priority", {"impact": 1, "urgency": 1}),
        ("priority", {"impact": "x"}),
        ("move", {"queue": "cooling"}),
        ("move", {"queue": "nowhere", "reason": "x"}),
        ("escalate", {"kind": "functional"}),
        ("assign", {"to": "999999"}),
        ("resolve", {"summary": ""}),
        ("note", {}),
        ("reopen", {"reason": "x"}),
    ],
)
def test_wrong_input_says_so_and_changes_nothing(at_desk, name, data) -> None:
    ticket = open_ticket()
    before = history_of(ticket).count()
    assert at_desk.post(reverse(f"tickets:{name}", args=[ticket.reference]), data).status_code in {400, 403, 409}
    assert history_of(ticket).count() == before


def test_moving_assigning_escalating_releasing_and_reopening_work(at_desk, agent, second_agent) -> None:
    ticket = open_ticket()

    def post(name, **data):
        return at_desk.post(reverse(f"tickets:{name}", args=[ticket.reference]), data)

    claim_escalation(ticket.escalations.get(), by=agent)
    assert post("escalate", kind="functional", reason="电控").status_code == 302
    assert post("assign", to=second_agent.pk).status_code == 302
    assert post("release").status_code == 302
    assert post("move", queue="cooling", reason="冰箱").status_code == 302
    assert post("resolve", summary="好了").status_code == 302
    assert post("reopen", reason="还漏").status_code == 302
    assert post("resolve", summary="好了").status_code == 302
    assert post("confirm").status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.queue.key, ticket.round) == ("closed", "cooling", 2)
    page = at_desk.get(reverse("tickets:detail", args=[ticket.reference])).content.decode()
    assert "冷暖组" in page and "queue:" not in page


def test_a_call_is_logged_once_and_given_to_the_agent(at_desk, agent) -> None:
    data = {
        "name": "周岚",
        "phone": "138 0013 8000",
        "language": "zh-hans",
        "channel": "phone",
        "kind": "fault",
        "subject": "洗衣机不排水",
        "description": "昨晚开始",
        "impact": 2,
        "urgency": 2,
        "mine": "on",
        "submit_key": "call-1",
    }
    first, second = (at_desk.post(reverse("tickets:new"), data) for _time in range(2))
    assert first.status_code == second.status_code == 302 and first.url == second.url
    ticket = Ticket.objects.get()
    assert (str(ticket.contact.phone), ticket.assignee, ticket.created_by, ticket.status) == ("+8613800138000", agent, agent, "open")
    assert not ticket.escalations.exists()


def test_a_call_for_others_goes_to_the_queue_and_keeps_the_known_caller(at_desk) -> None:
    caller = ContactFactory(name="周岚")
    data = {
        "contact": caller.pk,
        "language": "zh-hans",
        "channel": "phone",
        "kind": "fault",
        "subject": "不排水",
        "description": "昨晚",
        "impact": 2,
        "urgency": 2,
    }
    assert at_desk.post(reverse("tickets:new"), data).status_code == 302
    ticket = Ticket.objects.get()
    assert ticket.contact == caller and ticket.escalations.get().claimed_by is None


def test_a_call_without_an_address_keeps_what_was_typed(at_desk) -> None:
    data = {
        "name": "周岚",
        "language": "zh-hans",
        "channel": "phone",
        "kind": "fault",
        "subject": "不排水",
        "description": "昨晚",
        "impact": 2,
        "urgency": 2,
    }
    answer = at_desk.post(reverse("tickets:new"), data)
    assert answer.status_code == 400 and "昨晚" in answer.content.decode()
    assert not Ticket.objects.exists()


def test_why_this_time_names_policy_calendar_and_segments(at_desk) -> None:
    ticket = open_ticket()
    page = at_desk.get(reverse("tickets:clock", args=[ticket.reference])).content.decode()
    assert "客服工作时间" in page and "09:30" in page and "11:30" in page


def test_opening_the_ticket_marks_its_notices_as_seen(at_desk, agent) -> None:
    Queue.objects.get(key="general").members.add(agent)
    ticket = open_ticket()
    assert DeskNotice.objects.filter(user=agent, seen_at__isnull=True).count() == 1
    at_desk.get(reverse("tickets:detail", args=[ticket.reference]))
    assert not DeskNotice.objects.filter(user=agent, seen_at__isnull=True).exists()


def test_a_canned_reply_is_filled_in_without_scripts(at_desk) -> None:
    ticket, canned = open_ticket(contact=ContactFactory(name="周岚")), CannedReplyFactory()
    page = at_desk.get(reverse("tickets:detail", args=[ticket.reference]), {"canned": canned.pk}).content.decode()
    assert f"周岚您好，我们安排师傅上门，编号 {ticket.reference}。</textarea>" in page


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "您这台 ［产品］ 我们看看"), ("en", "Let us look at your [product].")])
def test_an_unknown_product_leaves_a_gap_in_a_canned_reply(at_desk, language, words) -> None:
    canned = CannedReplyFactory(body_zh_hans="您这台 {product} 我们看看", body_en="Let us look at your {product}.")
    ticket = open_ticket(contact=ContactFactory(), language=language, model=None, product_text="")
    page = at_desk.get(reverse("tickets:detail", args=[ticket.reference]), {"canned": canned.pk}).content.decode()
    assert f"{words}</textarea>" in page


def test_the_pickers_of_articles_and_callers_answer(at_desk) -> None:
    ContactFactory(name="周岚")
    assert "周岚" in at_desk.get(reverse("tickets:contacts"), {"who": "周岚"}).content.decode()
    assert at_desk.get(reverse("portal:article_picker"), {"q": "排水", "language": "en"}).status_code == 200


def test_hostile_words_are_shown_as_words(at_desk) -> None:
    ticket = open_ticket(subject="<script>alert(1)</script>", description="<img src=x onerror=alert(1)>")
    page = at_desk.get(reverse("tickets:detail", args=[ticket.reference])).content.decode()
    assert "<script>alert(1)" not in page and "<img src=x" not in page
