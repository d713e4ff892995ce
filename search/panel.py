"""Which suggestions are good enough to show beside a form: none rather than a bad one. Pure."""

from __future__ import annotations

from search.plan import Plan

#: A panel shows at most this many.
MOST = 3
#: Confidence the best document needs, and the share of it that the others need. docs/search.md has the evidence.
ENOUGH = 0.30
BESIDE = 0.55


def worth_showing(plan: Plan, confidences: list[float]) -> int:
    """How many of the first documents to show; ``confidences`` are theirs, best first."""
    if not confidences or confidences[0] < ENOUGH:
        return 0
    floor = max(confidences[0] * BESIDE, ENOUGH * 0.8)
    return sum(1 for value in confidences[:MOST] if value >= floor)
