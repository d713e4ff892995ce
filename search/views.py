"""The results page, suggestions as you type, and which result was opened."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from core.errors import LimitReached
from core.guard import limit
from core.visitors import visitor_key
from kb import actions as kb_actions
from products.models import ProductFamily
from search import actions, logbook, presenting, queries
from search.answers import SearchAnswer
from search.markets import market_of

PAGE_SIZE = 10
_LONGEST_TYPED = 10_000
_PLACES = frozenset(map(str, range(1, 201)))
_SEARCHES_BY_ADDRESS = "120/m"
_SUGGESTIONS_BY_ADDRESS = "600/m"
_CLICKS_BY_ADDRESS = "120/m"


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _asked(request: HttpRequest, name: str, most: int) -> str:
    return request.GET.get(name, "").replace("\x00", "")[:most].strip()


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Show a page of results, or what helps when there are none."""
    query = _asked(request, "q", _LONGEST_TYPED)
    product, kind = _known_product(_asked(request, "product", 60)), presenting.known_kind(_asked(request, "type", 20))
    try:
        limit(request, "search", _SEARCHES_BY_ADDRESS)
    except LimitReached as refusal:
        return render(request, "search/results.html", {"query": query, "limited": refusal.message}, status=refusal.status)
    page = request.GET.get("page", "1")
    audience = "staff" if getattr(request.user, "is_staff", False) else "public"
    answer = queries.search(
        query,
        language=_language(),
        product=product or None,
        kind=kind or None,
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 5 else 1,
        page_size=PAGE_SIZE,
        audience=audience,
        exact=request.GET.get("exact") == "1",
        market=partial(market_of, request),
    )
    if query:
        answer.log_id = _note(request, answer, product)
    response = render(request, "search/results.html", _results_context(request, answer, product, kind))
    response["X-Robots-Tag"] = "noindex, follow"
    response["Cache-Control"] = "private, no-store"
    return response


def _known_product(typed: str) -> str:
    """The family's address or model number of a filter; empty for one that does not exist."""
    if not typed or ProductFamily.objects.filter(slug=typed, is_active=True).exists() or queries.is_product(typed):
        return typed
    return ""


def _note(request: HttpRequest, answer: SearchAnswer, product: str) -> str:
    visitor = visitor_key(request)  # the first question of a new visitor belongs to their attempt, too
    session = kb_actions.help_session_for(visitor_key=visitor, user=request.user, language=_language())
    kb_actions.record_query(session, answer.query, found=answer.total)
    shown = [{"key": hit.key, "title": hit.title, "url": hit.url} for hit in answer.hits[:5]]
    kb_actions.record_shown(session, shown, query=answer.query)
    return logbook.note(
        query=answer.query,
        language=_language(),
        total=answer.total if answer.sure else 0,  # editors look for questions without a sure answer
        engine=answer.engine,
        product=product,
        shown=answer.total,
        visitor_key=visitor,
        took_ms=answer.took_ms,
    )


def _results_context(request: HttpRequest, answer: SearchAnswer, product: str, kind: str) -> dict[str, Any]:
    families = {family.slug: family.name for family in ProductFamily.objects.filter(is_active=True)}
    shown = answer.query[:200]
    cards = presenting.code_cards(answer, product) if answer.page == 1 else []
    context: dict[str, Any] = {
        "answer": answer,
        "query": shown,
        "product": product,
        "kind": kind,
        "total": presenting.count_words(answer.total, answer.more),
        "elsewhere": presenting.count_words(answer.elsewhere, answer.more_elsewhere),
        "rows": presenting.rows(answer, _language(), above=[card["key"] for card in cards]),
        "links": presenting.links(answer, request.GET, shown),
        "code_cards": cards,
        **presenting.filters(answer, request.GET, product, kind, families),
        "product_name": families.get(product, product),
        "page_obj": Paginator(range(min(answer.total, answer.pages * PAGE_SIZE)), PAGE_SIZE).get_page(answer.page),
        **presenting.ways_to_ask(shown, product, is_family=product in families),
    }
    if not (answer.hits and answer.sure):
        context["families"] = ProductFamily.objects.filter(is_active=True).select_related("picture")
        context["popular"] = queries.popular(language=_language(), product=product or None, market=partial(market_of, request))
    return context


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Suggest while a question is typed: HTML for the panel, JSON when asked for."""
    query = _asked(request, "q", _LONGEST_TYPED)
    product = _asked(request, "product", 60)
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        limit(request, "suggest", _SUGGESTIONS_BY_ADDRESS)
        answer = queries.suggest(query, language=_language(), product=product or None, market=partial(market_of, request))
    except LimitReached as refusal:
        return JsonResponse({"error": str(refusal.message)}, status=refusal.status)
    response: HttpResponse
    if wants_json:
        response = JsonResponse(answer.as_json(), json_dumps_params={"ensure_ascii": False})
    else:
        asked = {"q": query[:200], **({"product": product} if product else {})}
        context = {
            "groups": presenting.suggestion_groups(answer, _language()),
            "query": query[:60],
            "too_short": answer.too_short,
            "results_url": f"{reverse('search:results')}?{urlencode(asked)}" if not answer.too_short else "",
        }
        response = render(request, "components/suggestions.html", context)
    patch_vary_headers(response, ["Accept", "Accept-Language", "Cookie"])
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, max-age=30"
    return response


@require_POST
def click(request: HttpRequest) -> HttpResponse:
    """Take the sign that a result was opened; 204 whatever happens, since nobody waits for it."""
    try:
        limit(request, "search-click", _CLICKS_BY_ADDRESS)
        rank = request.POST.get("rank", "")
        actions.record_click(
            reference=str(UUID(request.POST.get("search", ""))),
            key=request.POST.get("key", "").replace("\x00", ""),
            rank=int(rank) if rank in _PLACES else None,
        )
    except (ValueError, LimitReached):
        pass
    return HttpResponse(status=204)
