"""The people of a machine: inviting and removing members of the household, giving it to a new owner, taking one over."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError, NotFound
from core.guard import limit
from portal.forms_warranty import CodeForm, HouseholdForm
from portal.templatetags.pages import picture_url
from portal.views.parts import language, unlisted
from portal.views.units import back_with, page_of, unit_or_404
from warranty.actions.ownership import (
    accept_transfer,
    cancel_transfer,
    invite_to_household,
    join_household,
    leave_household,
    open_invitation,
    open_transfer,
    start_transfer,
)
from warranty.tasks import send_invitation

INVITE_RATE = "20/d"
CODE_RATE = "20/h"


@login_required
@require_POST
@unlisted
def household_invite(request: HttpRequest, code: str) -> HttpResponse:
    """Invite somebody; the link goes to their phone or e-mail."""
    unit = unit_or_404(request, code)
    form = HouseholdForm(request.POST)
    if not form.is_valid():
        return render(request, "portal/unit.html", page_of(request, unit, household_form=form, has_errors=True), status=422)
    try:
        limit(request, "household", INVITE_RATE, by="account")
        place, secret = invite_to_household(unit, by=request.user, address=form.cleaned_data["address"])
        send_invitation(place, code=secret, language=language())
    except DomainError as error:
        form.add_error("address", str(error.message))
        return render(request, "portal/unit.html", page_of(request, unit, household_form=form, has_errors=True), status=error.status)
    messages.success(request, _("The invitation is on its way."))
    return redirect(reverse("portal:unit", args=[unit.code]) + "#household")


@login_required
@require_POST
@unlisted
def household_remove(request: HttpRequest, code: str, place_id: int) -> HttpResponse:
    """Remove somebody, or leave."""
    unit = unit_or_404(request, code)
    place = unit.household.filter(pk=place_id).first()
    if place is None:
        raise Http404
    left = place.user_id == request.user.pk
    try:
        leave_household(place, by=request.user)
    except DomainError as error:
        return back_with(request, error, "portal:unit", unit.code)
    messages.success(request, _("You have left this household.") if left else _("Removed."))
    return redirect("portal:my_products") if left else redirect(reverse("portal:unit", args=[unit.code]) + "#household")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def household_join(request: HttpRequest, secret: str) -> HttpResponse:
    """Show who invites and to which machine; on POST take the place."""
    try:
        limit(request, "household-join", CODE_RATE, by="account")
        if request.method != "POST":
            place = open_invitation(secret, user=request.user)
            model = place.unit.model
            image = picture_url(model.picture) or picture_url(model.family.picture)
            return render(
                request, "portal/household_join.html", {"model": model, "image": image, "inviter": str(place.invited_by or _("Somebody"))}
            )
        unit = join_household(code=secret, user=request.user)
    except NotFound:
        return render(request, "portal/household_join.html", {"gone": True}, status=404)
    except DomainError as error:
        return back_with(request, error, "portal:my_products")
    messages.success(request, _("You see this machine now."))
    return redirect("portal:unit", unit.code)


@login_required
@require_POST
@unlisted
def transfer_start(request: HttpRequest, code: str) -> HttpResponse:
    """Start to give the machine away and show the code once."""
    unit = unit_or_404(request, code)
    try:
        _transfer, secret = start_transfer(unit, by=request.user)
    except DomainError as error:
        return back_with(request, error, "portal:unit", unit.code)
    link = settings.SITE_ORIGIN + reverse("portal:transfer_take") + f"?code={secret}"
    return render(request, "portal/unit.html", page_of(request, unit, transfer_code=secret, transfer_link=link))


@login_required
@require_POST
@unlisted
def transfer_cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Call the transfer off."""
    unit = unit_or_404(request, code)
    try:
        cancel_transfer(unit, by=request.user)
    except DomainError as error:
        return back_with(request, error, "portal:unit", unit.code)
    messages.success(request, _("The transfer is cancelled; its code no longer works."))
    return redirect("portal:unit", unit.code)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def transfer_take(request: HttpRequest) -> HttpResponse:
    """Type the code, see which machine it is, take it over."""
    given = request.POST if request.method == "POST" else (request.GET if request.GET.get("code") else None)
    form = CodeForm(given)
    context: dict[str, object] = {"form": form}
    if given is None or not form.is_valid():
        return render(request, "portal/transfer_take.html", context, status=422 if given is not None else 200)
    try:
        limit(request, "transfer", CODE_RATE, by="account")
        transfer = open_transfer(form.cleaned_data["code"])
        if request.method == "POST" and request.POST.get("sure"):
            unit = accept_transfer(code=form.cleaned_data["code"], user=request.user)
            messages.success(request, _("The machine is yours. Its warranty goes on as before."))
            return redirect("portal:unit", unit.code)
    except NotFound:
        form.add_error("code", _("This code opens nothing. It may be mistyped, used, cancelled or too old."))
        return render(request, "portal/transfer_take.html", context, status=404)
    except DomainError as error:
        form.add_error("code", str(error.message))
        return render(request, "portal/transfer_take.html", context, status=error.status)
    model = transfer.unit.model
    context |= {"model": model, "image": picture_url(model.picture) or picture_url(model.family.picture)}
    return render(request, "portal/transfer_take.html", context)
