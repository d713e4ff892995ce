"""Which announcements pass the safety reviewers before they go live, and whether this very text has passed them."""

import re
from typing import Any

from wagtail.models import TaskState, WorkflowState

# What an announcement has to say to be looked at even where its kind is plain news.
SPEAKS_OF_DANGER = re.compile(
    r"召回|触电|漏电|电击|一氧化碳|爆炸|起火|着火|自燃|烧伤|烫伤|(?:立即|立刻|马上|请)停(?:止使)?用"
    r"|\brecall(?:s|ed|ing)?\b|\belectric shock|\bcarbon monoxide\b|\bexplo(?:de|sion)|\b(?:catch(?:es)?|caught|on) fire\b"
    r"|\bfire hazard\b|\bscald|\bstop using\b",
    re.IGNORECASE,
)
WORDS = ("title_zh_hans", "title_en", "body_zh_hans", "body_en")
# What the reviewers have seen: the words, how serious it is, and whom it is for. Its dates are the publishing desk's.
SEEN = (*WORDS, "severity", "audience", "language", "region", "families", "product_models")


def word_of_danger(announcement: Any) -> str:
    """Return the first words of an announcement that make it one about safety, or nothing."""
    found = SPEAKS_OF_DANGER.search("\n".join(getattr(announcement, name) for name in WORDS))
    return found.group() if found else ""


def seen(content: dict[str, Any]) -> tuple[str, ...]:
    """Return what of a draft (as a revision keeps it) the safety reviewers have looked at, to compare two drafts by."""
    values = [content.get(name) for name in SEEN]
    return tuple(str(sorted(value) if isinstance(value, list) else value or "") for value in values)


def has_passed(announcement: Any, content: dict[str, Any]) -> bool:
    """Tell whether a draft's text passed its reviews, in this draft or one with the same words. One query, and one a review it had."""
    mark = seen(content)
    states = announcement.workflow_states.filter(status=WorkflowState.STATUS_APPROVED).select_related("current_task_state__revision")
    return any(
        state.current_task_state is not None
        and state.current_task_state.status == TaskState.STATUS_APPROVED
        and seen(state.current_task_state.revision.content) == mark
        for state in states.order_by("-created_at")
    )


def awaits_review(announcement: Any, draft: Any) -> bool:
    """Tell whether a draft may not go live yet: it is about safety, a workflow is in force, and it has not passed.

    Args:
        announcement: the row as it is kept.
        draft: what is to go live.
    """
    if not draft.needs_safety_review() or announcement.get_workflow() is None:
        return False
    return not has_passed(announcement, draft.serializable_data())
