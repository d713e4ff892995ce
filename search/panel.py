"""How sure an answer must be to be shown: none rather than a bad one. Pure; docs/search.md has the evidence of every number."""

from __future__ import annotations

from search.plan import Plan

#: A panel beside a form shows at most this many, and so does a results page that is not sure.
MOST = 3
#: Confidence from which an answer is sure, and the share of it that the others in a panel need.
ENOUGH = 0.30
BESIDE = 0.4
#: Below this confidence nothing was found, whatever was matched.
LEAST = 0.18
#: When nothing of what the question is about occurs in any document, only its phrasing matched: then it takes more.
NO_EVIDENCE = 0.02
WITHOUT_EVIDENCE = 0.40
#: When hardly any of it occurs, being sure takes more, too: 蓝牙耳机怎么配对 shares 怎么配 with a guide and no more.
LITTLE_EVIDENCE, ENOUGH_WITH_LITTLE = 0.22, 0.37
#: When all of what the question is about occurs, a list of its pages is what was asked for, even of a single word.
ALL_EVIDENCE = 0.90

SURE, WEAK, NONE = "sure", "weak", "none"


def verdict(plan: Plan, confidence: float) -> str:
    """What the best document of a question is worth: ``SURE``, ``WEAK`` (say so, show few) or ``NONE`` (show nothing)."""
    if confidence < LEAST or (plan.known <= NO_EVIDENCE and confidence < WITHOUT_EVIDENCE):
        return NONE
    if plan.codes and plan.trust < 1.0:  # the code of a thing that is not the maker's is none of these
        return WEAK
    enough = ENOUGH if plan.known >= LITTLE_EVIDENCE else ENOUGH_WITH_LITTLE
    return SURE if confidence >= enough or plan.known >= ALL_EVIDENCE else WEAK


def worth_showing(plan: Plan, confidences: list[float]) -> int:
    """How many of the first documents a panel shows; ``confidences`` are theirs, best first."""
    if not confidences or confidences[0] < ENOUGH or verdict(plan, confidences[0]) == NONE or (plan.codes and plan.trust < 1.0):
        return 0
    floor = max(confidences[0] * BESIDE, ENOUGH * 0.8)
    return sum(1 for value in confidences[:MOST] if value >= floor)
