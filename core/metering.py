"""How many requests this process answered and how long they took, counted in memory for `/metrics`."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from threading import Lock

BUCKETS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the classes of duration, in seconds; 0.2 is the promise for public pages."""

AREAS = {"desk": "desk", "cms": "cms", "accounts": "accounts", "media": "files", "documents": "files", "uploads": "files"}
NOT_COUNTED = frozenset({"health", "metrics", "static"})


def area_of(path: str) -> str:
    """Return the part of the house an address belongs to: `desk`, `cms`, `accounts`, `files`, `public`; empty for what is not counted."""
    first = path.lstrip("/").partition("/")[0]
    return "" if first in NOT_COUNTED else AREAS.get(first, "public")


class Meter:
    """Counts answers by area and kind of status, and their durations by area. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: Counter[tuple[str, str]] = Counter()
        self._durations: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def note(self, area: str, *, status: int, seconds: float) -> None:
        """Count one answer with its HTTP status and its duration in seconds."""
        place = bisect_left(BUCKETS, seconds)
        with self._lock:
            self._answers[area, f"{status // 100}xx"] += 1
            self._durations.setdefault(area, [0] * (len(BUCKETS) + 1))[place] += 1
            self._seconds[area] = self._seconds.get(area, 0.0) + seconds

    def answers(self) -> list[tuple[dict[str, str], int]]:
        """Return the counted answers with their labels."""
        with self._lock:
            return [({"area": area, "status": status}, count) for (area, status), count in sorted(self._answers.items())]

    def durations(self) -> Iterator[tuple[str, list[tuple[str, int]], float]]:
        """Yield area, (upper end, answers up to it) and the sum of seconds, as a Prometheus histogram wants them."""
        with self._lock:
            rows = [(area, list(counts), self._seconds[area]) for area, counts in sorted(self._durations.items())]
        for area, counts, seconds in rows:
            ends = [*(str(end) for end in BUCKETS), "+Inf"]
            yield area, [(end, sum(counts[: place + 1])) for place, end in enumerate(ends)], seconds


REQUESTS = Meter()
