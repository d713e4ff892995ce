"""Registering a machine: by number, by a photo of its label; the page of a registration; correcting, taking back, answering a claim."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import files
from core.errors import DomainError
from core.guard import limit
from core.models import Attachment
from portal import queries
from portal.forms_warranty import PurchaseForm, RegisterForm
from portal.templatetags.pages import picture_url
from portal.views.get_help import as_row, take_files
from portal.views.labels import read_upload
from portal.views.parts import language, typed, unlisted, with_camera
from portal.views.units import back_with, unit_or_404
from warranty import states
from warranty.actions.registration import answer_claim, register, resubmit, withdraw
from warranty.lookup import Found, Lookup, look_up
from warranty.models import WarrantyRegistration, WarrantySettings
from warranty.serials import masked
from warranty.tasks import return_words

CHECK_RATE = "60/h"
SEND_RATE = "20/h"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
@with_camera
def unit_register(request: HttpRequest) -> HttpResponse:
    """Show the form; on POST register the machine, or read the photo of the label, or take a suggestion."""
    if request.method != "POST":
        start = {"serial": typed(request, "serial", 60), "model": typed(request, "model", 60)}
        return _page(request, RegisterForm(initial=start))
    uploaded, refused = take_files(request)
    if "scan" in request.POST or request.POST.get("use_serial"):
        return _refilled(request, uploaded, refused)
    form = RegisterForm(request.POST)
    if not form.is_valid() or refused:
        return _page(request, form, uploaded=uploaded, refused=refused, status=422)
    try:
        limit(request, "register", SEND_RATE, by="account")
        row = _register(request, form, uploaded)
    except DomainError as error:
        field = getattr(error, "field", "")
        if field == "attachments":
            return _page(request, form, uploaded=uploaded, refused=[str(error.message)], status=error.status)
        form.add_error(field if field in form.fields else None, str(error.message))
        return _page(request, form, uploaded=uploaded, status=error.status)
    return redirect("portal:registration", reference=row.reference)


def _register(request: HttpRequest, form: RegisterForm, uploaded: Iterable[Attachment]) -> WarrantyRegistration:
    data = form.cleaned_data
    return register(
        user=request.user,
        serial=data["serial"],
        model=form.picked_model,
        purchased_on=data["purchased_on"],
        dealer=data["dealer"],
        use=data["use"],
        installed_on=data["installed_on"],
        attachments=[item.reference for item in uploaded],
        claim=data["claim"],
        submit_key=form.key,
        language=language(),
    )


def _refilled(request: HttpRequest, uploaded: Iterable[Attachment], refused: list[str]) -> HttpResponse:
    """Show the form again with the number that was read from the photo, or that was offered; nothing typed is lost."""
    data: QueryDict = request.POST.copy()
    problem = ""
    if "scan" in data:
        try:
            reading = read_upload(request)
            data["serial"] = reading.serial or data.get("serial", "")
            data["model"] = reading.model or data.get("model", "")
        except DomainError as error:
            problem = str(error.message)
    else:
        data["serial"] = str(data["use_serial"])[:60]
    start = {name: data.get(name, "") for name in RegisterForm.base_fields}
    form = RegisterForm(initial={**start, "claim": bool(data.get("claim"))})
    return _page(
        request,
        form,
        uploaded=uploaded,
        refused=refused,
        scan_problem=problem,
        key=data.get("submit_key", ""),
        status=422 if problem else 200,
    )


def _page(
    request: HttpRequest,
    form: RegisterForm,
    *,
    uploaded: Iterable[Attachment] = (),
    refused: Iterable[str] = (),
    scan_problem: str = "",
    key: str = "",
    status: int = 200,
) -> HttpResponse:
    serial = str(form["serial"].value() or "")
    found = _looked_up(request, serial, form)
    context = {
        "form": form,
        "key": key or form.key,
        "uploaded": [as_row(item) for item in uploaded],
        "refused": [{"target": "files_group", "text": text} for text in refused],
        "refused_texts": list(refused),
        "has_errors": bool(form.errors or list(refused)),
        "scan_problem": scan_problem,
        "upload_url": reverse("site:upload"),
        "today": timezone.localdate().isoformat(),
        "picked": form.picked_model,
        "families": [family for family in queries.families() if family.label_picture],
        **answer_context(found, form.picked_model, claim=bool(form["claim"].value())),
    }
    return render(request, "portal/unit_register.html", context, status=status)


def _looked_up(request: HttpRequest, serial: str, form: RegisterForm) -> Lookup | None:
    """Look a number up for the page; too many questions get no answer but the page stays."""
    if not serial:
        return None
    try:
        limit(request, "serial-check", CHECK_RATE, by="account")
    except DomainError:
        return None
    return look_up(serial, user=request.user, model=form.picked_model)


def answer_context(found: Lookup | None, picked: Any, *, claim: bool = False) -> dict[str, Any]:
    """Return what the answer under the number shows."""
    if found is None:
        return {"found": None}
    family = found.family
    models = list(queries.models_of(family)) if found.found is Found.UNKNOWN and found.model is None and family else []
    if found.found is Found.UNKNOWN and found.model is None and not family:
        models = [model for row in queries.families() for model in queries.models_of(row)]
    model = found.model
    return {
        "found": found,
        "kind": found.found.value,
        "found_model": model,
        "found_image": (picture_url(model.picture) or picture_url(model.family.picture)) if model else "",
        "differs": bool(picked and model and picked.pk != model.pk),
        "choose_from": models,
        "label_family": family or (picked.family if picked else None),
        "claim": claim,
        "picked": picked,
    }


@login_required
@require_safe
@unlisted
def unit_check(request: HttpRequest) -> HttpResponse:
    """Answer a typed serial number at once, as a piece of the form."""
    serial, slug = typed(request, "serial", 60), typed(request, "model", 60)
    picked = queries.models_by_slug([slug]) if slug else []
    model = picked[0] if picked else None
    try:
        limit(request, "serial-check", CHECK_RATE, by="account")
    except DomainError as error:
        return render(request, "portal/_serial_answer.html", {"found": None, "limited": str(error.message)}, status=200)
    found = look_up(serial, user=request.user, model=model) if serial else None
    return render(request, "portal/_serial_answer.html", answer_context(found, model, claim=bool(request.GET.get("claim"))))


def _own(request: HttpRequest, reference: str) -> WarrantyRegistration:
    rows = WarrantyRegistration.objects.select_related("unit__model__family__picture", "unit__model__picture", "contact", "return_reason")
    row = rows.filter(reference=reference[:20].upper(), contact__user=request.user).first()
    if row is None:
        raise Http404
    return row


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def registration(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a registration: its state, what comes next, what was sent; a returned one is corrected here."""
    row = _own(request, reference)
    start = {"purchased_on": row.purchased_on, "dealer": row.dealer, "use": row.use, "installed_on": row.installed_on}
    if request.method != "POST":
        return _show_registration(request, row, PurchaseForm(initial=start))
    form = PurchaseForm(request.POST)
    uploaded, refused = take_files(request)
    if not form.is_valid() or refused:
        return _show_registration(request, row, form, uploaded=uploaded, refused=refused, status=422)
    try:
        resubmit(row, user=request.user, attachments=[item.reference for item in uploaded], **form.cleaned_data)
    except DomainError as error:
        field = getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, str(error.message))
        return _show_registration(request, row, form, uploaded=uploaded, status=error.status)
    messages.success(request, _("Sent again. We look at it and write to you."))
    return redirect("portal:registration", reference=row.reference)


def _show_registration(
    request: HttpRequest,
    row: WarrantyRegistration,
    form: forms.Form,
    *,
    uploaded: Iterable[Attachment] = (),
    refused: Iterable[str] = (),
    status: int = 200,
) -> HttpResponse:
    model = row.unit.model
    context = {
        "registration": row,
        "word": states.WORDS[row.state],
        "tone": states.TONES[row.state],
        "model": model,
        "image": picture_url(model.picture) or picture_url(model.family.picture),
        "serial": masked(row.unit.serial),
        "words": return_words(row),
        "files": [as_row(item) for item in files.attachments_of(row, public_only=True)],
        "steps": _steps(row),
        "mine": row.unit.owner_id == row.contact_id,
        "claim": row.kind == WarrantyRegistration.Kind.CLAIM,
        "form": form,
        "uploaded": [as_row(item) for item in uploaded],
        "refused": [{"target": "files_group", "text": text} for text in refused],
        "refused_texts": list(refused),
        "has_errors": bool(form.errors or list(refused)),
        "upload_url": reverse("site:upload"),
        "review_days": WarrantySettings.load().review_days,
    }
    return render(request, "portal/registration.html", context, status=status)


def _steps(row: WarrantyRegistration) -> list[dict[str, Any]]:
    """Return the timeline: what happened, what is now, what is to come."""
    state = WarrantyRegistration.State
    steps: list[dict[str, Any]] = [{"state": "done", "title": _("Sent"), "time": row.created_at}]
    if row.state == state.SUBMITTED:
        days = WarrantySettings.load().review_days
        steps.append(
            {
                "state": "now",
                "title": _("We check the proof of purchase"),
                "text": _("Usually within %(days)s working days.") % {"days": days},
            }
        )
        steps.append({"state": "next", "title": _("Approved, with the exact end of the warranty")})
    elif row.state == state.RETURNED:
        steps.append({"state": "done", "title": _("Checked, something is missing"), "time": row.decided_at, "text": return_words(row)})
        steps.append({"state": "now", "title": _("You correct it"), "text": _("What you sent is kept; add what is missing below.")})
    else:
        steps.append({"state": "done", "title": states.WORDS[row.state], "time": row.decided_at, "text": return_words(row)})
    return steps


@login_required
@require_POST
@unlisted
def registration_withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a registration back."""
    row = _own(request, reference)
    try:
        withdraw(row, user=request.user)
    except DomainError as error:
        return back_with(request, error, "portal:registration", row.reference)
    messages.success(request, _("The registration is withdrawn."))
    return redirect("portal:my_products")


@login_required
@require_POST
@unlisted
def claim_answer(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    """The present owner says whether somebody's claim is right."""
    unit = unit_or_404(request, code)
    row = unit.registrations.filter(reference=reference[:20]).first()
    if row is None:
        raise Http404
    try:
        answer_claim(row, user=request.user, agrees=request.POST.get("answer") == "yes")
    except DomainError as error:
        return back_with(request, error, "portal:unit", unit.code)
    messages.success(request, _("Thank you. A colleague looks at it and we write to you."))
    return redirect("portal:unit", unit.code)
