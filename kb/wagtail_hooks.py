"""Puts the knowledge base into the CMS: menus, work lists, announcement actions, the road of a translation."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail_localize.models import Translation

from core.templatetags.look import asset_url
from kb import cms_views, edit_hooks, reports, review_hooks, work_hooks  # noqa: F401  (registers its own hooks)
from kb.listings import GuideViewSet
from kb.models import Announcement, GuideIndexPage, GuidePage, SafetyNote
from kb.panels import WorkPanel
from kb.permissions import can_see_work_lists
from kb.viewsets import KnowledgeGroup, announcement_buttons

register_snippet(KnowledgeGroup)


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Our screens; the refresh of translations comes before wagtail-localize's own, which could publish past the reviewers."""
    return [
        path("localize/update/<int:translation_source_id>/", cms_views.SyncTranslationsView.as_view()),
        path("knowledge/translations/<int:translation_id>/finish/", cms_views.finish_translation, name="kb_finish_translation"),
        path("knowledge/safety-notes/<int:pk>/take-back/", cms_views.take_note_back, name="kb_note_take_back"),
        path("knowledge/votes/<int:page_id>/settle/", cms_views.settle_votes, name="kb_settle_votes"),
        path("knowledge/safety-notes/<int:pk>/guides/", cms_views.note_usage, name="kb_note_usage"),
        path("reports/unhelpful/", reports.UnhelpfulView.as_view(), name="kb_unhelpful"),
        path("reports/unhelpful/results/", reports.UnhelpfulView.as_view(results_only=True), name="kb_unhelpful_results"),
        path("reports/stale-translations/", reports.StaleView.as_view(), name="kb_stale"),
        path("reports/stale-translations/results/", reports.StaleView.as_view(results_only=True), name="kb_stale_results"),
    ]


class WorkListItem(MenuItem):
    """A report that only editors and reviewers see."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Tell whether the person works on guides."""
        return can_see_work_lists(request.user)


@hooks.register("insert_editor_js")
def preview_script() -> SafeString:
    """Load the script that draws the chosen preview even where it was chosen too early."""
    return format_html('<script src="{}" defer></script>', asset_url("kb/preview.js"))


@hooks.register("register_reports_menu_item")
def unhelpful_item() -> MenuItem:
    """The report of unhelpful pages."""
    return WorkListItem(gettext_lazy("Unhelpful pages"), reverse("kb_unhelpful"), name="unhelpful", icon_name="warning", order=100)


@hooks.register("register_reports_menu_item")
def stale_item() -> MenuItem:
    """The report of stale translations."""
    return WorkListItem(
        gettext_lazy("Stale translations"), reverse("kb_stale"), name="stale-translations", icon_name="wagtail-localize-language", order=110
    )


class GuidesItem(MenuItem):
    """A short way to the list of guides in the person's language."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Tell whether the person works on guides and there is a list."""
        return can_see_work_lists(request.user)

    def render_component(self, request: HttpRequest) -> Any:
        """Point at the list in the language of the screen."""
        self.url = _guides_url()
        return super().render_component(request)


def _guides_url() -> str:
    pages = list(GuideIndexPage.objects.select_related("locale"))
    from django.utils.translation import get_language

    wanted = next((page for page in pages if page.locale.language_code == get_language()), pages[0] if pages else None)
    return reverse("wagtailadmin_explore", args=[wanted.pk]) if wanted else reverse("wagtailadmin_explore_root")


@hooks.register("register_admin_menu_item")
def guides_item() -> MenuItem:
    """Guides, first in the menu."""
    return GuidesItem(gettext_lazy("Guides"), "", name="guides", icon_name="doc-full", order=90)


@hooks.register("register_admin_viewset")
def guide_listing() -> GuideViewSet:
    """The list of guides with the state of their translations."""
    return GuideViewSet("kb_guides")


@hooks.register("construct_homepage_panels")
def work_panel(request: HttpRequest, panels: list[Any]) -> None:
    """Put the work lists on the front page."""
    if can_see_work_lists(request.user):
        panels.append(WorkPanel(request.user))


@hooks.register("register_snippet_listing_buttons")
def announcement_actions(snippet: Any, user: Any, next_url: str | None = None) -> list[Any]:
    """Offer what the state of an announcement allows."""
    if isinstance(snippet, Announcement):
        return announcement_buttons(snippet, user)
    return []


def _translation_of(content: Any) -> Translation | None:
    return (
        Translation.objects.filter(source__object_id=content.translation_key, target_locale_id=content.locale_id, enabled=True)
        .select_related("source", "target_locale")
        .first()
    )


@hooks.register("before_edit_page", order=-20)
def autosave_decides_nothing(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuse a save in the background that carries a decision along: it would approve twice and put the page's old state back.

    The editor's clock sees the fields of a click on Approve as a change of the form, and saves them while the click is under way.
    """
    decides = {"action-workflow-action", "action-publish", "action-submit"} & set(request.POST)
    if decides and not request.accepts("text/html"):
        return JsonResponse({"success": False, "error_code": "blocked_by_hook", "error_message": ""}, status=409)
    return None


@hooks.register("before_edit_page", order=-10)
def road_of_a_translation(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Lead a translation through completeness and review, and tell the translator when the source has changed."""
    if not hasattr(page.specific_class, "source_change"):  # guides, and whatever is translated and reviewed like them
        return None
    return _road(request, page.specific)


@hooks.register("before_edit_snippet", order=-10)
def road_of_a_translated_note(request: HttpRequest, instance: Any) -> HttpResponse | None:
    """Lead the translation of a safety note the same way; under review it is shown beside its source."""
    if not isinstance(instance, SafetyNote):
        return None
    if request.method == "GET" and _translation_of(instance) is not None and instance.current_workflow_state is not None:
        return cms_views.note_under_review(request, instance, _review_form(request, instance))
    return _road(request, instance)


def _road(request: HttpRequest, content: Any) -> HttpResponse | None:
    translation = _translation_of(content)
    if request.method == "POST":
        if translation is not None and request.POST.get("action") == "publish":
            cms_views.submit(request, translation)
            return redirect(cms_views.content_url(content))
        return None
    _tell_state(request, content, translation)
    return None


def _tell_state(request: HttpRequest, page: Any, translation: Translation | None) -> None:
    if page.source_changed_at:
        major = page.source_change == GuidePage.Significance.MAJOR
        words = (
            _("The source has changed in an important point. Readers of this version are told until it is published again.")
            if major
            else _("The source has changed since this version was published.")
        )
        messages.warning(request, words)
    if translation is not None and not page.workflow_in_progress:
        url = reverse("kb_finish_translation", args=[translation.pk])
        done, total = translation.get_progress()[::-1]
        words = _("%(done)s of %(total)s texts are translated.") % {"done": done, "total": total}
        if done == total:
            messages.info(request, format_html("{} {}", words, _submit_form(request, url)))
        else:
            messages.info(request, words)
    elif translation is not None and (form := _review_form(request, page)):
        messages.info(request, format_html("{} {}", _("This translation waits for your review."), form))


def _review_form(request: HttpRequest, page: Any) -> Any:
    """The review's buttons: the translators' screen has none of its own. Empty for whoever may not decide."""
    task, state = page.current_workflow_task, page.current_workflow_task_state
    if task is None or state is None:
        return ""
    words = {name: label for name, label, asks in reversed(task.specific.get_actions(page, request.user)) if not asks or name != "approve"}
    buttons = format_html_join(
        " ",
        '<button class="button button-small" formaction="{}">{}</button>',
        [(cms_views.content_url(page, "workflow_action", name, state.pk), label) for name, label in words.items()],
    )
    if not words:
        return ""
    draft = ""
    if isinstance(page, Page):
        address = reverse("wagtailadmin_pages:view_draft", args=[page.pk])
        draft = format_html('<a href="{}" target="_blank">{}</a>', address, _("See it as readers will"))
    return format_html(
        '{} <form method="post" class="hearth-review">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<label>{} <input type="text" name="comment" maxlength="500"></label> {}</form>',
        draft,
        get_token(request),
        _("Comment"),
        buttons,
    )


def _submit_form(request: HttpRequest, url: str) -> Any:
    return format_html(
        '<form method="post" action="{}" class="w-inline">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><button class="button button-small">{}</button></form>',
        url,
        get_token(request),
        _("Submit the translation for review"),
    )
