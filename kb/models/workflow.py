"""The review step of the editorial workflow: whoever wrote a change cannot approve it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, TaskState

from core.errors import NotAllowed

APPROVE = "approve"


class ReviewTask(AbstractGroupApprovalTask):
    """Approval by a group, refused to the author of the revision and to whoever submitted it (house rule: reviewer is not author)."""

    class Meta:
        verbose_name = _("review by someone else")
        verbose_name_plural = _("reviews by someone else")

    @classmethod
    def get_description(cls) -> str:
        """Explain the step in the list of task kinds."""
        return str(_("Members of the chosen groups approve, but never their own changes"))

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        """Return what `user` may do with `obj` at this step; nobody is offered to approve their own change."""
        actions = super().get_actions(obj, user)
        if actions and is_author(obj, user):
            return [action for action in actions if action[0] != APPROVE]
        return actions

    def on_action(self, task_state: TaskState, user: Any, action_name: str, **kwargs: Any) -> Any:
        """Carry out an action. Raises NotAllowed when the author approves, whichever way the request came."""
        if action_name == APPROVE and is_author(task_state.workflow_state.content_object, user, task_state=task_state):
            raise NotAllowed(_("You wrote this change, so somebody else has to approve it."))
        return super().on_action(task_state, user, action_name, **kwargs)


def is_author(obj: Any, user: Any, *, task_state: TaskState | None = None) -> bool:
    """Tell whether `user` wrote the revision under review, a later one, or submitted it."""
    if user is None or user.pk is None:
        return False
    state = task_state.workflow_state if task_state else obj.current_workflow_state
    if state is None:
        return False
    if state.requested_by_id == user.pk:
        return True
    revisions = [obj.latest_revision]
    current = task_state or state.current_task_state
    if current is not None:
        revisions.append(current.revision)
    return any(revision is not None and revision.user_id == user.pk for revision in revisions)
