"""When the router runs: at once after everything that frees an agent or brings a chat (push handlers), and every few seconds anyway."""

from typing import Any

from chat.actions.presence import sweep_presence
from chat.actions.routing import route_waiting


def on_started(conversation_id: int, **ids: Any) -> None:
    """Route after a visitor joined the queue."""
    route_waiting(trigger="started")


def on_ended(conversation_id: int, **ids: Any) -> None:
    """Route after a chat ended: its agent has room again."""
    route_waiting(trigger="ended")


def on_passed(conversation_id: int, **ids: Any) -> None:
    """Route after an offer came to nothing: the next agent is asked."""
    route_waiting(trigger="passed")


def on_requeued(conversation_id: int, **ids: Any) -> None:
    """Route after a chat came back into the queue."""
    route_waiting(trigger="requeued")


def on_agent(user_id: int, **ids: Any) -> None:
    """Route after an agent came, went, or changed whether they take chats."""
    route_waiting(trigger="agent")


def sweep() -> int:
    """Heal what events missed: dead connections, chats of agents who are gone, offers that ran out, chats nobody was asked about.

    Returns how many offers were made.
    """
    sweep_presence()
    return route_waiting(trigger="sweep")
