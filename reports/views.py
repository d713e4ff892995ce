"""The reports for managers of the desk: figures, tables, the rows behind every number, CSV."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from core.i18n import LANGUAGES
from kb.ledger_queries import brief_of, ledger_summary
from kb.models import HelpSession
from products.models import ProductFamily
from reports import periods
from reports.definitions import DEFINITIONS
from reports.filters import Filters, filters_from
from reports.permissions import reads_reports
from reports.queries import attempts as attempt_queries
from reports.queries.contacts import case_url, contact_rows, contacts_narrowed, list_contacts
from reports.queries.figures import OFFERS, effect_of_suggestions, key_figures
from reports.queries.gaps import GAP_TABLES, channel_name, contact_drivers, searches, votes
from reports.queries.rows import attempt_rows, with_events
from reports.queries.tables import ATTEMPT_TABLES, LANGUAGE_NAMES, by_time
from reports.tables import csv_text
from tickets.views.base import desk_view, show

TABLES: dict[str, Any] = {**ATTEMPT_TABLES, **GAP_TABLES}
PAGE, TOP, LATEST = 50, 8, 6
OWN = frozenset({"days", "from", "to", "family", "language", "entry", "page"})  # what the filters of a page write into its address


def manager_view(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let managers in: strangers are sent to the sign-in, the rest of the desk gets 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not reads_reports(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return desk_view(guarded)


def _given(request: HttpRequest) -> dict[str, str]:
    """The parameters of the address, without what no database takes."""
    return {name: value.replace("\x00", "")[:200] for name, value in request.GET.items()}


def _filters(request: HttpRequest) -> Filters:
    return filters_from(_given(request), now=timezone.now(), zone=timezone.get_current_timezone())


def _show(request: HttpRequest, template: str, filters: Filters, **context: Any) -> HttpResponse:
    shared = {
        "filters": filters,
        "days_choices": periods.CHOICES,
        "families": ProductFamily.objects.filter(is_active=True),
        "languages_choices": [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        "entries": HelpSession.Channel.choices,
        "kept": [(name, value) for name, value in request.GET.items() if name not in OWN],
    }
    return show(request, template, {**shared, **context})


@require_safe
@manager_view
def self_service(request: HttpRequest) -> HttpResponse:
    """Show the report of self-service: figures, failed deflections, drivers, gaps, tables."""
    filters = _filters(request)
    figures = key_figures(filters)
    failed = attempt_queries.narrowed(attempt_queries.attempts(filters), {"outcome": "failed"})
    context = {
        "figures": {**figures, "offers": [figures[key] for key in OFFERS]},
        "effect": effect_of_suggestions(filters),
        "time": by_time(filters),
        "failed": attempt_rows(with_events(failed).order_by("-contact_at")[:LATEST]),
        "drivers": contact_drivers(filters),
        "gaps": [GAP_TABLES[key](filters) for key in ("unanswered", "unhelpful", "unaided")],
        "tables": [ATTEMPT_TABLES[key](filters) for key in ("article", "step", "query", "product", "language", "channel")],
        "top": TOP,
    }
    return _show(request, "reports/self_service.html", filters, **context)


@require_safe
@manager_view
def table(request: HttpRequest, key: str) -> HttpResponse:
    """Show one table whole, or send it as CSV."""
    if key not in TABLES:
        raise Http404
    filters = _filters(request)
    made = TABLES[key](filters)
    if request.GET.get("format") != "csv":
        return _show(request, "reports/table.html", filters, table=made, key=key)
    response = HttpResponse(csv_text(made, total_word=pgettext("report", "Total")), content_type="text/csv; charset=utf-8")
    name = f"{key}-{filters.period.first.isoformat()}-{filters.period.last.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@manager_view
def attempts(request: HttpRequest) -> HttpResponse:
    """List the attempts behind a number."""
    filters = _filters(request)
    found = attempt_queries.narrowed(attempt_queries.attempts(filters), _given(request))
    page = Paginator(with_events(found).order_by("-started_at"), PAGE).get_page(request.GET.get("page"))
    visitors = found.exclude(visitor_key="").order_by().values("visitor_key").distinct().count()
    return _show(request, "reports/attempts.html", filters, page_obj=page, rows=attempt_rows(page.object_list), visitors=visitors)


@require_safe
@manager_view
def attempt(request: HttpRequest, key: str) -> HttpResponse:
    """Show one attempt: what was tried, how it ended, which contact followed."""
    session = get_object_or_404(HelpSession.objects.select_related("model", "family", "code", "problem"), key=key)
    context = {
        "session": session,
        "ledger": ledger_summary(session),
        "brief": brief_of(session),
        "case_url": case_url(session.contact_reference),
        "contact_channel": channel_name(session.contact_channel) if session.contact_channel else "",
    }
    return show(request, "reports/attempt.html", context)


@require_safe
@manager_view
def contacts(request: HttpRequest) -> HttpResponse:
    """List the contacts behind a number."""
    filters = _filters(request)
    page = Paginator(list_contacts(contacts_narrowed(filters, _given(request))), PAGE).get_page(request.GET.get("page"))
    rows = [(row, channel_name(row.channel)) for row in contact_rows(page.object_list)]
    return _show(request, "reports/contacts.html", filters, page_obj=page, rows=rows)


@require_safe
@manager_view
def search_rows(request: HttpRequest) -> HttpResponse:
    """List the searches behind a number."""
    filters = _filters(request)
    found, given = searches(filters), _given(request)
    query, language = given.get("query", ""), given.get("of_language", "")
    found = found.filter(query=query) if query else found
    found = found.filter(language=language) if language else found
    found = found.filter(total=0) if given.get("total") == "0" else found
    page = Paginator(found.order_by("-at"), PAGE).get_page(request.GET.get("page"))
    return _show(request, "reports/searches.html", filters, page_obj=page)


@require_safe
@manager_view
def vote_rows(request: HttpRequest) -> HttpResponse:
    """List the votes behind a number, with what people wrote."""
    filters = _filters(request)
    found, given = votes(filters), _given(request)
    subject, helpful = given.get("subject", ""), given.get("helpful", "")
    found = found.filter(subject_key=subject) if subject else found
    found = found.filter(helpful=helpful == "1") if helpful in {"0", "1"} else found
    page = Paginator(found.order_by("-created_at"), PAGE).get_page(request.GET.get("page"))
    return _show(request, "reports/votes.html", filters, page_obj=page)


@require_safe
@manager_view
def definitions(request: HttpRequest) -> HttpResponse:
    """Show what every figure means."""
    back = request.GET.get("back", "")
    own = reverse("reports:self_service")
    return show(
        request,
        "reports/definitions.html",
        {"definitions": DEFINITIONS.values(), "back": back if back.startswith(own) else own, "back_label": _("Back to the report")},
    )
