"""What Wagtail calls when all reviews of a workflow are passed (WAGTAIL_FINISH_WORKFLOW_ACTION). Imported before the models are there."""

from typing import Any


def finish_reviews(state: Any, user: Any = None) -> None:
    """Put what was approved live; an announcement is the publishing desk's to publish.

    Args:
        state: the WorkflowState that is finished.
        user: whoever approved last.
    """
    from wagtail.workflows import publish_workflow_state

    from kb.announcing import pass_on
    from kb.models import Announcement

    row = state.content_object
    if isinstance(row, Announcement):
        pass_on(row, by=user, asked_by=state.requested_by)
    else:
        publish_workflow_state(state, user)
