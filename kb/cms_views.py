"""Actions of the back office: announcements, finishing a translation, settling votes."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.models import Page
from wagtail_localize.models import Translation
from wagtail_localize.views.update_translations import UpdateTranslationsForm, UpdateTranslationsView

from core.errors import DomainError
from kb import actions, announcing, translations
from kb.announcement_state import why_reviewed
from kb.forms import ScheduleForm, UrgentForm, WithdrawForm
from kb.models import Announcement, GuidePage, SafetyNote
from kb.models.announcement_safety import awaits_review
from kb.permissions import can_publish_announcements, can_publish_urgently, can_see_work_lists, can_write_announcements
from kb.safety import guides_showing
from kb.telling import tell_open


def _announcement(request: HttpRequest, pk: int) -> Announcement:
    if not (can_publish_announcements(request.user) or can_write_announcements(request.user)):
        raise PermissionDenied
    return get_object_or_404(Announcement, pk=pk)


def _edit_url(row: Announcement) -> str:
    return reverse(f"{Announcement.snippet_viewset.get_admin_url_namespace()}:edit", args=[row.pk])


def _carry_out(
    request: HttpRequest,
    pk: int,
    *,
    title: str,
    text: str,
    button: str,
    done: str,
    run: Callable[[Announcement, dict[str, Any]], Any],
    form_class: Any = forms.Form,
) -> HttpResponse:
    row = _announcement(request, pk)
    form = form_class(request.POST) if request.method == "POST" else form_class()
    if request.method == "POST" and form.is_valid():
        try:
            run(row, form.cleaned_data)
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, done)
            return redirect(_edit_url(row))
    context = {"announcement": row, "title": title, "text": text, "button": button, "form": form, "back_url": _edit_url(row)}
    return render(request, "kb/cms/announcement_action.html", context)


def publish_announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm and publish now; what is about safety and has not been reviewed only with a reason, by whoever may."""
    row = _announcement(request, pk)
    waits = awaits_review(row, row.get_latest_revision_as_object())
    urgent = waits and can_publish_urgently(request.user)
    what = _("Publish before the safety review") if urgent else _("Publish now")
    return _carry_out(
        request,
        pk,
        title=what,
        text=f"{why_reviewed(row) if waits else ''} {_('Its audience sees it at once.') if urgent or not waits else ''}".strip(),
        button=what if urgent or not waits else "",
        done=_("The announcement is published."),
        run=lambda row, data: actions.publish_announcement(row, by=request.user, urgent_reason=data.get("reason", "")),
        form_class=UrgentForm if urgent else forms.Form,
    )


def schedule_announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a time and schedule; what waits for the safety review is not scheduled."""
    row = _announcement(request, pk)
    waits = awaits_review(row, row.get_latest_revision_as_object())
    return _carry_out(
        request,
        pk,
        title=_("Schedule"),
        text=why_reviewed(row) if waits else _("It appears by itself at this time."),
        button="" if waits else _("Schedule"),
        done=_("The announcement is scheduled."),
        run=lambda row, data: actions.schedule_announcement(row, by=request.user, starts_at=data["starts_at"]),
        form_class=ScheduleForm,
    )


def withdraw_announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a reason and withdraw."""
    return _carry_out(
        request,
        pk,
        title=_("Withdraw"),
        text=_("Customers no longer see it; staff still find it."),
        button=_("Withdraw"),
        done=_("The announcement is withdrawn."),
        run=lambda row, data: actions.withdraw_announcement(row, by=request.user, reason=data["reason"]),
        form_class=WithdrawForm,
    )


def archive_announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm and archive."""
    return _carry_out(
        request,
        pk,
        title=_("Archive"),
        text=_("Customers no longer see it; staff still find it."),
        button=_("Archive"),
        done=_("The announcement is archived."),
        run=lambda row, data: actions.archive_announcement(row, by=request.user),
    )


def submit_announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm and hand it to the publishing desk."""
    return _carry_out(
        request,
        pk,
        title=_("Hand to the publishing desk"),
        text=_("The desk checks the wording and publishes it. What is about safety is looked at by the safety reviewers first."),
        button=_("Hand in"),
        done=_("The announcement is with the publishing desk."),
        run=lambda row, data: announcing.submit_announcement(row, by=request.user),
    )


def return_announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a reason and return it to its department."""
    return _carry_out(
        request,
        pk,
        title=_("Return"),
        text=_("Whoever handed it in is told why."),
        button=_("Return"),
        done=_("The announcement is returned."),
        run=lambda row, data: announcing.return_announcement(row, by=request.user, reason=data["reason"]),
        form_class=WithdrawForm,
    )


def content_url(content: Any, name: str = "edit", *args: Any) -> str:
    """Return the address of a screen about a page or a note."""
    namespace = "wagtailadmin_pages" if isinstance(content, Page) else type(content).snippet_viewset.get_admin_url_namespace()
    return reverse(f"{namespace}:{name}", args=[content.pk, *args])


@require_POST
def finish_translation(request: HttpRequest, translation_id: int) -> HttpResponse:
    """Hand a complete translation to the reviewers."""
    translation = get_object_or_404(Translation, pk=translation_id, enabled=True)
    submit(request, translation)
    return redirect(content_url(translations.target_of(translation)))


def submit(request: HttpRequest, translation: Translation) -> None:
    """Finish a translation and tell the person how it went."""
    try:
        content = translations.finish_translation(translation, by=request.user)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("“%(title)s” is with the reviewers. It goes live when they approve.") % {"title": content.title})
        if isinstance(content, GuidePage):
            tell_open(request, content)


@require_POST
def settle_votes(request: HttpRequest, page_id: int) -> HttpResponse:
    """Take the answered votes of a guide off the work list."""
    if not can_see_work_lists(request.user):
        raise PermissionDenied
    page = get_object_or_404(GuidePage, pk=page_id)
    actions.settle_votes(page=page, by=request.user)
    messages.success(request, _("The votes on “%(title)s” are settled.") % {"title": page.title})
    return redirect("kb_unhelpful")


class SyncForm(UpdateTranslationsForm):
    """Refreshing the translators' texts never publishes anything."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["publish_translations"].widget = forms.HiddenInput()
        self.fields["publish_translations"].disabled = True
        self.fields["publish_translations"].initial = False


class SyncTranslationsView(UpdateTranslationsView):
    """wagtail-localize's refresh without its way around the review."""

    def get_form(self) -> SyncForm:
        """Return the form that cannot publish."""
        return SyncForm(self.request.POST) if self.request.method == "POST" else SyncForm()


def note_usage(request: HttpRequest, pk: int) -> HttpResponse:
    """List the guides that show a safety note, drafts included: whoever changes it sees what they change."""
    if not can_see_work_lists(request.user):
        raise PermissionDenied
    note = get_object_or_404(SafetyNote, pk=pk)
    live = {page.pk for page in guides_showing(note)}
    drafts = guides_showing(note, live=False)
    rows = [(page, page.pk in live) for page in drafts]
    rows += [(page, True) for page in guides_showing(note) if page.pk not in {row.pk for row in drafts}]
    return render(request, "kb/cms/note_usage.html", {"note": note, "rows": rows})


def note_under_review(request: HttpRequest, note: SafetyNote, form: Any) -> HttpResponse:
    """Show the draft of a translated note beside its source; the translators' own screen cannot show a note that is under review."""
    source = SafetyNote.objects.filter(translation_key=note.translation_key).exclude(pk=note.pk).first()
    state = note.current_workflow_state
    last = state.current_task_state if state is not None else None
    context = {
        "note": note,
        "draft": note.get_latest_revision_as_object(),
        "source": source,
        "state": state,
        "comment": last.comment if last is not None else "",
        "review_form": form,
        "can_take_back": state is not None and state.user_can_cancel(request.user),
    }
    return render(request, "kb/cms/note_review.html", context)


@require_POST
def take_note_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a note back from its reviewers, to go on writing it."""
    note = get_object_or_404(SafetyNote, pk=pk)
    state = note.current_workflow_state
    if state is None or not state.user_can_cancel(request.user):
        raise PermissionDenied
    state.cancel(user=request.user)
    messages.success(request, _("“%(title)s” is with you again.") % {"title": note.title})
    return redirect(content_url(note))
