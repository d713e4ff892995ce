"""The desk's socket: staff only, ids only; a lost push loses nothing."""

import json
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser

from tests.factories.tickets import open_ticket
from tickets.consumers import FORBIDDEN, DeskConsumer
from tickets.models import DeskNotice
from tickets.realtime import notify_users, ticket_changed


class Socket(ApplicationCommunicator):
    """A client's end of a socket, without a server in between."""

    async def json(self) -> Any:
        """Return the next frame."""
        return json.loads((await self.receive_output(timeout=5))["text"])

    async def send(self, **frame: Any) -> None:
        """Send a frame up."""
        await self.send_input({"type": "websocket.receive", **frame})

    async def leave(self) -> None:
        """Hang up."""
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(timeout=5)


async def connected(user: Any) -> Socket:
    """Return a socket of `user` after its handshake."""
    socket = Socket(DeskConsumer.as_asgi(), {"type": "websocket", "path": "/ws/desk/", "user": user, "headers": []})
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(timeout=5))["type"] == "websocket.accept"
    return socket


@pytest.mark.django_db(transaction=True)
async def test_strangers_and_customers_are_closed(customer) -> None:
    for person in (AnonymousUser(), customer):
        socket = await connected(person)
        answer = await socket.receive_output(timeout=5)
        assert (answer["type"], answer["code"]) == ("websocket.close", FORBIDDEN)


@pytest.mark.django_db(transaction=True)
async def test_an_agent_hears_of_changes_and_of_own_notices_by_id_only(agent, second_agent) -> None:
    ticket = await database_sync_to_async(open_ticket)()
    mine, other = await connected(agent), await connected(second_agent)
    assert await mine.json() == await other.json() == {"type": "ready"}
    await database_sync_to_async(ticket_changed)(ticket.pk)
    assert await mine.json() == {"type": "ticket", "reference": ticket.reference}
    await other.json()
    await database_sync_to_async(notify_users)([agent.pk], ticket.pk)
    assert await mine.json() == {"type": "notice"}
    assert await other.receive_nothing()
    await mine.leave()
    await other.leave()


@pytest.mark.django_db(transaction=True)
async def test_what_comes_up_is_ignored(agent) -> None:
    socket = await connected(agent)
    await socket.json()
    await socket.send(text="{not json")
    await socket.send(bytes=b"\x00\xff")
    assert await socket.receive_nothing()
    await socket.leave()


def test_a_notice_waits_in_the_database_when_no_socket_is_open(desk, agent, second_agent) -> None:
    from tickets.actions import assign

    ticket = open_ticket()
    assign(ticket, to=second_agent, by=agent)
    assert DeskNotice.objects.get(user=second_agent).seen_at is None
