"""From a solved request or chat to the draft of a guide: the desk looks it over, personal data is taken out, editors go on."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chat.queries.console import get_chat_for
from core.errors import DomainError
from kb.permissions import can_propose, can_see_work_lists
from kb.proposals import PARTS, Case, make_draft, propose
from kb.redaction import kinds_found
from kb.sources import drafts_from
from portal.solutions import case_of_chat, case_of_ticket
from tickets.queries import get_ticket_for
from tickets.views.base import desk_view, show


class DraftForm(forms.Form):
    """The texts of a guide, as the desk leaves them to the editors."""

    title = forms.CharField(label=gettext_lazy("Question or title"), max_length=200)
    symptom = forms.CharField(label=gettext_lazy("What the customer notices"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    checks = forms.CharField(label=gettext_lazy("What to check"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    cause = forms.CharField(label=gettext_lazy("Cause"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    solution = forms.CharField(
        label=gettext_lazy("What solved it"),
        help_text=gettext_lazy("Lines that begin with 1. 2. 3. become steps."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def of_ticket(request: HttpRequest, reference: str) -> HttpResponse:
    """Draft from a request."""
    ticket = get_ticket_for(request.user, reference)
    return _draft(request, lambda: case_of_ticket(ticket), reverse("tickets:detail", args=[ticket.reference]))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def of_chat(request: HttpRequest, reference: str) -> HttpResponse:
    """Draft from a chat."""
    chat = get_chat_for(request.user, reference)
    return _draft(request, lambda: case_of_chat(chat), reverse("chatdesk:chat", args=[chat.reference]))


def _draft(request: HttpRequest, read: Callable[[], Case], back: str) -> HttpResponse:
    if not can_propose(request.user):
        raise PermissionDenied
    case = read()
    proposal = propose(case)
    form = DraftForm(request.POST) if request.method == "POST" else DraftForm(initial={"title": proposal.title, **proposal.parts})
    status = 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            page = make_draft(case, by=request.user, title=data["title"], texts={name: data[name] for name in PARTS})
        except DomainError as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal.message))
            status = refusal.status
        else:
            messages.success(request, _("The draft “%(title)s” is with the editors. Nothing of it is public.") % {"title": page.title})
            return redirect(back)
    elif request.method == "POST":
        status = 422
    context: dict[str, Any] = {
        "case": case,
        "form": form,
        "removed": kinds_found(proposal.findings),
        "made": [{"page": page, "url": _edit_url(request, page.pk)} for page in drafts_from(case.kind, case.reference)],
        "codes": proposal.codes,
        "back": back,
    }
    return show(request, "portal/desk/draft.html", context, status=status)


def _edit_url(request: HttpRequest, pk: int) -> str:
    return reverse("wagtailadmin_pages:edit", args=[pk]) if can_see_work_lists(request.user) else ""
