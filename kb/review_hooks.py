"""Closes the ways past the reviewers that the CMS and the translators' tool have of their own, and keeps safety notes that guides show."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page
from wagtail_localize.views import convert
from wagtail_localize.views.submit_translations import SubmitPageTranslationView

from kb.models import Announcement, SafetyNote
from kb.models.workflow import ReviewedContent, is_approved
from kb.safety import guides_showing
from kb.translations import keep_notes

NEEDS_REVIEW = frozenset({"action-publish"})


def is_reviewed(page: Any) -> bool:
    """Tell whether a page goes live only through its reviews: a guide or diagnosis, with a workflow in force."""
    return issubclass(getattr(page, "specific_class", None) or type(page), ReviewedContent) and page.get_workflow() is not None


@hooks.register("before_publish_page", order=-100)
def published_by_reviewers(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Keep what was saved with “publish” as a draft: the editor's own click is looked at before the draft exists, so it is asked again."""
    if not isinstance(page, ReviewedContent) or is_approved(page.__class__.objects.get(pk=page.pk)):
        return None
    messages.warning(request, _("Saved as a draft. It goes live when the reviewers have approved it: submit it to them."))
    return redirect("wagtailadmin_pages:edit", page.pk)


@hooks.register("construct_page_action_menu")
def no_way_past_reviewers(menu_items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """Offer neither publishing nor becoming a copy of the source to what is reviewed."""
    page = context.get("page")
    if page is not None and page.pk and is_reviewed(page):
        menu_items[:] = [item for item in menu_items if item.name not in {*NEEDS_REVIEW, "localize-convert-to-alias"}]


@hooks.register("construct_snippet_action_menu")
def withdraw_instead_of_unpublish(menu_items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """An announcement has actions of its own for all but saving; a safety note goes live through its reviews."""
    if context.get("model") is Announcement:
        own = {"action-unpublish", "action-publish", "action-submit"}
        menu_items[:] = [item for item in menu_items if item.name not in own]
    if context.get("model") is SafetyNote and SafetyNote().get_workflow() is not None:
        menu_items[:] = [item for item in menu_items if item.name not in NEEDS_REVIEW]


# --- the translators' tool ---------------------------------------------------------------------------------------------


class TranslatePageView(SubmitPageTranslationView):
    """Starts a translation; where the other language shows a copy of the source, that is taken down first.

    The tool would put whatever words it remembers before readers at once.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse while a copy is public."""
        page = self.get_object()
        copy = Page.objects.filter(alias_of__in=page.get_descendants(inclusive=True), live=True).exclude(locale=page.locale).first()
        if request.method == "POST" and copy is not None and is_reviewed(copy.specific):
            words = _("“%(title)s” is public in the other language as a copy of this one. Take it down first, then translate.")
            messages.error(request, words % {"title": copy.get_admin_display_title()})
            return redirect("wagtailadmin_pages:edit", copy.pk)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Begin the notes of the pages with what was written by hand in the other language."""
        pages = self.object.get_descendants(inclusive=True) if form.cleaned_data["include_subtree"] else [self.object]
        with transaction.atomic():
            for page in pages:
                keep_notes(page.specific, form.cleaned_data["locales"])
            return super().form_valid(form)


def convert_to_alias(request: HttpRequest, page_id: int) -> HttpResponse:
    """Turn a translation into a copy of its source, which would be public at once: refused for what is reviewed."""
    page = get_object_or_404(Page, pk=page_id).specific
    if is_reviewed(page):
        messages.error(request, _("A translation that goes through reviews does not become a copy of its source. Take it down instead."))
        return redirect("wagtailadmin_pages:edit", page.pk)
    return convert.convert_to_alias(request, page_id)


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    """Our own screens in the place of the tool's: they come first."""
    return [
        path("localize/submit/page/<int:page_id>/", TranslatePageView.as_view()),
        path("localize/page/<int:page_id>/convert_to_alias/", convert_to_alias),
    ]


# --- safety notes that guides show -------------------------------------------------------------------------------------


def _keep_shown(request: HttpRequest, rows: Iterable[Any]) -> HttpResponse | None:
    """Refuse to take away a note that public guides show: their readers would be warned of nothing."""
    for note in rows:
        shown = guides_showing(note) if isinstance(note, SafetyNote) else []
        if shown:
            words = _("“%(note)s” is shown in public guides: %(guides)s. Take it out of them first.")
            titles = _(", ").join(f"“{page.title}”" for page in shown[:3]) + (" …" if len(shown) > 3 else "")
            messages.error(request, words % {"note": note.title, "guides": titles})
            return redirect(reverse("kb_note_usage", args=[note.pk]))
    return None


@hooks.register("before_unpublish")
def keep_note_published(request: HttpRequest, instance: Any) -> HttpResponse | None:
    """Keep a note that is shown before its readers."""
    return _keep_shown(request, [instance])


@hooks.register("before_delete_snippet")
def keep_note(request: HttpRequest, instances: Iterable[Any]) -> HttpResponse | None:
    """Keep a note that is shown."""
    return _keep_shown(request, instances)


@hooks.register("before_bulk_action")
def keep_several(request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any) -> HttpResponse | None:
    """Keep the notes that are shown when several are deleted at once."""
    return _keep_shown(request, objects) if action_type == "delete" and getattr(action, "model", None) is SafetyNote else None
