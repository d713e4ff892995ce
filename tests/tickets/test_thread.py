"""Words on a ticket: a reply keeps promises and pauses, a note never leaves the desk, an answer starts the clock again."""

import pytest
from django.db import connection

from core.errors import Conflict, InvalidInput, NotAllowed
from core.history import history_of
from core.models import HistoryEntry, OutboundMessage
from tests.factories.accounts import ContactFactory
from tests.factories.tickets import CannedReplyFactory, open_ticket
from tests.tickets.conftest import at
from tickets.actions import add_note, change_status, customer_reply, reply_to_customer, resolve
from tickets.models import DeskNotice, TicketMessage, TicketNote

GUIDE = {"key": "guide:7", "title": "清理排水泵", "url": "/zh-hans/guides/pump/"}


def test_the_first_reply_keeps_the_first_promise_and_waits_for_the_customer(ticket, agent, desk) -> None:
    desk.move_to(at("2026-09-14 10:30"))
    reply_to_customer(ticket, by=agent, body="请听一下水泵有没有声音。")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee, ticket.waiting_since) == ("pending", agent, None)
    assert ticket.targets.get(metric="first_response").met_at == at("2026-09-14 10:30")
    assert ticket.pauses.get().until_at is None
    assert ticket.due_at is None, "nothing runs while we wait for the customer"


def test_the_resolution_moves_by_the_business_time_waited(ticket, agent, desk) -> None:
    assert ticket.targets.get(metric="resolution").due_at == at("2026-09-16 09:30")
    desk.move_to(at("2026-09-14 17:00"))
    reply_to_customer(ticket, by=agent, body="请拍一张照片。")
    desk.move_to(at("2026-09-15 10:00"))
    customer_reply(ticket, body="拍好了。")
    assert ticket.targets.get(metric="resolution").due_at == at("2026-09-16 11:30"), "two business hours, not seventeen"


def test_the_customer_s_answer_opens_the_ticket_and_promises_the_next_reply(ticket, agent, desk) -> None:
    reply_to_customer(ticket, by=agent, body="请拍一张照片。")
    desk.move_to(at("2026-09-14 14:00"))
    customer_reply(ticket, body="拍好了。")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_since) == ("open", at("2026-09-14 14:00"))
    assert ticket.targets.get(metric="next_response").due_at == at("2026-09-14 18:00")
    assert ticket.due_at == at("2026-09-14 18:00")
    assert DeskNotice.objects.filter(user=agent, kind="customer_replied").count() == 1


def test_a_second_answer_does_not_move_the_promise(ticket, agent, desk) -> None:
    reply_to_customer(ticket, by=agent, body="请拍一张照片。")
    desk.move_to(at("2026-09-14 14:00"))
    customer_reply(ticket, body="拍好了。")
    desk.move_to(at("2026-09-14 15:00"))
    customer_reply(ticket, body="还有一张。")
    assert ticket.targets.filter(metric="next_response").count() == 1


def test_the_same_key_twice_is_one_message(ticket, agent) -> None:
    assert reply_to_customer(ticket, by=agent, body="您好", client_key="k") == reply_to_customer(
        ticket, by=agent, body="您好", client_key="k"
    )
    assert customer_reply(ticket, body="在", client_key="c") == customer_reply(ticket, body="在", client_key="c")
    assert [row.seq for row in TicketMessage.objects.all()] == [1, 2]


def test_a_reply_reaches_the_customer_by_mail_with_the_article_s_full_address(desk, agent, run_tasks) -> None:
    ticket = open_ticket(contact=ContactFactory(email="lan@example.com"))
    reply_to_customer(ticket, by=agent, body="按这篇做一遍。", articles=[GUIDE])
    run_tasks(only="tickets.")
    message = OutboundMessage.objects.get(template="tickets/replied")
    assert "按这篇做一遍。" in message.body and "清理排水泵" in message.body
    assert "http://localhost:8000/zh-hans/guides/pump/" in message.body


def test_an_article_from_elsewhere_is_refused_and_nothing_is_sent(ticket, agent) -> None:
    for url in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"):
        with pytest.raises(InvalidInput):
            reply_to_customer(ticket, by=agent, body="看这里", articles=[{"title": "x", "url": url}])
    assert not TicketMessage.objects.exists()


def test_a_canned_reply_s_use_is_counted(ticket, agent) -> None:
    canned = CannedReplyFactory()
    reply_to_customer(ticket, by=agent, body="您好", canned=canned)
    canned.refresh_from_db()
    assert canned.used == 1


def test_an_empty_reply_changes_nothing(ticket, agent) -> None:
    rows = HistoryEntry.objects.count()
    with pytest.raises(InvalidInput):
        reply_to_customer(ticket, by=agent, body="  ")
    ticket.refresh_from_db()
    assert ticket.status == "new" and HistoryEntry.objects.count() == rows


def test_nobody_but_the_desk_replies_or_notes(ticket, customer) -> None:
    with pytest.raises(NotAllowed):
        reply_to_customer(ticket, by=customer, body="hi")
    with pytest.raises(NotAllowed):
        add_note(ticket, by=customer, body="hi")
    assert not TicketMessage.objects.exists() and not TicketNote.objects.exists()


def test_a_done_ticket_takes_no_reply(ticket, agent) -> None:
    resolve(ticket, by=agent, summary="好了")
    with pytest.raises(Conflict):
        reply_to_customer(ticket, by=agent, body="还有")


def test_a_note_never_leaves_the_desk(ticket, agent, run_tasks) -> None:
    add_note(ticket, by=agent, body="八成是泵坏了")
    run_tasks(only="tickets.")
    assert not TicketMessage.objects.exists()
    assert all("八成" not in row.body for row in OutboundMessage.objects.all())
    entry = history_of(ticket).get(verb="noted")
    assert not entry.public and "八成" not in str(entry.data)


def test_an_answer_to_a_ticket_on_hold_leaves_it_there_and_is_owed_a_reply(ticket, agent) -> None:
    reply_to_customer(ticket, by=agent, body="等零件", wait=False)
    change_status(ticket, to="on_hold", reason="parts", by=agent)
    customer_reply(ticket, body="还要多久？")
    ticket.refresh_from_db()
    assert ticket.status == "on_hold" and ticket.due_at is not None


def test_an_answer_to_a_solved_ticket_reopens_it(ticket, agent) -> None:
    resolve(ticket, by=agent, summary="好了")
    customer_reply(ticket, body="又漏水了")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.round) == ("open", 2)
    assert ticket.escalations.get(closed_at__isnull=True).kind == "reopened"


def test_words_in_any_script_survive(ticket, agent) -> None:
    words = "能用了吗？👍🏽 café naïve ‏مرحبا 𠮷野家"
    assert reply_to_customer(ticket, by=agent, body=words).body == words
    assert connection.vendor in {"sqlite", "postgresql"}
