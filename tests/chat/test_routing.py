"""The router on the database: offers, accepting, letting pass, agents who are gone; every decision is kept with its reasons."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from chat import actions
from chat.actions import offers, presence
from chat.actions.routing import route_waiting
from chat.dispatch import sweep
from chat.models import AgentProfile, AgentSocket, ChatMessage, ChatOffer, Conversation, RoutingDecision
from chat.queries.crew import agents_on_duty, estimate_minutes, place_of
from core.errors import Conflict, InvalidInput, NotAllowed
from core.history import history_of
from tests.factories.chat import offer_to, on_duty, start_chat, taken_by
from tests.factories.products import FamilyFactory

pytestmark = pytest.mark.django_db
State, Status = ChatOffer.State, Conversation.Status


def verbs(subject) -> list[str]:
    return [entry.verb for entry in history_of(subject)]


def another(number: int, **fields) -> Conversation:
    """Start a chat of another visitor."""
    return start_chat(visitor_key=f"visitor-{number}", **fields)


def system_events(conversation) -> list[str]:
    return [message.data["event"] for message in conversation.messages.filter(sender=ChatMessage.Sender.SYSTEM)]


def test_the_chat_is_offered_to_the_free_agent_and_the_reasons_are_kept(agent, second_agent, second_line) -> None:
    on_duty(agent, capacity=1)
    on_duty(second_agent, languages=["en"])
    presence.set_state(second_line, state="away", reason="lunch")
    chat = start_chat()
    assert route_waiting(trigger="started") == 1
    offer = ChatOffer.objects.get()
    assert (offer.agent, offer.state, offer.conversation) == (agent, State.PENDING, chat)
    assert offer.expires_at - offer.offered_at == timedelta(seconds=45)
    decision = RoutingDecision.objects.get()
    assert (decision.chosen, decision.trigger, decision.data["why"]) == (agent, "started", "chosen")
    assert {row["name"]: row["reasons"] for row in decision.data["candidates"]} == {
        "赵敏": [],
        "孙丽": ["other_language"],
        "钱军": ["not_connected"],
    }


def test_asking_the_router_again_changes_nothing_while_the_offer_is_open(agent) -> None:
    offer_to(agent)
    assert route_waiting(trigger="sweep") == 0
    assert ChatOffer.objects.count() == RoutingDecision.objects.count() == 1


def test_skill_and_load_decide_and_the_longest_waiting_is_first(agent, second_agent) -> None:
    washing, cooling = FamilyFactory(), FamilyFactory(slug="air-conditioners")
    on_duty(agent, capacity=2, families=[washing])
    on_duty(second_agent, capacity=1, families=[cooling])
    first, second, third = another(1, family=cooling), another(2, family=washing), another(3, family=cooling)
    assert route_waiting(trigger="sweep") == 2
    assert dict(ChatOffer.objects.values_list("conversation_id", "agent_id")) == {first.pk: second_agent.pk, second.pk: agent.pk}
    offers.accept_offer(ChatOffer.objects.get(conversation=first), by=second_agent)
    assert route_waiting(trigger="accepted") == 0
    actions.end_conversation(first, party="agent", by=second_agent)
    assert route_waiting(trigger="ended") == 1
    assert ChatOffer.objects.get(conversation=third).agent == second_agent


def test_accepting_gives_the_chat_to_the_agent_and_tells_the_visitor(agent) -> None:
    offer = offer_to(agent)
    chat = offers.accept_offer(offer, by=agent)
    chat.refresh_from_db()
    assert (chat.status, chat.agent) == (Status.ACTIVE, agent)
    assert chat.accepted_at is not None
    assert system_events(chat) == ["waiting", "joined"]
    assert "accepted" in verbs(chat)
    offers.accept_offer(offer, by=agent)  # the second tab
    assert system_events(chat) == ["waiting", "joined"]


def test_somebody_else_s_offer_cannot_be_accepted_or_declined(agent, second_agent, customer) -> None:
    offer = offer_to(agent)
    for person in (second_agent, customer):
        with pytest.raises(NotAllowed):
            offers.accept_offer(offer, by=person)
        with pytest.raises(NotAllowed):
            offers.decline_offer(offer, by=person)
    offer.refresh_from_db()
    assert offer.state == State.PENDING
    assert offer.conversation.status == Status.WAITING


def test_a_declined_offer_goes_to_the_next_agent(agent, second_agent) -> None:
    offer = offer_to(agent)
    on_duty(second_agent)
    offers.decline_offer(offer, by=agent)
    route_waiting(trigger="passed")
    assert ChatOffer.objects.get(state=State.PENDING).agent == second_agent
    last = RoutingDecision.objects.first()
    assert {row["agent"]: row["reasons"] for row in last.data["candidates"]}[agent.pk] == ["passed_before"]
    with pytest.raises(Conflict) as refused:
        offers.accept_offer(offer, by=agent)
    assert refused.value.code == "withdrawn"


def test_an_offer_that_ran_out_goes_on_and_cannot_be_accepted_late(agent, second_agent) -> None:
    offer = offer_to(agent)
    on_duty(second_agent)
    with time_machine.travel(timezone.now() + timedelta(seconds=46), tick=False):
        for someone in (agent, second_agent):
            presence.refresh_socket(f"console-of-{someone.pk}", user=someone)
        with pytest.raises(Conflict) as refused:
            offers.accept_offer(offer, by=agent)
        assert refused.value.code == "expired"
        sweep()
    offer.refresh_from_db()
    assert offer.state == State.EXPIRED
    assert ChatOffer.objects.get(state=State.PENDING).agent == second_agent
    with pytest.raises(Conflict) as refused:
        offers.accept_offer(offer, by=agent)
    assert refused.value.code == "expired"
    assert "not_accepted" in verbs(offer.conversation)


def test_who_is_alone_is_asked_again(agent) -> None:
    offer = offer_to(agent)
    offers.decline_offer(offer, by=agent)
    assert route_waiting(trigger="passed") == 1
    assert RoutingDecision.objects.first().data["dropped"] == ["offered_again"]


def test_a_chat_taken_by_hand_withdraws_the_offer_and_its_agent_reads_who_was_faster(agent, second_agent) -> None:
    offer = offer_to(agent)
    on_duty(second_agent)
    offers.take_chat(offer.conversation, by=second_agent)
    offer.refresh_from_db()
    assert offer.state == State.WITHDRAWN
    with pytest.raises(Conflict, match="孙丽") as refused:
        offers.accept_offer(offer, by=agent)
    assert refused.value.code == "taken"
    with pytest.raises(Conflict, match="孙丽"):
        offers.take_chat(offer.conversation, by=agent)


def test_nobody_takes_more_than_their_number_by_hand(agent) -> None:
    on_duty(agent, capacity=1)
    taken_by(another(1), agent)
    with pytest.raises(Conflict) as refused:
        offers.take_chat(another(2), by=agent)
    assert refused.value.code == "full"


def test_an_ended_chat_cannot_be_accepted_taken_or_taken_over(agent, supervisor) -> None:
    offer = offer_to(agent)
    actions.end_conversation(offer.conversation, party="visitor")
    for step in (
        lambda: offers.accept_offer(offer, by=agent),
        lambda: offers.take_chat(offer.conversation, by=agent),
        lambda: offers.take_over(offer.conversation, by=supervisor),
    ):
        with pytest.raises(Conflict) as refused:
            step()
        assert refused.value.code == "ended"


def test_an_agent_without_a_connection_loses_their_chats_to_the_head_of_the_queue(agent, second_agent) -> None:
    chat = offers.accept_offer(offer_to(agent), by=agent)
    with time_machine.travel(timezone.now() + timedelta(seconds=20), tick=False):
        later = another(2)
        presence.close_socket(f"console-of-{agent.pk}", user=agent)
        sweep()
        chat.refresh_from_db()
        assert chat.agent == agent  # a page that loads again
    with time_machine.travel(timezone.now() + timedelta(seconds=51), tick=False):
        sweep()
        chat.refresh_from_db()
        assert (chat.status, chat.agent) == (Status.WAITING, None)
        assert [place_of(chat), place_of(later)] == [1, 2]
        assert system_events(chat)[-1] == "requeued"
        assert "requeued" in verbs(chat)
        on_duty(second_agent)
        route_waiting(trigger="agent")
        assert ChatOffer.objects.filter(conversation=chat, agent=second_agent, state=State.PENDING).exists()


def test_the_row_of_a_killed_process_goes_stale_and_is_swept(agent) -> None:
    chat = offers.accept_offer(offer_to(agent), by=agent)
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
        assert agents_on_duty() == 0
        sweep()
        assert not AgentSocket.objects.exists()
        chat.refresh_from_db()
        assert chat.status == Status.WAITING
        presence.refresh_socket(f"console-of-{agent.pk}", user=agent)  # it lived after all
        assert agents_on_duty() == 1


def test_the_offers_of_an_agent_who_is_gone_or_goes_away_are_taken_back(agent, second_agent) -> None:
    offer = offer_to(agent)
    on_duty(second_agent)
    presence.set_state(agent, state="away", reason="  lunch\x00 ")
    offer.refresh_from_db()
    assert offer.state == State.WITHDRAWN
    profile = AgentProfile.objects.get(user=agent)
    assert (profile.state, profile.away_reason) == ("away", "lunch")
    assert verbs(profile)[-1] == "state_changed"
    route_waiting(trigger="agent")
    assert ChatOffer.objects.get(state=State.PENDING).agent == second_agent


def test_only_who_answers_chats_has_a_state_and_only_known_ones(agent, editor, customer) -> None:
    for person in (editor, customer):
        with pytest.raises(NotAllowed):
            presence.set_state(person, state="available")
    with pytest.raises(InvalidInput):
        presence.set_state(agent, state="asleep")
    assert not AgentProfile.objects.exists()


def test_nobody_on_duty_is_kept_once_and_the_visitor_gets_no_estimate(agent) -> None:
    chat = start_chat()
    for _sweep in range(3):
        route_waiting(trigger="sweep")
    assert RoutingDecision.objects.get().data["why"] == "nobody_there"
    assert estimate_minutes(chat) is None
    assert place_of(chat) == 1


def test_the_estimate_follows_place_room_and_today_s_chats(agent) -> None:
    on_duty(agent, capacity=2)
    chats = [another(number) for number in range(4)]
    assert [estimate_minutes(chat) for chat in chats] == [1, 1, 4, 8]
    route_waiting(trigger="started")
    assert [estimate_minutes(chat) for chat in chats] == [1, 1, 4, 8]
    now = timezone.now()
    for number in range(3):
        Conversation.objects.create(
            reference=f"C-{number}",
            status=Status.ENDED,
            agent=agent,
            created_at=now,
            accepted_at=now - timedelta(minutes=20),
            ended_at=now,
        )
    if timezone.localtime(now).hour:  # after midnight has passed by more than a chat's length
        assert estimate_minutes(chats[3]) == 20


def test_routing_costs_the_same_for_one_and_three_agents(agent, second_agent, second_line, django_assert_max_num_queries) -> None:
    on_duty(agent)
    start_chat()
    with django_assert_max_num_queries(40) as one:
        route_waiting(trigger="sweep")
    Conversation.objects.all().delete()
    on_duty(second_agent)
    on_duty(second_line)
    start_chat()
    with django_assert_max_num_queries(len(one)):
        route_waiting(trigger="sweep")
