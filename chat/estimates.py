"""How long a visitor is likely to wait: place in the queue, free hands, the length of today's chats. Pure."""

from math import ceil

LONGEST = 60  # minutes; beyond it nobody believes a figure


def estimate_minutes(*, place: int, slots: int, free: int, minutes_per_chat: float) -> int | None:
    """Return about how many minutes until it is this visitor's turn; None where nobody is there to say.

    Args:
        place: in the queue, 1 is next.
        slots: chats that the agents who are there take at once.
        free: of these, how many are free now.
        minutes_per_chat: the usual length of a chat.
    """
    if slots <= 0:
        return None
    ahead = place - max(0, free)
    if ahead <= 0:
        return 1
    return min(LONGEST, max(1, ceil(ahead * minutes_per_chat / slots)))
