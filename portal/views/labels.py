"""Labels: the short address of a QR code, a photographed label read on the server, a machine's QR code."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError, InvalidUpload
from core.guard import limit
from core.text import plain_text
from portal import queries
from portal.views.catalogue import model_url
from portal.views.parts import crumbs_context, not_found, remembered_products, unlisted
from products.models import Unit
from products.queries import find_model
from warranty import serials
from warranty.labels import NOTHING_READ, Reading, read_label, reading_of
from warranty.lookup import could_be_ours
from warranty.queries import units, units_of

SHORT_RATE = "60/h"
READ_RATE = "40/h"
FRAME_RATE = "300/10m"  # the camera asks twice in three seconds, for a minute at a time
LONGEST_TEXT = 400


@dataclass(frozen=True)
class LabelReading:
    """What a photographed label led to: a serial number as typed, a model's address, a machine of ours (only its model is told)."""

    serial: str = ""
    model: str = ""
    unit: Unit | None = None


def read_upload(request: HttpRequest, name: str = "label", *, live: bool = False) -> LabelReading:
    """Read the photo that came with a form, or one picture of a camera that looks at the label (`live`: many of them are allowed).

    Raises:
        InvalidUpload: none came, no picture, nothing to read. LimitReached.
    """
    limit(request, "label-frame" if live else "label-read", FRAME_RATE if live else READ_RATE, by="account")
    sent = request.FILES.get(name)
    if sent is None:
        raise InvalidUpload(_("No file arrived. Choose it again."), code="missing", field=name)
    return _best_of(read_label(sent.open(), name=sent.name or "", size=sent.size or 0), live=live)


def read_text(request: HttpRequest, text: str) -> LabelReading:
    """Say what a code means that the browser itself has read. Raises InvalidUpload (nothing in it), LimitReached."""
    limit(request, "label-frame", FRAME_RATE, by="account")
    words = plain_text(text[:LONGEST_TEXT], lines=False)
    if not words:
        raise InvalidUpload(NOTHING_READ, code="nothing_read", field="label")
    return _best_of([reading_of(words)], live=True)


def _best_of(readings: Iterable[Reading], *, live: bool = False) -> LabelReading:
    """Return the most telling of what a label's codes say: a machine of ours, a model, a serial number that could be ours, any other.

    A camera goes on looking past what cannot be a serial number of ours: most labels carry a shop's barcode, too.

    Raises:
        InvalidUpload: none says anything.
    """
    found = [_meant(reading) for reading in readings]
    for one in found:
        if one.unit is not None:
            return one
    model = next((one.model for one in found if one.model), "")
    typed = [one.serial for one in found if one.serial]
    serial = next((text for text in typed if could_be_ours(text)), "")
    if not (model or serial or live):
        serial = next(iter(typed), "")
    if not (model or serial):
        raise InvalidUpload(NOTHING_READ, code="nothing_read", field="label")
    return LabelReading(serial, model)


def _meant(reading: Reading) -> LabelReading:
    """Return what one code of a label leads to."""
    unit = _unit_of(reading.code or reading.serial)
    model = unit.model if unit else find_model(reading.model or reading.code or reading.serial)
    serial = reading.serial or (reading.code if unit and serials.normal(reading.code) == unit.serial_normal else "")
    return LabelReading(serial=serial if unit or not model or reading.model else "", model=model.slug if model else "", unit=unit)


def _unit_of(text: str) -> Unit | None:
    """Return the machine a code or a serial number names."""
    if not text:
        return None
    return units().filter(code=text[:16]).first() or units().filter(serial_normal=serials.normal(text) or "-").first()


@require_safe
@unlisted
def short(request: HttpRequest, code: str) -> HttpResponse:
    """Open what a QR code names: one's own machine, else the page of its model, from where it can be registered."""
    try:
        limit(request, "short", SHORT_RATE)
    except DomainError as error:
        return HttpResponse(str(error.message), status=error.status, content_type="text/plain; charset=utf-8")
    unit = _unit_of(code)
    if unit is not None and request.user.is_authenticated and units_of(request.user).filter(pk=unit.pk).exists():
        return redirect("portal:unit", unit.code)
    model = unit.model if unit is not None else (next(iter(queries.models_by_slug([code[:60].lower()])), None) or find_model(code))
    if model is None or not model.is_active:
        return not_found(
            request, title=_("We do not know this code"), text=_("Compare it with the label, or choose the product by picture.")
        )
    by_serial = unit is not None and serials.normal(code) == unit.serial_normal
    query = urlencode({"serial": unit.serial} if unit is not None and by_serial else {"label": "1"})
    return redirect(f"{model_url(model)}?{query}")


@require_POST
@unlisted
def label_photo(request: HttpRequest) -> HttpResponse:
    """Read the photo of a label and open the product's page; what cannot be read is said on the page it came from."""
    try:
        reading = read_upload(request)
    except DomainError as error:
        return _unread(request, str(error.message), error.status)
    model = reading.unit.model if reading.unit else next(iter(queries.models_by_slug([reading.model])), None) if reading.model else None
    if model is None:
        words = _("We read %(serial)s, but do not know it. Choose the product by picture.")
        return _unread(request, words % {"serial": reading.serial}, 404)
    query = "?" + urlencode({"serial": reading.serial}) if reading.serial else ""
    return redirect(model_url(model) + query)


def _unread(request: HttpRequest, problem: str, status: int) -> HttpResponse:
    """Show the catalogue with what was wrong with the photo."""
    context = {
        "families": list(queries.families()),
        "products": remembered_products(request),
        "q": "",
        "models": [],
        "label_problem": problem,
        **crumbs_context(request, (_("All products"), "")),
    }
    return render(request, "portal/catalogue.html", context, status=status)


@require_POST
@unlisted
def label_read(request: HttpRequest) -> JsonResponse:
    """Read a label for a form that is being filled in: a photo, a picture of the camera (`live`), or the `text` a browser read itself."""
    text, live = request.POST.get("text", ""), "live" in request.POST
    try:
        reading = read_text(request, text) if text else read_upload(request, live=live)
    except DomainError as error:
        return JsonResponse({"error": str(error.message), "code": error.code}, status=error.status)
    serial = reading.serial or ""
    return JsonResponse({"serial": serial, "model": reading.model})


def register_url(**given: Any) -> str:
    """Return the address of the registration form with what is known already."""
    known = {name: value for name, value in given.items() if value}
    return reverse("portal:unit_register") + (f"?{urlencode(known)}" if known else "")
