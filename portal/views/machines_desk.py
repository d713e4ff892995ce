"""Part of the desk beside a chat and a request: the customer's machine with its warranty in words and its open repairs."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chat.models import Conversation
from chat.permissions import works_chat
from chat.queries.console import get_chat_for
from fieldservice.permissions import works_on_repairs
from fieldservice.queries import open_repairs_beside
from portal.views.parts import unlisted
from tickets.models import Ticket
from tickets.permissions import works_desk
from tickets.queries import get_ticket_for
from tickets.views.base import desk_view, show
from warranty.queries import coverages, units_beside


@require_safe
@unlisted
@desk_view
def of_chat(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the machines of a chat's visitor."""
    if not works_chat(request.user):
        raise PermissionDenied
    return _machines(request, get_chat_for(request.user, reference), reverse("chatdesk:chat", args=[reference]))


@require_safe
@unlisted
@desk_view
def of_ticket(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the machines of a request's customer."""
    if not works_desk(request.user):
        raise PermissionDenied
    return _machines(request, get_ticket_for(request.user, reference), reverse("tickets:detail", args=[reference]))


def _machines(request: HttpRequest, case: Conversation | Ticket, back: str) -> HttpResponse:
    """Draw the part for the page that asks for it, a page of its own for a browser without scripts."""
    units = units_beside(case.contact, unit=case.unit, model=case.model, serial=getattr(case, "serial_text", ""))
    covered = coverages(units) if units else {}
    may = works_on_repairs(request.user)
    context: dict[str, Any] = {
        "rows": [{"unit": unit, "coverage": covered[unit.pk]} for unit in units],
        "repairs": open_repairs_beside(case.contact, units=units) if may else [],
        "may_repair": may,
        "case": case,
        "back": back,
    }
    if request.headers.get("HX-Request") == "true":
        return render(request, "portal/desk/_machines.html", context)
    return show(request, "portal/desk/machines.html", context)
