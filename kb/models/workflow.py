"""The steps of the editorial workflow: technical review and safety review, each by somebody who did not write the change."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import get_active_log_context
from wagtail.models import AbstractGroupApprovalTask, PagePermissionTester, Revision, TaskState, WorkflowState
from wagtail_localize.models import SegmentOverride, StringTranslation

from core.errors import NotAllowed
from kb.models.copy_form import ReviewedCopyForm

APPROVE = "approve"


class ReviewByOthers(AbstractGroupApprovalTask):
    """Approval by a group, refused to the author of the revision and to whoever submitted it (house rule: reviewer is not author)."""

    class Meta:
        abstract = True

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


class ReviewTask(ReviewByOthers):
    """The technical review: is it right, complete, and can it really be carried out?"""

    class Meta:
        verbose_name = _("review by someone else")
        verbose_name_plural = _("reviews by someone else")


class SafetyReviewTask(ReviewByOthers):
    """The safety review: are the dangers named, before the step that they belong to, and in the right words?"""

    class When(models.TextChoices):
        NEEDED = "needed", _("when there are warnings, or the change is major")
        ALWAYS = "always", _("always")

    when = models.CharField(_("carried out"), max_length=6, choices=When.choices, default=When.NEEDED)
    admin_form_fields = [*AbstractGroupApprovalTask.admin_form_fields, "when"]

    class Meta:
        verbose_name = _("safety review by someone else")
        verbose_name_plural = _("safety reviews by someone else")

    @classmethod
    def get_description(cls) -> str:
        """Explain the step in the list of task kinds."""
        return str(_("As the review by someone else; left out by itself where nothing is dangerous and the change is not a major one"))

    def start(self, workflow_state: Any, user: Any = None) -> Any:
        """Start the step, or leave it out where the text has nothing dangerous in it; the workflow then goes on by itself."""
        content = workflow_state.content_object
        if self.when == self.When.ALWAYS or needs_safety_review(content.get_latest_revision_as_object()):
            return super().start(workflow_state, user=user)
        return self.get_task_state_class().objects.create(
            workflow_state=workflow_state,
            status=TaskState.STATUS_SKIPPED,
            revision=content.get_latest_revision(),
            task=self,
            finished_at=timezone.now(),
            finished_by=user,
        )


def needs_safety_review(obj: Any) -> bool:
    """Tell whether a text has to pass the safety review; what does not say so itself (`needs_safety_review()`) has to."""
    own = getattr(obj, "needs_safety_review", None)
    return bool(own()) if own is not None else True


def is_author(obj: Any, user: Any, *, task_state: TaskState | None = None) -> bool:
    """Tell whether `user` had a hand in the change under review: wrote or translated some of it, or submitted it."""
    if user is None or user.pk is None:
        return False
    state = task_state.workflow_state if task_state else obj.current_workflow_state
    if state is None:
        return False
    if state.requested_by_id == user.pk:
        return True
    drafts = obj.revisions.filter(user=user)
    since = obj.live_revision.created_at if obj.live_revision_id else None
    if since:
        drafts = drafts.filter(created_at__gt=since)
    return drafts.exists() or _translated(obj, user, since)


def _translated(obj: Any, user: Any, since: datetime | None) -> bool:
    """Tell whether `user` wrote words of a translation: the drafts carry the name of whoever handed them in only."""
    if not getattr(obj, "translation_key", None):
        return False
    for model in (StringTranslation, SegmentOverride):
        words = model.objects.filter(last_translated_by=user, locale_id=obj.locale_id, context__object_id=obj.translation_key)
        if (words.filter(updated_at__gt=since) if since else words).exists():
            return True
    return False


def is_approved(obj: Any, *, revision_id: int | None = None) -> bool:
    """Tell whether a draft (the latest by default) may go live: all its reviews are passed, or no workflow is in force."""
    if obj.get_workflow() is None:
        return True
    last = obj.workflow_states.order_by("-created_at").select_related("current_task_state").first()
    if last is None or last.status != WorkflowState.STATUS_APPROVED:
        return False
    return last.current_task_state is not None and last.current_task_state.revision_id == (revision_id or obj.latest_revision_id)


class ReviewedContent:
    """What goes live only through its reviews. The last door, whichever screen asked: all that publish something by hand pass it.

    The clock publishes what was approved and waited for its time; a migration or a loader publishes without a person. Neither asks here.
    """

    def publish(self, revision: Revision, user: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Publish a revision. Raises NotAllowed where a person asks for what the reviewers have not approved."""
        person = user or get_active_log_context().user
        if person is not None and not is_approved(self, revision_id=revision.pk):
            raise NotAllowed(_("The reviewers have not approved this version. It goes live when they do."))
        return super().publish(revision, user, *args, **kwargs)  # type: ignore[misc]


class ReviewedPagePermissions(PagePermissionTester):
    """Wagtail's permissions without the way past the reviewers: what they have not approved, nobody publishes."""

    def can_publish(self) -> bool:
        """Tell whether the latest draft may be published by this person."""
        return super().can_publish() and is_approved(self.page)

    def can_set_view_restrictions(self) -> bool:
        """Tell whether the person may close the page to some readers; that needs no review."""
        return super().can_publish()

    def can_unschedule(self) -> bool:
        """Tell whether the person may take a coming publication back; that needs no review."""
        return super().can_publish()


class ReviewedPage(ReviewedContent):
    """A page that goes live only through its reviews, whatever its publishers are allowed elsewhere."""

    copy_form_class = ReviewedCopyForm

    def permissions_for_user(self, user: Any) -> ReviewedPagePermissions:
        """Return what `user` may do with the page."""
        return ReviewedPagePermissions(user, self)


class ListOfReviewedPermissions(PagePermissionTester):
    """Permissions of a list below which nothing is created and published in one go."""

    def can_publish_subpage(self) -> bool:
        """Tell that a new page is first submitted, where a workflow is in force."""
        return super().can_publish_subpage() and self.page.get_workflow() is None
