"""The first page of the desk, the escalation queue and the list of tickets."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError, InvalidInput
from core.text import plain_text
from tickets import actions
from tickets.models import Escalation, Priority, Queue, Ticket
from tickets.queries import desk_counts, due_soon, get_escalation_for, my_work, notices_for, queue_for, tickets_for
from tickets.queries.lists import QUEUE_VIEWS, Filters
from tickets.views.base import desk_view, show

PAGE = 30


@require_safe
@desk_view
def desk(request: HttpRequest) -> HttpResponse:
    """Show my work, what is due, the teams and my notices."""
    context = {
        "mine": my_work(request.user),
        "due": due_soon(),
        "counts": desk_counts(request.user),
        "notices": notices_for(request.user),
    }
    return show(request, "tickets/overview.html", context)


@require_safe
@desk_view
def queue(request: HttpRequest) -> HttpResponse:
    """Show the open escalations in due order."""
    view = request.GET.get("view", "unclaimed")
    view = view if view in QUEUE_VIEWS else "unclaimed"
    key, kind = request.GET.get("queue", "")[:50], request.GET.get("kind", "")[:12]
    rows = queue_for(request.user, view=view, queue=key, kind=kind).prefetch_related("ticket__help_session__events")
    context = {
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "view": view,
        "queues": list(Queue.objects.all()),
        "queue_key": key,
        "kinds": Escalation.Kind.choices,
        "kind": kind,
    }
    return show(request, "tickets/queue.html", context)


@require_POST
@desk_view
def claim(request: HttpRequest, reference: str) -> HttpResponse:
    """Claim an escalation of a ticket: the winner goes to the ticket, the other is told who was faster."""
    number = request.POST.get("escalation", "")
    escalation = get_escalation_for(request.user, int(number) if number.isdecimal() and len(number) < 18 else 0)
    try:
        if escalation.ticket.reference != reference:
            raise InvalidInput(_("Load the page again and claim once more."))
        actions.claim_escalation(escalation, by=request.user)
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect(f"{reverse('tickets:queue')}?view=unclaimed")
    return redirect("tickets:detail", reference=escalation.ticket.reference)


@require_safe
@desk_view
def ticket_list(request: HttpRequest) -> HttpResponse:
    """List and search tickets by number, phone, name or words."""
    names = ("status", "queue", "priority", "assignee", "language", "channel", "order")
    given = {name: plain_text(request.GET.get(name, "")[:40], lines=False) for name in names}
    filters = Filters(**{name: value for name, value in given.items() if value})
    search = plain_text(request.GET.get("q", "")[:400], lines=False)[:200]
    rows = tickets_for(request.user, filters=filters, search=search)
    context = {
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "q": search,
        "filters": filters,
        "statuses": Ticket.Status.choices,
        "queues": list(Queue.objects.all()),
        "priorities": list(Priority.objects.all()),
    }
    return show(request, "tickets/list.html", context)
