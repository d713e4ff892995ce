"""The desk's queue of registrations: the receipt beside the data, approve, return, refuse a claim."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.notify import ways_to
from accounts.queries import same_person
from chat.models import Conversation
from chat.permissions import works_chat
from core import files
from core.errors import DomainError
from core.history import history_of
from fieldservice.models import RepairOrder
from fieldservice.permissions import works_on_repairs
from portal.forms_warranty import DecisionForm
from portal.templatetags.pages import picture_url
from portal.views.get_help import as_row
from tickets.models import Ticket
from tickets.permissions import works_desk
from tickets.views.base import desk_view, show
from warranty import states
from warranty.actions.digest import EVENT, set_digest
from warranty.actions.review import approve, refuse, return_to_customer
from warranty.models import WarrantyRegistration
from warranty.permissions import can_review
from warranty.queries import coverage_of, registration_for_review, registrations_to_review

PAGE_SIZE = 30
OTHERS = 5
LATE_INSTALLATION = 180  # days after which a reviewer should ask: some terms count from the installation
VIEWS = ("waiting", "claims", "returned", "decided")


def _reviewer(request: HttpRequest) -> None:
    if not can_review(request.user):
        raise PermissionDenied


@desk_view
@require_safe
def registrations(request: HttpRequest) -> HttpResponse:
    """Show registrations that wait, oldest first; claims, returned and decided ones behind a tab."""
    _reviewer(request)
    view = request.GET.get("view", "waiting")
    view = view if view in VIEWS else "waiting"
    page = Paginator(registrations_to_review(view), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [{"registration": row, "word": states.WORDS[row.state], "tone": states.TONES[row.state]} for row in page.object_list]
    tabs = [("waiting", _("Waiting")), ("claims", _("Claims")), ("returned", _("With the customer")), ("decided", _("Decided"))]
    context = {"page_obj": page, "rows": rows, "view": view, "tabs": tabs, "digest": bool(ways_to(request.user, EVENT))}  # type: ignore[arg-type]
    return show(request, "portal/desk/registrations.html", context)


@desk_view
@require_POST
def digest(request: HttpRequest) -> HttpResponse:
    """Ask for the daily mail about what waits, or for no more of it."""
    _reviewer(request)
    on = request.POST.get("on") == "1"
    set_digest(user=request.user, on=on)
    if not on:
        messages.success(request, _("You get no more mail about registrations that wait."))
    elif ways_to(request.user, EVENT):  # type: ignore[arg-type]
        messages.success(request, _("Once a working day you get a mail while registrations wait."))
    else:
        messages.warning(request, _("Your account has no confirmed e-mail address. Add one first."))
    return redirect("desk_registrations:registrations")


@desk_view
@require_safe
def registration(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one registration."""
    return _page(request, _get(request, reference), DecisionForm())


def _get(request: HttpRequest, reference: str) -> WarrantyRegistration:
    _reviewer(request)
    row = registration_for_review(reference)
    if row is None:
        raise Http404
    return row


def _page(request: HttpRequest, row: WarrantyRegistration, form: DecisionForm, *, status: int = 200) -> HttpResponse:
    unit, model = row.unit, row.unit.model
    claim = row.kind == WarrantyRegistration.Kind.CLAIM
    date = unit.purchased_on if claim and unit.purchased_on else row.purchased_on
    context: dict[str, Any] = {
        "registration": row,
        "unit": unit,
        "model": model,
        "image": picture_url(model.picture) or picture_url(model.family.picture),
        "word": states.WORDS[row.state],
        "tone": states.TONES[row.state],
        "claim": claim,
        "open": row.state == WarrantyRegistration.State.SUBMITTED,
        "files": [as_row(item) for item in files.attachments_of(row)],
        "file_url": [reverse("site:private_media", args=[item.reference]) for item in files.attachments_of(row)],
        "coverage": coverage_of(unit),
        "history": list(history_of(row)),
        "form": form,
        "date": (form["purchased_on"].value() or date.isoformat()) if form.is_bound else date.isoformat(),
        "checks": _checks(row),
        "others": _others(request.user, row),
    }
    return show(request, "portal/desk/registration.html", context, status=status)


def _others(user: Any, row: WarrantyRegistration) -> list[dict[str, Any]]:
    """Return the customer's other cases that the reviewer may open, newest first: requests, repairs, chats."""
    found: list[dict[str, Any]] = []
    mine = {"contact_id__in": [row.contact_id, *same_person(row.contact).values_list("pk", flat=True)]}
    repairs = RepairOrder.objects.filter(**mine).select_related("model")
    sources = (
        (works_desk(user), Ticket.objects.filter(**mine), "inbox", "tickets:detail", lambda case: case.subject),
        (works_on_repairs(user), repairs, "wrench", "repairs:detail", lambda case: case.machine),
        (works_chat(user), Conversation.objects.filter(**mine), "chat", "chatdesk:chat", lambda case: case.question),
    )
    for allowed, rows, icon, name, words in sources:
        for case in rows.order_by("-created_at")[:OTHERS] if allowed else ():
            url = reverse(name, args=[case.reference])
            found.append({"icon": icon, "url": url, "reference": case.reference, "words": words(case), "at": case.created_at})
    return sorted(found, key=lambda item: item["at"], reverse=True)


def _checks(row: WarrantyRegistration) -> list[dict[str, Any]]:
    """Return what a reviewer compares, already compared: known number, plausible days."""
    unit = row.unit
    found = [
        {
            "good": unit.known,
            "text": _("The number is on the factory's list") if unit.known else _("The number is not on the factory's list"),
        }
    ]
    if unit.shipped_on:
        late = (row.purchased_on - unit.shipped_on).days
        words = _("Bought %(days)s days after it left the factory") if late >= 0 else _("Bought before it left the factory")
        found.append({"good": 0 <= late <= 730, "text": words % {"days": late} if late >= 0 else words})
    if row.installed_on:
        later = (row.installed_on - row.purchased_on).days
        words = _("Installed %(days)s days after it was bought") if later >= 0 else _("Installed before it was bought")
        found.append({"good": 0 <= later <= LATE_INSTALLATION, "text": words % {"days": later} if later >= 0 else words})
    if row.kind == WarrantyRegistration.Kind.CLAIM:
        words = {
            "": _("The present owner has not answered yet"),
            "agreed": _("The present owner agrees"),
            "disputed": _("The present owner objects"),
        }[row.owner_answer]
        found.append({"good": row.owner_answer == "agreed", "text": words})
    return found


def _decision(request: HttpRequest, reference: str, act: Callable[[WarrantyRegistration, DecisionForm], Any], done: str) -> HttpResponse:
    """Carry a decision out; a refusal, e.g. because a colleague was faster, is said on the page."""
    row = _get(request, reference)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    try:
        act(row, form)
    except DomainError as error:
        row = _get(request, reference)
        field = getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, str(error.message))
        return _page(request, row, form, status=error.status)
    messages.success(request, done)
    return redirect("desk_registrations:registrations")


@desk_view
@require_POST
def registration_approve(request: HttpRequest, reference: str) -> HttpResponse:
    """Approve, with the date as corrected."""

    def act(row: WarrantyRegistration, form: DecisionForm) -> None:
        data = form.cleaned_data
        approve(row, by=request.user, purchased_on=data["purchased_on"], installed_on=data["installed_on"], note=data["note"])

    return _decision(request, reference, act, _("Approved. The customer is told."))


@desk_view
@require_POST
def registration_return(request: HttpRequest, reference: str) -> HttpResponse:
    """Return to the customer."""

    def act(row: WarrantyRegistration, form: DecisionForm) -> None:
        return_to_customer(row, by=request.user, reason=form.cleaned_data["reason"], text=form.cleaned_data["text"])

    return _decision(request, reference, act, _("Returned. The customer is told why."))


@desk_view
@require_POST
def registration_refuse(request: HttpRequest, reference: str) -> HttpResponse:
    """Refuse a claim."""

    def act(row: WarrantyRegistration, form: DecisionForm) -> None:
        refuse(row, by=request.user, text=form.cleaned_data["text"])

    return _decision(request, reference, act, _("Refused. The customer is told why."))


def desk_entry(request: HttpRequest) -> dict[str, Any] | None:
    """The queue's entry in the desk's navigation."""
    if not can_review(request.user):
        return None
    match = request.resolver_match
    return {
        "label": _("Registrations"),
        "url": reverse("desk_registrations:registrations"),
        "current": bool(match and match.app_name == "desk_registrations"),
        "count": registrations_to_review("waiting").count(),
    }
