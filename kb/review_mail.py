"""Wagtail's mails about reviews in each person's own language: who has to look, who got it back with which comment, whose text is live."""

from typing import Any

from wagtail.admin.mail import (
    GroupApprovalTaskStateSubmissionEmailNotifier,
    WorkflowStateApprovalEmailNotifier,
    WorkflowStateRejectionEmailNotifier,
    WorkflowStateSubmissionEmailNotifier,
)
from wagtail.users.models import UserProfile


class InTheirLanguage:
    """Lets Wagtail take the language that the person chose with us: it asks a profile of its own, which nobody here fills in."""

    def get_valid_recipients(self, instance: Any, **kwargs: Any) -> set[Any]:
        """Return who is told, each with their language."""
        found: set[Any] = super().get_valid_recipients(instance, **kwargs)  # type: ignore[misc]
        for person in found:
            profile = UserProfile.get_for_user(person)
            profile.preferred_language = person.language
            person.wagtail_userprofile = profile
        return found


class Asked(InTheirLanguage, GroupApprovalTaskStateSubmissionEmailNotifier):
    """Tells the reviewers of a step."""


class Submitted(InTheirLanguage, WorkflowStateSubmissionEmailNotifier):
    """Tells administrators."""


class SentBack(InTheirLanguage, WorkflowStateRejectionEmailNotifier):
    """Tells whoever handed it in, with the reviewer's comment."""


class Approved(InTheirLanguage, WorkflowStateApprovalEmailNotifier):
    """Tells whoever handed it in that it is live."""
