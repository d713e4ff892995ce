"""Live chat under real contention: many threads take, accept and route at the same moment on PostgreSQL."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from chat import actions
from chat.actions import offers
from chat.actions.routing import route_waiting
from chat.models import ChatMessage, ChatOffer, Conversation
from core.errors import Conflict
from tests.factories.accounts import StaffFactory
from tests.factories.chat import on_duty, say, start_chat, taken_by

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
State, Status = ChatOffer.State, Conversation.Status


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Do everything at the same moment in threads; return results and refusals in order. Any other failure is raised."""
    barrier, found = threading.Barrier(len(works)), [None] * len(works)

    def run(number: int) -> None:
        barrier.wait()
        try:
            found[number] = works[number]()
        except Exception as error:
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    for result in found:
        if isinstance(result, Exception) and not isinstance(result, Conflict):
            raise result
    return found


@pytest.fixture
def crew(roles) -> list[Any]:
    """Eight agents on duty who take two chats each."""
    agents = [StaffFactory(name=f"客服{number}", role="agent") for number in range(8)]
    for agent in agents:
        on_duty(agent, capacity=2)
    return agents


@pytest.fixture
def quiet(monkeypatch) -> None:
    """Nothing is routed by events: the test itself says when."""
    monkeypatch.setattr("chat.dispatch.route_waiting", lambda **kwargs: 0)


def test_of_eight_who_take_the_same_chat_one_wins_and_the_others_read_who(quiet, crew) -> None:
    chat = start_chat()
    found = at_once([lambda agent=agent: offers.take_chat(chat, by=agent) for agent in crew])
    winners = [result for result in found if isinstance(result, Conversation)]
    refused = [result for result in found if isinstance(result, Conflict)]
    assert len(winners) == 1
    chat.refresh_from_db()
    assert {str(refusal.message) for refusal in refused} == {f"{chat.agent} 先一步接入了。"}
    assert [message.data["event"] for message in chat.messages.filter(sender="system")].count("joined") == 1
    assert ChatOffer.objects.filter(state=State.ACCEPTED).count() == 1


def test_two_tabs_of_one_agent_accept_once(quiet, crew) -> None:
    chat = start_chat()
    route_waiting(trigger="started")
    offer = ChatOffer.objects.get()
    found = at_once([lambda: offers.accept_offer(ChatOffer.objects.get(pk=offer.pk), by=offer.agent) for _tab in range(4)])
    assert all(isinstance(result, Conversation) for result in found)
    assert [message.data["event"] for message in chat.messages.filter(sender="system")].count("joined") == 1


def test_an_offer_is_accepted_or_runs_out_never_both(quiet, crew) -> None:
    for number in range(6):
        chat = start_chat(visitor_key=f"edge-{number}")
        route_waiting(trigger="started")
        offer = ChatOffer.objects.get(conversation=chat)
        over = offer.expires_at + timedelta(seconds=1)
        accepted, _expired = at_once(
            [lambda offer=offer: offers.accept_offer(offer, by=offer.agent), lambda over=over: offers.expire_offers(now=over)]
        )
        chat.refresh_from_db()
        offer.refresh_from_db()
        if isinstance(accepted, Conversation):
            assert (offer.state, chat.status, chat.agent) == (State.ACCEPTED, Status.ACTIVE, offer.agent)
        else:
            assert (offer.state, chat.status, chat.agent) == (State.EXPIRED, Status.WAITING, None)
        actions.end_conversation(chat, party="visitor")


def test_many_routers_at_once_fill_nobody_over_their_number_and_offer_each_chat_once(quiet, crew) -> None:
    chats = [start_chat(visitor_key=f"many-{number}") for number in range(20)]
    at_once([lambda: route_waiting(trigger="sweep") for _process in range(6)])
    route_waiting(trigger="sweep")
    pending = ChatOffer.objects.filter(state=State.PENDING)
    assert max(Counter(pending.values_list("agent_id", flat=True)).values()) <= 2
    assert pending.count() == 16
    first = [chat.pk for chat in sorted(chats, key=lambda chat: (chat.queued_at, chat.pk))][:16]
    assert set(pending.values_list("conversation_id", flat=True)) == set(first)


def test_the_visitor_leaves_while_the_agent_accepts(quiet, crew) -> None:
    for number in range(6):
        chat = start_chat(visitor_key=f"leave-{number}")
        route_waiting(trigger="started")
        offer = ChatOffer.objects.get(conversation=chat)
        at_once(
            [
                lambda offer=offer: offers.accept_offer(offer, by=offer.agent),
                lambda chat=chat: actions.end_conversation(chat, party="visitor"),
            ]
        )
        chat.refresh_from_db()
        assert chat.status == Status.ENDED
        assert not ChatOffer.objects.filter(conversation=chat, state=State.PENDING).exists()
        numbers = list(chat.messages.order_by("seq").values_list("seq", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))


def test_the_same_number_sent_many_times_at_once_is_one_message_and_uses_up_one_number() -> None:
    chat, number = start_chat(), uuid.uuid4()
    sent = at_once([lambda: say(chat, "一次", client_id=number)] * 4 + [lambda: say(chat, "另一句")] * 4)
    assert sorted(result.created for result in sent) == [False] * 3 + [True] * 5
    assert len({result.message.pk for result in sent}) == 5
    chat.refresh_from_db()
    numbers = list(chat.messages.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, 8)) and chat.last_seq == 7
    times = list(chat.messages.order_by("seq").values_list("at", flat=True))
    assert times == sorted(times) and chat.last_message_at == times[-1]


def test_a_message_costs_the_database_one_statement(crew, customer, django_assert_num_queries) -> None:
    agent = crew[0]
    guest = taken_by(start_chat(), agent)
    member = start_chat(contact=customer.contacts.get(), by=customer, visitor_key="member")
    for chat, sent in ((guest, {}), (guest, {"sender": "agent", "by": agent}), (member, {"by": customer})):
        with django_assert_num_queries(1):
            message = say(chat, "您好", **sent).message
        kept = chat.messages.get(pk=message.pk)
        for field in ChatMessage._meta.concrete_fields:
            assert getattr(kept, field.attname) == getattr(message, field.attname), field.name


def test_a_message_that_waited_for_the_chat_s_end_is_refused() -> None:
    chat, outcome = start_chat(), []

    def write() -> None:
        try:
            outcome.append(say(chat, "等等"))
        except Conflict as refusal:
            outcome.append(refusal.code)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    with transaction.atomic():
        actions.end_conversation(chat, party="visitor")
        writer.start()
        writer.join(timeout=0.5)
        assert writer.is_alive() and not outcome
    writer.join(timeout=30)
    chat.refresh_from_db()
    assert outcome == ["ended"] and list(chat.messages.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]
