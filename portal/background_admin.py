"""What the background gave up on, for staff: the list, the error, and one button to try again."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import ModelPermissionPolicy

from core.history import record
from core.models import OutboundMessage, TaskAttempt
from core.tasks import retry_dead


@require_POST
@permission_required("core.change_taskattempt", raise_exception=True)
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one given-up task back."""
    attempt = get_object_or_404(TaskAttempt, pk=pk)
    if attempt.state != TaskAttempt.State.DEAD:
        messages.warning(request, _("This task has not been given up; nothing was done."))
    else:
        retry_dead(attempt)
        record(attempt, "retried", by=request.user)
        messages.success(request, _("The task is tried again."))
    return redirect(reverse("background_tasks:index"))


class ReadOnly(ModelPermissionPolicy):
    """Rows that the portal writes itself: whoever may view them may look, nobody adds, changes or deletes by form."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Allow `view` alone."""
        return action == "view" and bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        """Allow `view` alone."""
        return any(self.user_has_permission(user, action) for action in actions)


class TaskViewSet(ModelViewSet):
    """Given-up and running background tasks (read only, with a retry)."""

    model = TaskAttempt
    name = "background_tasks"
    url_prefix = "background/tasks"
    icon = "tasks"
    menu_label = gettext_lazy("Background tasks")
    menu_order = 10
    exclude_form_fields: list[str] = []
    list_display = [
        Column("path", label=gettext_lazy("Task"), sort_key="path"),
        Column("get_state_display", label=gettext_lazy("State"), sort_key="state"),
        Column("tries", label=gettext_lazy("Tries")),
        Column("last_error", label=gettext_lazy("Last error")),
        DateColumn("created_at", label=gettext_lazy("Created"), sort_key="created_at"),
    ]
    list_filter = ["state", "path"]
    inspect_view_enabled = True
    inspect_view_fields = [
        "path",
        "kwargs",
        "state",
        "tries",
        "max_tries",
        "last_error",
        "created_at",
        "run_after",
        "started_at",
        "finished_at",
    ]
    inspect_template_name = "portal/background/inspect.html"
    copy_view_enabled = False

    permission_policy = ReadOnly(TaskAttempt)

    def get_urlpatterns(self) -> list:
        """Add the retry."""
        return [*super().get_urlpatterns(), path("retry/<int:pk>/", retry, name="retry")]


class OutboundViewSet(ModelViewSet):
    """Mails and messages with their fate (read only)."""

    model = OutboundMessage
    name = "outbound_messages"
    url_prefix = "background/messages"
    icon = "mail"
    menu_label = gettext_lazy("Sent messages")
    menu_order = 20
    exclude_form_fields: list[str] = []
    list_display = [
        Column("template", label=gettext_lazy("Message")),
        Column("get_channel_display", label=gettext_lazy("Channel")),
        Column("get_state_display", label=gettext_lazy("State"), sort_key="state"),
        Column("error", label=gettext_lazy("Error")),
        DateColumn("created_at", label=gettext_lazy("Created"), sort_key="created_at"),
    ]
    list_filter = ["state", "channel"]
    inspect_view_enabled = True
    inspect_view_fields = ["channel", "language", "template", "subject", "state", "tries", "error", "created_at", "sent_at"]
    copy_view_enabled = False
    permission_policy = ReadOnly(OutboundMessage)


class BackgroundGroup(ViewSetGroup):
    """The menu of whoever keeps the portal running."""

    menu_label = gettext_lazy("Operations")
    menu_icon = "tasks"
    menu_order = 900
    items = (TaskViewSet, OutboundViewSet)
