"""A member's own data: consents, a copy to take along, closing the account."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import queries
from accounts.actions import choices, closing, exports
from accounts.models import DataExport, PrivacySettings
from core.errors import DomainError, InvalidInput
from core.guard import limit
from core.masking import masked_address
from portal import consents, privacy, proof
from portal.member_forms import CloseForm
from portal.views.parts import language, unlisted

EXPORT_RATE = "10/h"
DOWNLOAD_RATE = "60/h"


@login_required
@require_safe
@unlisted
def data(request: HttpRequest) -> HttpResponse:
    """Show the consents, the copies and the way to close the account."""
    user: Any = request.user
    copies = queries.exports_of(user)
    context = {
        "consents": consents.ledger(user),
        "copies": copies,
        "being_made": any(copy.state == DataExport.State.WAITING for copy in copies),
        "keeps": PrivacySettings.load().export_days,
    }
    return render(request, "portal/my_data.html", context)


@login_required
@require_POST
def consent_withdraw(request: HttpRequest) -> HttpResponse:
    """Withdraw a consent; the one that the account itself rests on leads to closing it."""
    user: Any = request.user
    purpose = request.POST.get("purpose", "")[:40]
    if purpose == consents.ACCOUNT:
        return redirect("portal:my_close")
    count = choices.withdraw(user=user, purpose=purpose)
    if count:
        messages.success(request, _("Your consent is withdrawn."))
    return redirect("portal:my_data")


@login_required
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Ask for a copy of everything."""
    user: Any = request.user
    limit(request, "export", EXPORT_RATE, key=str(user.pk))
    try:
        exports.request_export(user=user, language=language())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("We put your data together. This page and a message tell you when it is ready."))
    return redirect("portal:my_data")


@login_required
@require_safe
@unlisted  # type: ignore[arg-type]  # a streamed answer has headers like any other
def export_download(request: HttpRequest, key: str) -> HttpResponseBase:
    """Hand out one's own copy while it lasts."""
    user: Any = request.user
    limit(request, "export-download", DOWNLOAD_RATE, key=str(user.pk))
    copy = queries.get_export_for(user, key)
    try:
        opened = storages["private"].open(str(copy.file.name))
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(opened, as_attachment=True, filename=str(copy.file.name).rsplit("/", 1)[-1], content_type="application/zip")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@login_required
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def close(request: HttpRequest) -> HttpResponse:
    """Say what closing means; take the proof and start the cool-off. While one is under way: the way back."""
    user: Any = request.user
    under_way = queries.closing_of(user)
    by_password = user.has_usable_password() and not proof.sent_to(request)
    form = CloseForm(request.POST if request.method == "POST" and under_way is None else None, by_password=by_password)
    cases = privacy.open_cases(user)
    if form.is_bound and form.is_valid():
        try:
            if any(case["blocks"] for case in cases):
                raise InvalidInput(_("First finish or cancel what is named below."), code="open_cases")
            if by_password:
                proof.demand_password(request, form.cleaned_data["password"])
            else:
                proof.demand_code(request, form.cleaned_data["code"])
            closing.request_closing(user=user)
        except InvalidInput as refusal:
            form.add_error(refusal.field or None, str(refusal.message))
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("portal:my_close")
    rules = PrivacySettings.load()
    context = {
        "form": form,
        "under_way": under_way,
        "cases": cases,
        "blocked": any(case["blocks"] for case in cases),
        "by_password": by_password,
        "sent_to": masked_address(proof.sent_to(request)),
        "rules": rules,
        "cool_off": _in_words(rules.cool_off_hours),
    }
    return render(request, "portal/my_close.html", context, status=422 if form.errors else 200)


def _in_words(hours: int) -> str:
    """Return a span in words: whole days where it is days."""
    if hours and hours % 24 == 0:
        return ngettext("%(count)s day", "%(count)s days", hours // 24) % {"count": hours // 24}
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


@login_required
@require_POST
def close_code(request: HttpRequest) -> HttpResponse:
    """Send the code that stands for the password."""
    try:
        address = proof.send_code(request)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("A code is on its way to %(address)s.") % {"address": masked_address(address)})
    return redirect("portal:my_close")


@login_required
@require_POST
def close_keep(request: HttpRequest) -> HttpResponse:
    """Take the closing back."""
    user: Any = request.user
    try:
        closing.keep_account(user=user)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Your account stays as it was."))
    return redirect("portal:my")
