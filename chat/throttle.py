"""How fast a socket may talk: a bucket that fills again, so that a burst passes and a flood does not. Pure."""

from dataclasses import dataclass


@dataclass
class Bucket:
    """Frames a socket may send.

    Attributes:
        size: how many at once.
        rate: how many come back a second.
        most_refused: refusals in a row after which the socket is closed.
    """

    size: float = 60
    rate: float = 30
    most_refused: int = 600
    level: float = 60
    at: float = 0.0
    refused: int = 0

    def take(self, now: float) -> bool:
        """Return whether one more frame is taken at `now` (seconds of a monotonic clock)."""
        self.level = min(self.size, self.level + (now - self.at) * self.rate) if self.at else self.size
        self.at = now
        if self.level >= 1:
            self.level -= 1
            self.refused = max(0, self.refused - 1)
            return True
        self.refused += 1
        return False

    @property
    def is_flood(self) -> bool:
        """Whether so much was refused that nobody types this fast."""
        return self.refused >= self.most_refused

    def wait(self) -> float:
        """Return the seconds until the next frame is taken."""
        return round(max(0.0, (1 - self.level) / self.rate), 2)
