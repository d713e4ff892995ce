"""What is kept for how long, for managers: what a run would let go now, what the last runs did, in the back office."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.menu import MenuItem

from accounts.models import RetentionRun
from accounts.permissions import can_manage_staff
from portal.retention import figures, rules

RUNS = 20


class RetentionItem(MenuItem):
    """The entry in the menu of reports."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Show it to those who may look."""
        return can_manage_staff(request.user)


def retention(request: HttpRequest) -> HttpResponse:
    """Show each rule with the rows that are due, changing nothing, and the last runs."""
    if not can_manage_staff(request.user):
        raise PermissionDenied
    labels = {rule.key: rule.label for rule in rules()}
    runs = [
        {"at": run.at, "rows": [{"label": labels.get(key, key), "count": count} for key, count in run.counts.items() if count]}
        for run in RetentionRun.objects.all()[:RUNS]
    ]
    title = _("What is kept for how long")
    context = {"figures": figures(), "runs": runs, "page_title": title, "header_icon": "lock", "settings_url": _settings_url()}
    return render(request, "portal/cms/retention.html", {**context, "breadcrumbs_items": [{"url": "", "label": title}]})


def _settings_url() -> str:
    return reverse("wagtailsettings:edit", args=["accounts", "privacysettings"])


def addresses() -> list:
    """Return the addresses below /cms/."""
    return [path("reports/retention/", retention, name="retention")]


def menu_item() -> MenuItem:
    """Return the entry in the menu of reports."""
    return RetentionItem(gettext_lazy("What is kept"), reverse("retention"), name="retention", icon_name="lock", order=900)
