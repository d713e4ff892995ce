"""Live chat for tests: conversations started and taken by the product's own actions, sockets without a server in between."""

import json
import uuid
from typing import Any

from asgiref.testing import ApplicationCommunicator
from django.utils import timezone
from wagtail.models import Site

from chat import actions
from chat.actions import presence
from chat.actions.routing import route_waiting
from chat.models import AgentProfile, ChatOffer, ChatSettings, Conversation
from tests.factories.tickets import setup_desk
from tickets.models import Queue

VISITOR = "visitor-of-the-tests"


def start_chat(**fields: Any) -> Conversation:
    """Start a conversation as the form does; everything has a default."""
    if not Queue.objects.exists():
        setup_desk()
    fields = {"question": "洗衣机显示 E2，还是不排水", "visitor_key": VISITOR, "visitor_name": "周女士"} | fields
    return actions.start_conversation(**fields)


def taken_by(conversation: Conversation, agent: Any) -> Conversation:
    """Give the conversation to an agent, as an accepted offer does."""
    Conversation.objects.filter(pk=conversation.pk).update(status=Conversation.Status.ACTIVE, agent=agent, accepted_at=timezone.now())
    conversation.refresh_from_db()
    return conversation


def say(conversation: Conversation, text: str, *, sender: str = "visitor", by: Any = None, client_id: Any = None) -> Any:
    """Send one message."""
    return actions.send_message(conversation, sender=sender, by=by, text=text, client_id=client_id or uuid.uuid4())


class Socket(ApplicationCommunicator):
    """A client's end of a socket, without a server in between."""

    async def frame(self, kind: str | None = None, *, timeout: float = 5) -> Any:
        """Return the next frame, or the next one of this kind."""
        while True:
            output = await self.receive_output(timeout=timeout)
            if output["type"] == "websocket.close":
                raise ConnectionError(output.get("code"))
            frame = json.loads(output["text"])
            if kind is None or frame["type"] == kind:
                return frame

    async def up(self, **frame: Any) -> None:
        """Send a frame up."""
        await self.send_input({"type": "websocket.receive", "text": json.dumps(frame)})

    async def raw(self, **message: Any) -> None:
        """Send whatever comes as it is."""
        await self.send_input({"type": "websocket.receive", **message})

    async def leave(self) -> None:
        """Hang up."""
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(timeout=5)


def on_duty(agent: Any, **profile: Any) -> AgentProfile:
    """Open a console for an agent and make them available; `profile` sets capacity, languages …; `families` are added."""
    families = profile.pop("families", ())
    presence.open_socket(f"console-of-{agent.pk}", user=agent)
    presence.set_state(agent, state=AgentProfile.State.AVAILABLE)
    AgentProfile.objects.filter(user=agent).update(**profile)
    found = AgentProfile.objects.get(user=agent)
    found.families.add(*families)
    return found


def offer_to(agent: Any, **fields: Any) -> ChatOffer:
    """Start a chat that the router offers to this agent, the only one on duty."""
    on_duty(agent)
    chat = start_chat(**fields)
    route_waiting(trigger="started")
    return ChatOffer.objects.select_related("conversation").get(conversation=chat, agent=agent)


def configure(**values: Any) -> ChatSettings:
    """Change the settings of live chat."""
    found, _created = ChatSettings.objects.update_or_create(site=Site.objects.get(is_default_site=True), defaults=values)
    return found
