"""Who may do what with the knowledge base."""

from typing import Any

PUBLISH_ANNOUNCEMENTS = "kb.publish_announcement"
PUBLISH_URGENTLY = "kb.publish_urgently"
TRANSLATE = "wagtail_localize.submit_translation"
PROPOSE = "kb.propose_guide"


def can_publish_announcements(user: Any) -> bool:
    """Tell whether `user` may publish, schedule, withdraw and archive announcements (one desk publishes for all: processes.md P3)."""
    return bool(getattr(user, "is_active", False) and user.has_perm(PUBLISH_ANNOUNCEMENTS))


def can_publish_urgently(user: Any) -> bool:
    """Tell whether `user` may publish what is about safety before the safety review, with a reason."""
    return can_publish_announcements(user) and bool(user.has_perm(PUBLISH_URGENTLY))


def can_translate(user: Any) -> bool:
    """Tell whether `user` may start and finish translations."""
    return bool(getattr(user, "is_active", False) and user.has_perm(TRANSLATE))


def can_see_work_lists(user: Any) -> bool:
    """Tell whether `user` sees the editors' work lists: whoever may write guides or review them."""
    return bool(
        getattr(user, "is_active", False)
        and (user.has_perm("kb.review_guide") or user.has_perm("kb.change_guidepage") or user.is_superuser)
    )


def can_propose(user: Any) -> bool:
    """Tell whether `user` may make the draft of a guide from a solved request or chat."""
    return bool(getattr(user, "is_active", False) and user.has_perm(PROPOSE))


def can_write_announcements(user: Any) -> bool:
    """Tell whether `user` may write announcements and hand them to the publishing desk."""
    return bool(getattr(user, "is_active", False) and user.has_perm("kb.change_announcement"))
