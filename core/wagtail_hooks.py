"""Puts the business calendars and the imports into the CMS."""

from typing import Any

from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from core.imports import views as imports
from core.imports.table import importers_for
from core.viewsets import BusinessCalendarViewSet


@hooks.register("register_admin_viewset")
def calendars() -> BusinessCalendarViewSet:
    """The screen of the calendars."""
    return BusinessCalendarViewSet()


@hooks.register("register_admin_urls")
def import_addresses() -> list[Any]:
    """The screens of the imports."""
    return [
        path("imports/", imports.index, name="imports"),
        path("imports/run/<int:pk>/", imports.show, name="imports_run"),
        path("imports/run/<int:pk>/confirm/", imports.confirm, name="imports_confirm"),
        path("imports/run/<int:pk>/cancel/", imports.cancel, name="imports_cancel"),
        path("imports/<slug:key>/", imports.upload, name="imports_kind"),
        path("imports/<slug:key>/example.<str:form>", imports.template, name="imports_template"),
    ]


class ImportItem(MenuItem):
    """The imports, for whoever may import anything."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Tell whether the person may import something."""
        return bool(importers_for(request.user))


@hooks.register("register_admin_menu_item")
def import_item() -> MenuItem:
    """The imports in the main menu."""
    return ImportItem(gettext_lazy("Import"), reverse("imports"), name="imports", icon_name="upload", order=460)
