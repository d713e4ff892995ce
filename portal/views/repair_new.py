"""Book a repair: one page, prefilled with everything that is known; a number and what happens next at the end."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Contact
from accounts.queries import addresses_for
from core.brand import brand_of
from core.errors import DomainError
from core.guard import limit
from core.models import Attachment
from core.text import plain_text
from core.visitors import known_visitor_key
from fieldservice import coverage
from fieldservice.actions import book_repair
from fieldservice.models import RepairOrder
from fieldservice.queries import free_slots
from kb.models import HelpSession
from portal import diagnosis_run, doors, hours, ledger, people, queries
from portal.forms import SUBJECT_LENGTH
from portal.repair_forms import RepairForm
from portal.repair_origin import Origin, origin_of, pasted
from portal.safety import stop_notice
from portal.suggestions import offer
from portal.views.get_help import as_row, take_files
from portal.views.parts import crumbs_context, language, typed, unlisted
from products.models import ErrorCode

BOOK_RATE = "10/h"
ORIGINS = ("unit", "model", "product", "family", "article", "ticket", "code", "run")


@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def repair_new(request: HttpRequest) -> HttpResponse:
    """Show the form; on POST book the repair once and show its page."""
    if request.method != "POST":
        origin = origin_of(request, {name: typed(request, name, 120) for name in ORIGINS})
        form = RepairForm(initial=origin.initial, request=request, member=origin.contact, addresses=addresses_for(request.user))
        return _page(request, form, origin, hits=_answers(request, origin, origin.fault, typed_by=False))
    given = {name: request.POST.get(name, "")[:120].replace("\x00", "") for name in ORIGINS if name != "model"}
    origin = origin_of(request, given)
    form = RepairForm(request.POST, request=request, member=origin.contact, slots=free_slots(), addresses=addresses_for(request.user))
    uploaded, refused = take_files(request)
    if "split" in request.POST:
        return _split(request, form, origin, uploaded, refused)
    if not form.is_valid() or refused:
        return _page(request, form, origin, uploaded=uploaded, refused=refused, status=422)
    if not request.POST.get("still") and (hits := _answers(request, origin, form.cleaned_data["fault"], form=form)):
        return _page(request, form, origin, uploaded=uploaded, hits=hits, asked=True)
    try:
        limit(request, "repair", BOOK_RATE)
        order = _book(request, form, origin, uploaded)
    except DomainError as error:
        name = getattr(error, "field", "")
        form.add_error(name if name in form.fields else None, str(error.message))
        return _page(request, form, origin, uploaded=uploaded, status=error.status)
    doors.grant(request, order)
    return redirect(doors.page_of(order, request.user))


def _answers(request: HttpRequest, origin: Origin, fault: str, *, form: RepairForm | None = None, typed_by: bool = True) -> list[Any]:
    """Return the answers to put before a booking: none before what is dangerous, none twice after a diagnosis or a request."""
    if not fault or not asks_first(origin):
        return []
    model = (form.picked_model if form else None) or origin.model
    family = (form.picked_family if form else None) or origin.family
    product = model.number if model else (family.slug if family else "")
    words = plain_text(fault, lines=False)[:SUBJECT_LENGTH]
    about = (family, model)
    return offer(request, words, channel=HelpSession.Channel.REPAIR, product=product, about=about, unit=origin.unit, typed=typed_by)


def asks_first(origin: Origin) -> bool:
    """Tell whether answers may stand before this booking."""
    return origin.run is None and origin.ticket is None and not is_danger(origin)


def is_danger(origin: Origin) -> bool:
    """Tell whether the display shows a code at which nobody should do anything but stop."""
    return origin.code is not None and origin.code.severity == ErrorCode.Severity.DANGER


def _split(request: HttpRequest, form: RepairForm, origin: Origin, uploaded: Iterable[Attachment], refused: Iterable[str]) -> HttpResponse:
    """Show the form again with the pasted line in its fields; nothing is booked, and nothing that was typed gets lost."""
    before = {name: form[name].value() for name in form.fields}
    values = pasted(request.POST.get("paste", ""), before, known=origin.contact is not None)
    filled = RepairForm(
        initial={**values, "paste": before["paste"] if values == before else ""},
        request=request,
        member=origin.contact,
        slots=form.slots,
        addresses=addresses_for(request.user),
    )
    return _page(request, filled, origin, uploaded=uploaded, refused=refused, read="yes" if values != before else "no")


@transaction.atomic
def _book(request: HttpRequest, form: RepairForm, origin: Origin, uploaded: Iterable[Attachment]) -> RepairOrder:
    """Book with contact and consent: all of it, or nothing."""
    data = form.cleaned_data
    session = diagnosis_run.session_of(request, origin.run)
    order = book_repair(
        contact=_contact(request, data, origin),
        fault=data["fault"],
        address=form.address,
        wishes=data["wishes"],
        language=language(),
        channel=RepairOrder.Channel.TICKET if origin.ticket else RepairOrder.Channel.WEB,
        unit=origin.unit,
        family=form.picked_family or origin.family,
        model=form.picked_model or origin.model,
        product_text="" if form.picked_model or origin.model else data["model"],
        serial_text=data["serial"],
        problem=origin.ticket.problem if origin.ticket else None,
        code=origin.code,
        ticket=origin.ticket,
        help_session=session,
        article_key=origin.article_key,
        attachments=[item.reference for item in uploaded],
        visitor_key=known_visitor_key(request),
        submit_key=form.key,
        by=request.user if request.user.is_authenticated else None,
    )
    diagnosis_run.pass_on(request, origin.run, order)
    ledger.escalated(session, reference=order.reference, contact=order.contact)
    return order


def _contact(request: HttpRequest, data: dict[str, Any], origin: Origin) -> Contact:
    """Return whose repair it is: the request's customer, else the member, else who is typed."""
    if origin.ticket is not None:
        return origin.ticket.contact
    return people.contact_for(request, name=data["name"], email=data["email"], phone=data["phone"], language=language())


def _page(
    request: HttpRequest,
    form: RepairForm,
    origin: Origin,
    *,
    uploaded: Iterable[Attachment] = (),
    refused: Iterable[str] = (),
    read: str = "",
    hits: Iterable[Any] = (),
    asked: bool = False,
    status: int = 200,
) -> HttpResponse:
    model = origin.model if not origin.unit else None
    picked = form.picked_model or model
    about = origin.unit.model if origin.unit else picked
    known = coverage.coverage_from(coverage.snapshot(origin.unit, on=timezone.localdate()))
    danger = is_danger(origin)
    context = {
        "form": form,
        "start": origin,
        "picked": next(iter(queries.models_by_slug([picked.slug])), picked) if picked else None,
        "units": [unit for unit in coverage.units_of(request.user) if origin.unit is None or unit.pk != origin.unit.pk][:6],
        "families": form.families,
        "coverage": known,
        "uploaded": [as_row(item) for item in uploaded],
        "refused": [{"target": "files_group", "text": text} for text in refused],
        "refused_texts": list(refused),
        "read": read,
        "has_errors": bool(form.errors or refused),
        "announcements": queries.announcements_about(model=about, family=None if about else origin.family, request=request)
        if about or origin.family
        else [],
        "hits": list(hits),
        "about_model": form.picked_model or origin.model,
        "about_unit": origin.unit,
        "asked": asked,
        "asks_first": asks_first(origin),
        "seen": ledger.read_urls(request) if hits else set(),
        "member": form.member,
        "trail": ledger.trail(request),
        "hours": hours.service_hours(brand_of(request)),
        "stop": stop_notice(origin.code.severity, origin.code.hazard) if origin.code and danger else None,
        "danger": danger,
        **diagnosis_run.carried(origin.run),
        "upload_url": reverse("site:upload"),
        **crumbs_context(request, (_("Book a repair"), "")),
    }
    return render(request, "portal/repair_new.html", context, status=status)
