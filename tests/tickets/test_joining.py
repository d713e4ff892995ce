"""Two requests about the same thing become one: nothing the customer wrote is lost, and only their own requests can meet."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from core.errors import Conflict, InvalidInput, NotAllowed
from core.files import accept_upload
from core.history import history_of
from core.models import Attachment, HistoryEntry
from tests.factories.accounts import ContactFactory
from tests.factories.tickets import open_ticket
from tickets.actions import customer_reply, join_tickets, reopen_ticket, resolve
from tickets.models import Escalation, SLATarget, Ticket, TicketMessage
from tickets.queries.joining import joinable


@pytest.fixture
def twin(ticket) -> Ticket:
    """The same customer writes again, with a photo."""
    photo = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(photo, "PNG")
    kept = accept_upload(SimpleUploadedFile("e2.png", photo.getvalue()), visitor_key="visitor")
    again = {"subject": "又是 E2", "description": "刚才忘了说：地上有水。", "attachments": [kept.reference], "visitor_key": "visitor"}
    return open_ticket(contact=ticket.contact, **again)


def test_words_and_photos_go_along_and_the_duplicate_rests(ticket, twin, agent) -> None:
    customer_reply(twin, body="水越来越多")
    assert join_tickets(twin, into=ticket, by=agent) == ticket
    twin.refresh_from_db()
    assert (twin.status, twin.joined_to, twin.due_at, twin.waiting_since) == ("closed", ticket, None, None)
    message = TicketMessage.objects.get(ticket=ticket)
    assert message.author_kind == "customer" and message.author_name == str(ticket.contact)
    assert message.body.split("\n\n") == [f"{twin.reference} · 又是 E2", "刚才忘了说：地上有水。", "水越来越多"]
    assert Attachment.objects.get().subject_id == str(message.pk)
    assert not Escalation.objects.filter(ticket=twin, closed_at=None).exists() and Escalation.objects.filter(ticket=ticket, closed_at=None)
    assert not SLATarget.objects.filter(ticket=twin, met_at=None, cancelled_at=None).exists()
    assert history_of(twin).filter(verb="joined", data__into=ticket.reference).exists()
    assert history_of(ticket).filter(verb="took_in", data__other=twin.reference).exists()


def test_the_same_again_changes_nothing(ticket, twin, agent) -> None:
    join_tickets(twin, into=ticket, by=agent)
    rows = HistoryEntry.objects.count()
    join_tickets(twin, into=ticket, by=agent)
    assert HistoryEntry.objects.count() == rows and TicketMessage.objects.count() == 1


def test_requests_of_two_people_never_meet(ticket, agent) -> None:
    other = open_ticket(contact=ContactFactory())
    for into in (other, ticket):
        with pytest.raises(InvalidInput):
            join_tickets(ticket, into=into, by=agent)
    assert not TicketMessage.objects.exists() and not Ticket.objects.filter(status="closed").exists()
    assert list(joinable(ticket)) == []


def test_what_is_done_and_who_is_no_agent_are_refused(ticket, twin, agent, customer) -> None:
    with pytest.raises(NotAllowed):
        join_tickets(twin, into=ticket, by=customer)
    resolve(ticket, by=agent, summary="好了")
    for one, other in ((twin, ticket), (ticket, twin)):
        with pytest.raises(Conflict):
            join_tickets(one, into=other, by=agent)
    assert not Ticket.objects.exclude(joined_to=None).exists()


def test_reopening_takes_it_apart_again(ticket, twin, agent) -> None:
    join_tickets(twin, into=ticket, by=agent)
    reopen_ticket(twin, by=agent, reason="是两台机器")
    twin.refresh_from_db()
    assert (twin.status, twin.joined_to) == ("open", None)


def test_the_desk_offers_it_where_there_is_another_and_leads_on(client, ticket, twin, agent) -> None:
    client.force_login(agent)
    page = reverse("tickets:detail", args=[twin.reference])
    address = reverse("tickets:join", args=[twin.reference])
    assert address in client.get(page).content.decode()
    assert client.post(address, {"into": "T-0000-00000"}).status_code == 400
    assert client.post(address, {"into": ticket.reference}).url == reverse("tickets:detail", args=[ticket.reference])
    joined = client.get(page).content.decode()
    assert address not in joined and reverse("tickets:detail", args=[ticket.reference]) in joined
    assert (
        reverse("tickets:join", args=[ticket.reference])
        not in client.get(reverse("tickets:detail", args=[ticket.reference])).content.decode()
    )


def test_the_card_counts_every_other_request(client, ticket, agent) -> None:
    for number in range(10):
        open_ticket(contact=ticket.contact, subject=f"第 {number} 次")
    client.force_login(agent)
    client.cookies["hearth_language"] = "en"
    assert "10 earlier requests" in client.get(reverse("tickets:detail", args=[ticket.reference])).content.decode()


def test_the_old_number_leads_its_guest_on_past_the_code(ticket, twin, agent) -> None:
    """Whoever wrote under somebody's number has not shown that it is theirs: the other request opens with a code sent there."""
    join_tickets(twin, into=ticket, by=agent)
    guest = Client()
    page = guest.get(f"/zh-hans/help/{twin.reference}/?key={twin.secret}", follow=True).content.decode()
    onward = f"/zh-hans/track/?number={ticket.reference}"
    assert onward in page and ticket.secret not in page
    assert "已并入另一个请求" in page and reverse("portal:help_reopen", args=[twin.reference]) not in page
    assert ticket.reference in guest.get(onward).content.decode()
    assert guest.get(f"/zh-hans/help/{ticket.reference}/").status_code == 404
