"""My products: the list, the page of one machine, its certificate."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.brand import brand_of
from core.errors import DomainError, NotFound
from core.guard import limit
from fieldservice.models import RepairOrder
from fieldservice.queries import repairs_of_unit
from kb.models import GuidePage
from portal import my_products, queries
from portal.forms_warranty import HouseholdForm, PlaceForm
from portal.templatetags.pages import picture_url
from portal.views.parts import language, unlisted
from products.models import Unit
from tickets import states as ticket_states
from tickets.queries import tickets_of_unit
from warranty.actions.ownership import issue_certificate, name_place
from warranty.certificate import certificate_pdf
from warranty.labels import qr_svg
from warranty.models import WarrantyCertificate, WarrantyRegistration
from warranty.permissions import owns
from warranty.queries import coverage_of, get_unit_for
from warranty.serials import masked

VERIFY_RATE = "30/h"


def unit_or_404(request: HttpRequest, code: str) -> Unit:
    """Return the machine this person may see; everybody else gets the same 404."""
    try:
        return get_unit_for(request.user, code)
    except NotFound as error:
        raise Http404 from error


def back_with(request: HttpRequest, error: DomainError, *where: str) -> HttpResponse:
    """Say why an action refused and go back to the page."""
    messages.error(request, str(error.message))
    return redirect(*where)


@login_required
@require_safe
@unlisted
def my_products_list(request: HttpRequest) -> HttpResponse:
    """Show the member's machines with what is left of each warranty."""
    return render(request, "portal/my_products.html", {"rows": my_products.rows_of(request.user), "now": timezone.now()})


@login_required
@require_safe
@unlisted
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """Show one machine: warranty by part with reasons, guides, requests, people, certificate."""
    row = unit_or_404(request, code)
    return render(request, "portal/unit.html", page_of(request, row))


def page_of(request: HttpRequest, row: Unit, **more: Any) -> dict[str, Any]:
    """Return what the page of a machine shows."""
    own = owns(request.user, row)
    shown = my_products.rows_for(request.user, [row])[0]
    manuals = [GuidePage.Kind.MANUAL]
    tickets = [
        {"ticket": ticket, "word": ticket_states.CUSTOMER_WORDS[ticket.status][0], "tone": ticket_states.TONES[ticket.status]}
        for ticket in tickets_of_unit(row, people_of(row, request.user))[:10]
    ]
    household = list(row.household.filter(removed_at__isnull=True).select_related("user"))
    claims = WarrantyRegistration.objects.filter(unit=row, kind=WarrantyRegistration.Kind.CLAIM, state=WarrantyRegistration.State.SUBMITTED)
    return {
        "row": shown,
        "unit": row,
        "model": row.model,
        "image": picture_url(row.model.picture) or picture_url(row.model.family.picture),
        "serial_full": row.serial,
        "own": own,
        "announcements": queries.announcements_about(model=row.model, request=request),
        "guides": queries.guides_for(language(), model=row.model, kinds=[kind for kind in GuidePage.Kind if kind not in manuals], limit=5),
        "manuals": queries.guides_for(language(), model=row.model, kinds=manuals, limit=3),
        "tickets": tickets,
        "repairs": repairs_of(row, request.user),
        "household": household if own else [place for place in household if place.user_id == request.user.pk],
        "transfer": row.transfers.filter(accepted_at__isnull=True, cancelled_at__isnull=True, expires_at__gt=timezone.now()).first()
        if own
        else None,
        "claims": list(claims.filter(owner_answer="")) if own else [],
        "household_form": HouseholdForm(),
        "place_form": PlaceForm(initial={"place": row.place}),
        "repair_url": my_products.repair_url(row),
        "label_svg": qr_svg(settings.SITE_ORIGIN + reverse("site:short", args=[row.code])),
        **more,
    }


def repairs_of(row: Unit, user: Any) -> list[RepairOrder]:
    """Return the repairs of a machine that this person may see: the household's own, never a former owner's."""
    people = people_of(row, user)
    return [repair for repair in repairs_of_unit(row) if repair.contact.user_id in people]


def people_of(row: Unit, user: Any) -> set[int]:
    """Return the accounts whose repairs of this machine may be shown to its owner and household: their own, never a former owner's."""
    places = row.household.filter(removed_at__isnull=True, accepted_at__isnull=False).values_list("user_id", flat=True)
    owner = row.owner.user_id if row.owner else None
    return {key for key in (*places, owner, user.pk) if key}


@login_required
@require_POST
@unlisted
def unit_place(request: HttpRequest, code: str) -> HttpResponse:
    """Note where the machine stands."""
    row = unit_or_404(request, code)
    form = PlaceForm(request.POST)
    try:
        name_place(row, by=request.user, place=form.cleaned_data["place"] if form.is_valid() else row.place)
    except DomainError as error:
        return back_with(request, error, "portal:unit", row.code)
    messages.success(request, _("Saved."))
    return redirect("portal:unit", row.code)


@login_required
@require_safe
@unlisted
def unit_certificate(request: HttpRequest, code: str) -> HttpResponse:
    """Hand out the certificate as a PDF in the language of the page."""
    row = unit_or_404(request, code)
    try:
        limit(request, "certificate", "60/h", by="account")
        certificate = issue_certificate(row, by=request.user)
    except DomainError as error:
        return back_with(request, error, "portal:unit", row.code)
    shown = my_products.rows_for(request.user, [row])[0]
    address = settings.SITE_ORIGIN + reverse("portal:certificate", args=[certificate.code])
    pdf = certificate_pdf(certificate, shown.coverage, brand=brand_of(request), verify_url=address)
    response = HttpResponse(pdf, content_type="application/pdf")
    name = f"{row.model.number}-{certificate.code}.pdf"
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@unlisted
def certificate(request: HttpRequest, code: str = "") -> HttpResponse:
    """Let a dealer check a certificate: model, masked serial number, last day; a wrong or ended code is said plainly."""
    typed = "".join(ch for ch in (code or request.GET.get("code", ""))[:40].upper() if ch.isalnum())
    context: dict[str, Any] = {"typed": typed, "asked": bool(typed)}
    status = 200
    if typed:
        try:
            limit(request, "certificate-check", VERIFY_RATE)
        except DomainError as error:
            return render(request, "portal/certificate.html", {**context, "refused": str(error.message)}, status=error.status)
        found = (
            WarrantyCertificate.objects.filter(code=typed).select_related("unit__model__family__picture", "unit__model__picture").first()
        )
        if found is None:
            status = 404
        else:
            context |= _certificate_context(found)
    return render(request, "portal/certificate.html", context, status=status)


def _certificate_context(found: WarrantyCertificate) -> dict[str, Any]:
    row = found.unit
    if found.revoked_at is not None or row.owner_id is None:
        return {"certificate": found, "revoked": True}
    return {
        "certificate": found,
        "coverage": coverage_of(row),
        "model": row.model,
        "image": picture_url(row.model.picture) or picture_url(row.model.family.picture),
        "serial": masked(row.serial),
    }
