"""A phone call written down: find who is calling, log it on their behalf, once however often it is sent."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.contacts import find_or_create_contact
from accounts.models import Contact
from accounts.queries import search_contacts
from core.errors import DomainError, InvalidInput
from core.text import plain_text
from tickets import actions
from tickets.forms import CallForm
from tickets.models import Ticket
from tickets.views.base import desk_view, new_key, show


def _who(request: HttpRequest) -> str:
    return plain_text(request.GET.get("who", "")[:200], lines=False)[:80]


@require_http_methods(["GET", "POST"])
@desk_view
def new(request: HttpRequest) -> HttpResponse:
    """Show the form, or log the call."""
    status = 200
    if request.method == "POST":
        form = CallForm(request.POST)
        status = 400
        if form.is_valid():
            try:
                ticket = _log(request, form)
            except DomainError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error.message))
            else:
                messages.success(
                    request, _("Logged as %(reference)s. Read the number out to the customer.") % {"reference": ticket.reference}
                )
                return redirect("tickets:detail", reference=ticket.reference)
    else:
        form = CallForm(initial={"submit_key": new_key(), "language": get_language() or "zh-hans", "phone": _phone_in(_who(request))})
    return show(request, "tickets/new.html", {"form": form, **_caller(request, form)}, status=status)


def _caller(request: HttpRequest, form: CallForm) -> dict[str, Any]:
    chosen = form["contact"].value()
    contact = Contact.objects.filter(pk=chosen).first() if str(chosen or "").isdecimal() and len(str(chosen)) < 18 else None
    return {"caller": _who(request), "found": search_contacts(_who(request), limit=8), "chosen": contact}


def _phone_in(text: str) -> str:
    return text if sum(ch.isdigit() for ch in text) >= 7 else ""


def _log(request: HttpRequest, form: CallForm) -> Ticket:
    data, model = form.cleaned_data, form.known_model()
    contact = Contact.objects.filter(pk=data["contact"]).first() if data["contact"] else None
    if contact is None:
        if not data["phone"] and not data["email"]:
            raise InvalidInput(_("Ask for a phone number or an e-mail address, so that we can answer."), field="phone")
        contact = find_or_create_contact(name=data["name"], email=data["email"], phone=data["phone"], language=data["language"])
    ticket = actions.open_ticket(
        contact=contact,
        subject=data["subject"],
        description=data["description"],
        channel=data["channel"],
        language=data["language"],
        kind=data["kind"],
        family=data["family"],
        model=model,
        product_text="" if model else data["model"],
        serial_text=data["serial"],
        impact=data["impact"],
        urgency=data["urgency"],
        submit_key=data["submit_key"],
        by=request.user,
        internal=True,
        escalate=not data["mine"],
    )
    return actions.assign(ticket, to=request.user, by=request.user) if data["mine"] and ticket.assignee_id is None else ticket


@require_safe
@desk_view
def contacts(request: HttpRequest) -> HttpResponse:
    """The people who match what the agent types, as a part of the form."""
    return render(request, "tickets/_contacts.html", {"found": search_contacts(_who(request), limit=8), "caller": _who(request)})
