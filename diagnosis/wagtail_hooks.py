"""Puts guided diagnosis into the CMS: the menu, the screens around a page, the editor's script and style."""

from typing import Any

from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from core.templatetags.look import asset_url
from diagnosis import cms_figures, cms_views
from diagnosis.models import DiagnosisIndexPage
from kb.permissions import can_see_work_lists


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Our screens."""
    return [
        path("diagnosis/draw/", cms_views.draw, name="diagnosis_draw"),
        path("diagnosis/", cms_figures.all_figures, name="diagnosis_all_figures"),
        path("diagnosis/<int:pk>/", cms_figures.figures, name="diagnosis_figures"),
        path("diagnosis/<int:pk>/try/", cms_views.try_out, name="diagnosis_try"),
    ]


@hooks.register("insert_global_admin_css")
def style() -> SafeString:
    """Link the style sheet of the graph."""
    return format_html('<link rel="stylesheet" href="{}">', asset_url("diagnosis/cms.css"))


@hooks.register("insert_editor_js")
def script() -> SafeString:
    """Load the editor's script; it does nothing on pages of other kinds."""
    return format_html('<script src="{}" defer></script>', asset_url("diagnosis/editor.js"))


class DiagnosesItem(MenuItem):
    """A short way to the list of diagnoses in the person's language."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Tell whether the person writes or reviews."""
        return can_see_work_lists(request.user)

    def render_component(self, request: HttpRequest) -> Any:
        """Point at the list in the language of the screen."""
        pages = list(DiagnosisIndexPage.objects.select_related("locale"))
        wanted = next((page for page in pages if page.locale.language_code == get_language()), pages[0] if pages else None)
        self.url = reverse("wagtailadmin_explore", args=[wanted.pk]) if wanted else reverse("wagtailadmin_explore_root")
        return super().render_component(request)


@hooks.register("register_admin_menu_item")
def diagnoses_item() -> MenuItem:
    """Diagnoses, right below the guides."""
    return DiagnosesItem(gettext_lazy("Diagnoses"), "", name="diagnoses", icon_name="help", order=95)


class FiguresItem(MenuItem):
    """The report that only editors and reviewers see."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Tell whether the person writes or reviews."""
        return can_see_work_lists(request.user)


@hooks.register("register_reports_menu_item")
def figures_item() -> MenuItem:
    """The figures of all diagnoses."""
    return FiguresItem(
        gettext_lazy("Diagnoses: figures"), reverse("diagnosis_all_figures"), name="diagnoses-figures", icon_name="help", order=120
    )
