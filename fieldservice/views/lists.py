"""The list of repairs with its filters, and the repairs of one request for the ticket's page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.text import plain_text
from fieldservice import states
from fieldservice.forms import outlet_choices
from fieldservice.queries import Filters, repairs_for, repairs_of_ticket
from fieldservice.views.base import repair_view
from products.models import ProductFamily
from tickets.queries import get_ticket_for
from tickets.views.base import show

PAGE = 30


@require_safe
@repair_view
def repair_list(request: HttpRequest) -> HttpResponse:
    """List and search repairs by number, phone, name, serial or words."""
    names = ("state", "family", "outlet", "waiting", "order")
    given = {name: plain_text(request.GET.get(name, "")[:40], lines=False) for name in names}
    filters = Filters(**{name: value for name, value in given.items() if value})
    search = plain_text(request.GET.get("q", "")[:400], lines=False)[:200]
    rows = repairs_for(request.user, filters=filters, search=search)
    context = {
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "q": search,
        "filters": filters,
        "states": states.CHOICES,
        "waits": states.WAITS_FOR.items(),
        "families": list(ProductFamily.objects.filter(is_active=True)),
        "outlets": outlet_choices(),
    }
    return show(request, "fieldservice/list.html", context)


@require_safe
@repair_view
def of_ticket(request: HttpRequest, reference: str) -> HttpResponse:
    """The repairs that came out of a request, as a part of the ticket's page."""
    ticket = get_ticket_for(request.user, reference)
    return render(request, "fieldservice/_of_ticket.html", {"ticket": ticket, "repairs": list(repairs_of_ticket(ticket))})
