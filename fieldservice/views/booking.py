"""Booking on a customer's behalf: from a request with everything carried over, or for somebody on the phone."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions.contacts import find_or_create_contact
from accounts.models import Contact
from accounts.queries import search_contacts
from core.errors import DomainError, InvalidInput, NotFound
from core.text import plain_text
from fieldservice.actions import book_repair
from fieldservice.forms import BookForm
from fieldservice.models import RepairOrder
from fieldservice.queries import free_slots, repairs_of_ticket
from fieldservice.views.base import repair_view
from tickets.models import Ticket
from tickets.queries import get_ticket_for
from tickets.views.base import new_key, show


@require_http_methods(["GET", "HEAD", "POST"])
@repair_view
def new(request: HttpRequest) -> HttpResponse:
    """Show the form, prefilled from the request it comes from, or book."""
    given = request.POST if request.method == "POST" else request.GET
    ticket = _ticket(request, given.get("ticket", "")[:24])
    slots = free_slots()
    if request.method != "POST":
        return _page(request, BookForm(initial=_initial(request, ticket), slots=slots), ticket)
    form = BookForm(request.POST, slots=slots)
    if not form.is_valid():
        return _page(request, form, ticket, status=400)
    try:
        order = _book(request, form, ticket)
    except DomainError as error:
        name = getattr(error, "field", "")
        form.add_error(name if name in form.fields else None, str(error.message))
        return _page(request, form, ticket, status=error.status)
    messages.success(request, _("Booked as %(reference)s. The customer is told.") % {"reference": order.reference})
    return redirect("repairs:detail", reference=order.reference)


def _ticket(request: HttpRequest, reference: str) -> Ticket | None:
    if not reference:
        return None
    try:
        return get_ticket_for(request.user, reference)
    except NotFound:
        return None


def _initial(request: HttpRequest, ticket: Ticket | None) -> dict[str, Any]:
    values: dict[str, Any] = {"submit_key": new_key(), "language": get_language() or "zh-hans"}
    if ticket is None:
        return values | {"phone": _who(request) if sum(ch.isdigit() for ch in _who(request)) >= 7 else ""}
    last = RepairOrder.objects.filter(contact=ticket.contact).exclude(address={}).order_by("-created_at").first()
    same = ticket.description.strip() == ticket.subject.strip()
    return values | {
        "ticket": ticket.reference,
        "language": ticket.language,
        "family": ticket.family.slug if ticket.family else None,
        "model": ticket.model.number if ticket.model else ticket.product_text,
        "serial": ticket.unit.serial if ticket.unit else ticket.serial_text,
        "fault": ticket.subject if same else f"{ticket.subject}\n{ticket.description}",
        **{name: (last.address if last else {}).get(name, "") for name in ("province", "city", "district", "detail")},
    }


def _who(request: HttpRequest) -> str:
    return plain_text(request.GET.get("who", "")[:200], lines=False)[:80]


def _book(request: HttpRequest, form: BookForm, ticket: Ticket | None) -> RepairOrder:
    data, model = form.cleaned_data, form.known_model()
    return book_repair(
        contact=ticket.contact if ticket else _contact(data),
        fault=data["fault"],
        address=form.address,
        wishes=data["wishes"],
        language=data["language"],
        channel=RepairOrder.Channel.TICKET if ticket else RepairOrder.Channel.PHONE,
        unit=ticket.unit if ticket and ticket.unit and (model is None or model.pk == ticket.unit.model_id) else None,
        family=data["family"],
        model=model,
        product_text="" if model else data["model"],
        serial_text=data["serial"],
        problem=ticket.problem if ticket else None,
        ticket=ticket,
        help_session=ticket.help_session if ticket else None,
        outlet=data["outlet"],
        submit_key=data["submit_key"],
        by=request.user,
        internal=True,
    )


def _contact(data: dict[str, Any]) -> Contact:
    chosen = Contact.objects.filter(pk=data["contact"]).first() if data["contact"] else None
    if chosen is not None:
        return chosen
    if not data["phone"] and not data["email"]:
        raise InvalidInput(_("Ask for a phone number or an e-mail address, so that we can answer."), field="phone")
    return find_or_create_contact(name=data["name"], email=data["email"], phone=data["phone"], language=data["language"])


def _page(request: HttpRequest, form: BookForm, ticket: Ticket | None, *, status: int = 200) -> HttpResponse:
    chosen = form["contact"].value()
    contact = Contact.objects.filter(pk=chosen).first() if str(chosen or "").isdecimal() and len(str(chosen)) < 18 else None
    context = {
        "form": form,
        "ticket": ticket,
        "known": list(repairs_of_ticket(ticket)) if ticket else [],
        "caller": _who(request),
        "found": search_contacts(_who(request), limit=8),
        "chosen": contact,
    }
    return show(request, "fieldservice/new.html", context, status=status)
