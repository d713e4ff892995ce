"""Who else has a ticket open: looking, then writing, gone when the page is closed or has fallen silent."""

from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async as in_db
from django.urls import reverse
from django.utils import timezone

from tests.factories.tickets import open_ticket
from tests.tickets.test_realtime import Socket, connected
from tickets.actions.viewing import leave_ticket, show_ticket, sweep_viewers
from tickets.models import TicketViewer
from tickets.queries.viewers import viewers_of


@pytest.mark.django_db
def test_a_colleague_is_seen_looking_then_writing_then_gone(ticket, agent, second_agent, signed_in) -> None:
    show_ticket("page", user=second_agent, ticket=ticket)
    assert viewers_of(ticket, but=agent) == [{"name": "孙丽", "writing": False}]
    assert viewers_of(ticket, but=second_agent) == []
    assert "孙丽 在看" in signed_in(agent).get(reverse("tickets:detail", args=[ticket.reference])).content.decode()
    show_ticket("page", user=second_agent, ticket=ticket, is_writing=True)
    assert "孙丽 正在写" in signed_in(agent).get(reverse("tickets:viewers", args=[ticket.reference])).content.decode()
    leave_ticket("page")
    assert viewers_of(ticket, but=agent) == []


@pytest.mark.django_db
def test_a_page_that_fell_silent_is_forgotten_within_half_a_minute(ticket, agent, second_agent) -> None:
    now = timezone.now()
    show_ticket("page", user=second_agent, ticket=ticket, now=now)
    assert viewers_of(ticket, but=agent, now=now + timedelta(seconds=24))
    assert viewers_of(ticket, but=agent, now=now + timedelta(seconds=26)) == []
    assert sweep_viewers(now=now + timedelta(seconds=26)) == 1
    assert not TicketViewer.objects.exists()


@pytest.mark.django_db(transaction=True)
async def test_the_socket_tells_colleagues_and_forgets_a_closed_page(agent, second_agent) -> None:
    ticket = await in_db(open_ticket)()
    mine, other = await connected(agent), await connected(second_agent)
    for socket in (mine, other):
        await socket.json()
    await other.send(text=f'{{"type": "show", "reference": "{ticket.reference}", "writing": true}}')
    assert await until(mine, "viewers") == {"type": "viewers", "reference": ticket.reference}
    assert await in_db(viewers_of)(ticket, but=agent) == [{"name": "孙丽", "writing": True}]
    await other.send(text='{"type": "show", "reference": "T-0000-00000"}')
    await other.leave()
    assert await until(mine, "viewers") == {"type": "viewers", "reference": ticket.reference}
    assert await in_db(viewers_of)(ticket, but=agent) == []
    await mine.leave()


async def until(socket: Socket, kind: str) -> Any:
    """Return the next frame of a kind."""
    while (frame := await socket.json())["type"] != kind:
        pass
    return frame


@pytest.mark.django_db
def test_strangers_and_customers_do_not_learn_who_is_there(ticket, customer, client, signed_in) -> None:
    address = reverse("tickets:viewers", args=[ticket.reference])
    assert client.get(address).status_code == 302
    assert signed_in(customer).get(address).status_code == 403
