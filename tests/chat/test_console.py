"""The agents' console: what it shows, every step by plain form, and who stays outside."""

import uuid

import pytest
from django.urls import reverse

from chat import actions
from chat.actions import offers, presence
from chat.models import AgentProfile, ChatNote, ChatOffer, Conversation
from chat.queries.console import my_chats
from chat.templatetags.chatdesk import last_words
from core.history import history_of
from tests.factories.accounts import ContactFactory
from tests.factories.chat import offer_to, on_duty, say, start_chat, taken_by
from tests.factories.tickets import CannedReplyFactory
from tickets.models import CannedReply, Queue, Ticket

pytestmark = pytest.mark.django_db
Status = Conversation.Status


def chat_url(chat: Conversation, name: str = "chat") -> str:
    return reverse(f"chatdesk:{name}", args=[chat.reference])


@pytest.fixture
def chat(agent) -> Conversation:
    """A chat that the agent has."""
    on_duty(agent)
    return taken_by(start_chat(contact=ContactFactory(name="周岚", email="zhou@example.com")), agent)


def test_the_console_shows_offers_own_chats_and_the_queue(agent, second_agent, signed_in) -> None:
    offer = offer_to(agent, visitor_name="周女士")
    mine = taken_by(start_chat(visitor_key="b", visitor_name="Daniel", language="en", question="Error E2"), agent)
    say(mine, "still there?")
    waiting = start_chat(visitor_key="c", visitor_name="马秀英")
    page = signed_in(agent).get(reverse("chatdesk:console")).content.decode()
    assert reverse("chatdesk:accept", args=[offer.pk]) in page
    assert chat_url(mine) in page
    assert chat_url(waiting) in page
    assert "2 / 3" in page
    other = signed_in(second_agent).get(reverse("chatdesk:console")).content.decode()
    assert reverse("chatdesk:accept", args=[offer.pk]) not in other


def test_an_offer_is_accepted_and_let_pass_by_form(agent, second_agent, signed_in) -> None:
    offer = offer_to(agent)
    client = signed_in(agent)
    response = client.post(reverse("chatdesk:accept", args=[offer.pk]))
    assert response["Location"] == chat_url(offer.conversation)
    offer.conversation.refresh_from_db()
    assert offer.conversation.agent == agent
    second = start_chat(visitor_key="b")
    actions_offer = ChatOffer.objects.create(conversation=second, agent=agent, expires_at=offer.expires_at)
    client.post(reverse("chatdesk:decline", args=[actions_offer.pk]))
    actions_offer.refresh_from_db()
    assert actions_offer.state == "declined"
    assert signed_in(second_agent).post(reverse("chatdesk:accept", args=[actions_offer.pk])).status_code == 404


def test_two_who_take_the_same_chat_the_second_reads_who_was_faster(agent, second_agent, signed_in) -> None:
    on_duty(agent)
    on_duty(second_agent)
    chat = start_chat()
    signed_in(agent).post(chat_url(chat, "take"))
    page = signed_in(second_agent).post(chat_url(chat, "take"), follow=True).content.decode()
    assert "赵敏 先一步" in page
    chat.refresh_from_db()
    assert chat.agent == agent


def test_a_reply_by_form_sends_words_articles_and_counts_the_canned_reply_once(chat, agent, signed_in) -> None:
    canned = CannedReplyFactory()
    data = {
        "body": "请先看这篇",
        "article": '{"key": "k", "title": "排水", "url": "/zh-hans/guides/x/"}',
        "client_key": str(uuid.uuid4()),
        "canned": canned.pk,
    }
    client = signed_in(agent)
    for _twice in range(2):
        assert client.post(chat_url(chat, "message"), data).status_code == 302
    sent = list(chat.messages.filter(sender="agent").values_list("kind", "text"))
    assert sent == [("text", "请先看这篇"), ("article", "")]
    assert CannedReply.objects.get().used == 1
    assert last_words(my_chats(agent)[0]) == "排水"  # the list names what was said last, an article too


def test_an_empty_or_foreign_reply_is_refused_and_what_was_typed_stays(chat, agent, second_agent, signed_in) -> None:
    assert signed_in(agent).post(chat_url(chat, "message"), {"body": " "}).status_code == 400
    response = signed_in(second_agent).post(chat_url(chat, "message"), {"body": "不该发出去"})
    assert response.status_code == 403
    assert not chat.messages.filter(sender="agent").exists()


def test_a_note_is_kept_apart_and_never_in_what_the_visitor_reads(chat, agent, signed_in) -> None:
    key = str(uuid.uuid4())
    for _twice in range(2):
        signed_in(agent).post(chat_url(chat, "note"), {"note": "疑似泵坏", "client_key": key})
    assert ChatNote.objects.get().text == "疑似泵坏"
    assert not chat.messages.filter(text__contains="泵坏").exists()
    assert "疑似泵坏" in signed_in(agent).get(chat_url(chat)).content.decode()


def test_a_chat_is_handed_to_a_person_who_has_to_accept(chat, agent, second_agent, signed_in) -> None:
    on_duty(second_agent)
    client = signed_in(agent)
    client.post(chat_url(chat, "transfer"), {"to": f"person:{second_agent.pk}", "words": "会英语"})
    offer = ChatOffer.objects.get()
    chat.refresh_from_db()
    assert (offer.agent, offer.by, offer.note, chat.agent) == (second_agent, agent, "会英语", agent)
    assert "会英语" in signed_in(second_agent).get(reverse("chatdesk:console")).content.decode()
    signed_in(second_agent).post(reverse("chatdesk:accept", args=[offer.pk]))
    chat.refresh_from_db()
    assert chat.agent == second_agent
    assert "孙丽" in chat.messages.last().text


def test_a_refused_transfer_leaves_the_chat_where_it_was(chat, agent, second_agent, signed_in) -> None:
    on_duty(second_agent)
    signed_in(agent).post(chat_url(chat, "transfer"), {"to": f"person:{second_agent.pk}", "words": "会英语"})
    offers.decline_offer(ChatOffer.objects.get(), by=second_agent)
    chat.refresh_from_db()
    assert (chat.agent, chat.status) == (agent, Status.ACTIVE)
    assert "没有接手" in ChatNote.objects.last().text


def test_a_chat_is_handed_to_a_team_and_waits_at_the_head(chat, agent, second_agent, signed_in) -> None:
    team = Queue.objects.get(key="second-line")
    refused = signed_in(agent).post(chat_url(chat, "transfer"), {"to": "team:second-line", "words": "要查电路"})
    assert refused.status_code == 409
    chat.refresh_from_db()
    assert chat.agent == agent
    on_duty(second_agent)
    team.members.add(second_agent)
    start_chat(visitor_key="b")
    signed_in(agent).post(chat_url(chat, "transfer"), {"to": "team:second-line", "words": "要查电路"})
    chat.refresh_from_db()
    assert (chat.status, chat.agent, chat.queue) == (Status.WAITING, None, team)
    from chat.actions.routing import route_waiting
    from chat.queries.crew import place_of

    assert place_of(chat) == 1
    route_waiting(trigger="requeued")
    assert ChatOffer.objects.get(conversation=chat, state="pending").agent == second_agent


@pytest.mark.parametrize("data", [{"to": "", "words": "x"}, {"to": "person:999999", "words": "x"}, {"to": "team:second-line", "words": ""}])
def test_a_transfer_without_a_target_or_a_word_changes_nothing(chat, agent, signed_in, data) -> None:
    assert signed_in(agent).post(chat_url(chat, "transfer"), data).status_code == 400
    chat.refresh_from_db()
    assert chat.agent == agent
    assert not ChatOffer.objects.exists()


def test_ending_asks_whether_it_is_solved_and_frees_the_agent(chat, agent, signed_in) -> None:
    client = signed_in(agent)
    assert client.post(chat_url(chat, "end"), {}).status_code == 400
    client.post(chat_url(chat, "end"), {"solved": "yes"})
    chat.refresh_from_db()
    assert (chat.status, chat.solved, chat.ended_by) == (Status.ENDED, "yes", "agent")


def test_a_request_is_made_of_a_chat_and_needs_an_address(agent, second_agent, signed_in) -> None:
    chat = taken_by(start_chat(), agent)
    client = signed_in(agent)
    assert client.post(chat_url(chat, "ticket"), {"subject": "不排水"}).status_code == 400
    assert not Ticket.objects.exists()
    assert signed_in(second_agent).post(chat_url(chat, "ticket"), {"subject": "x", "phone": "13800138000"}).status_code == 403
    client.post(chat_url(chat, "ticket"), {"subject": "不排水", "phone": "13800138000"})
    chat.refresh_from_db()
    assert chat.ticket.subject == "不排水"
    assert chat.ticket.reference in client.get(chat_url(chat)).content.decode()


def test_the_customer_s_number_is_masked_until_asked_for_and_that_is_recorded(agent, signed_in) -> None:
    chat = taken_by(start_chat(contact=ContactFactory(phone="+8613911112222")), agent)
    client = signed_in(agent)
    assert "139 1111 2222" not in client.get(chat_url(chat)).content.decode()
    client.post(chat_url(chat, "reveal"))
    assert "139 1111 2222" in client.get(chat_url(chat)).content.decode()
    assert history_of(chat).filter(verb="contact_revealed", actor=agent).exists()


def test_a_state_is_set_by_form(agent, signed_in) -> None:
    client = signed_in(agent)
    client.post(reverse("chatdesk:state"), {"state": "available"})
    assert AgentProfile.objects.get().state == "available"
    client.post(reverse("chatdesk:state"), {"state": "away", "reason": "meal"})
    assert AgentProfile.objects.get().away_reason == "meal"
    assert "用餐" in client.get(reverse("chatdesk:console")).content.decode()


def test_without_scripts_a_frame_keeps_the_agent_present_and_says_what_is_new(agent, customer, signed_in) -> None:
    from chat.queries.crew import agents_on_duty

    presence.set_state(agent, state="available")
    assert agents_on_duty() == 0
    client = signed_in(agent)
    page = client.get(reverse("chatdesk:here")).content.decode()
    assert agents_on_duty() == 1
    assert 'http-equiv="refresh"' in page
    say(taken_by(start_chat(), agent), "在吗")
    assert "2 条未读消息" in client.get(reverse("chatdesk:here")).content.decode()
    assert signed_in(customer).get(reverse("chatdesk:here")).status_code == 403


def test_a_supervisor_listens_takes_over_on_purpose_and_reads_the_reasons(chat, supervisor, agent, second_agent, signed_in) -> None:
    client = signed_in(supervisor)
    say(chat, "能听到吗")
    page = client.get(chat_url(chat)).content.decode()
    assert "能听到吗" in page
    assert "id_reply_body" not in page
    assert client.post(chat_url(chat, "message"), {"body": "我是主管"}).status_code == 403
    assert signed_in(second_agent).post(chat_url(chat, "take_over")).status_code == 302
    chat.refresh_from_db()
    assert chat.agent == agent
    client.post(chat_url(chat, "take_over"))
    chat.refresh_from_db()
    assert chat.agent == supervisor
    assert history_of(chat).filter(verb="taken_over").exists()
    overview = client.get(reverse("chatdesk:overview"))
    assert chat.reference in overview.content.decode()
    assert signed_in(agent).get(reverse("chatdesk:overview")).status_code == 403


def test_the_decision_is_told_in_words_in_both_languages(agent, second_agent, signed_in) -> None:
    on_duty(second_agent, languages=["en"])
    offer = offer_to(agent)
    client = signed_in(agent)
    assert "不接待这种语言" in client.get(chat_url(offer.conversation)).content.decode()
    client.cookies["django_language"] = "en"
    agent.language = "en"
    agent.save()
    assert "does not take this language" in client.get(chat_url(offer.conversation), headers={"accept-language": "en"}).content.decode()


GET = ("chat", "head", "stream", "card")
POST = ("take", "take_over", "message", "note", "transfer", "cancel_transfer", "end", "ticket", "reveal")


def test_strangers_customers_and_staff_without_the_permission_stay_outside(chat, customer, editor, agent, signed_in, client) -> None:
    outsiders = [signed_in(customer), signed_in(editor)]
    agent.groups.clear()
    outsiders.append(signed_in(agent))
    before = (chat.messages.count(), ChatNote.objects.count(), chat.status)
    for name in GET:
        assert client.get(chat_url(chat, name)).status_code == 302
        assert {person.get(chat_url(chat, name)).status_code for person in outsiders} == {403}
    for name in POST:
        assert client.post(chat_url(chat, name), {"body": "x", "note": "x", "solved": "yes"}).status_code == 302
        assert {person.post(chat_url(chat, name), {"body": "x", "note": "x", "solved": "yes"}).status_code for person in outsiders} == {403}
    for name in ("console", "list", "offers", "overview"):
        assert {person.get(reverse(f"chatdesk:{name}")).status_code for person in outsiders} == {403}
    chat.refresh_from_db()
    assert (chat.messages.count(), ChatNote.objects.count(), chat.status) == before


def test_a_colleague_may_read_but_not_write_end_or_hand_on(chat, second_agent, signed_in) -> None:
    client = signed_in(second_agent)
    assert client.get(chat_url(chat)).status_code == 200
    for name, data in {
        "message": {"body": "x"},
        "end": {"solved": "yes"},
        "transfer": {"to": "team:general", "words": "x"},
        "ticket": {"subject": "x", "phone": "13800138000"},
    }.items():
        assert client.post(chat_url(chat, name), data).status_code in {403, 409}, name
    chat.refresh_from_db()
    assert (chat.status, chat.ticket) == (Status.ACTIVE, None)


def test_lists_cost_the_same_for_one_and_three(agent, supervisor, signed_in, django_assert_num_queries) -> None:
    on_duty(agent, capacity=9)
    lead, client = signed_in(supervisor), signed_in(agent)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(person, address: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert person.get(address).status_code == 200
        return len(found)

    def one_more(number: int) -> None:
        say(taken_by(start_chat(visitor_key=f"m{number}"), agent), "?")
        waiting = start_chat(visitor_key=f"w{number}")
        ChatOffer.objects.create(conversation=waiting, agent=agent, expires_at="2099-01-01T00:00Z")

    addresses = [(client, reverse("chatdesk:console")), (lead, reverse("chatdesk:overview"))]
    one_more(0)
    for person, address in addresses:
        person.get(address)
    first = [cost(*pair) for pair in addresses]
    one_more(1)
    one_more(2)
    assert actions is not None
    assert [cost(*pair) for pair in addresses] == first


def test_every_agent_has_a_profile_from_the_defaults_once(agent, second_line, editor) -> None:
    from chat.defaults import load_defaults

    load_defaults()
    load_defaults()
    assert set(AgentProfile.objects.values_list("user__name", "state")) == {("赵敏", "away"), ("钱军", "away")}


def test_an_administrator_sets_what_an_agent_takes(admin, agent, signed_in) -> None:
    from tests.factories.products import FamilyFactory

    family = FamilyFactory()
    client = signed_in(admin)
    address = reverse("chat_agents:add")
    assert "chat_agents" in client.get(reverse("chat_agents:index")).content.decode()
    client.post(address, {"user": agent.pk, "languages": ["en"], "families": [family.pk], "capacity": 2})
    profile = AgentProfile.objects.get(user=agent)
    assert (profile.languages, profile.capacity, list(profile.families.all())) == (["en"], 2, [family])
    assert signed_in(agent).get(address).status_code in {302, 403}
